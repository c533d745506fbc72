import Module from 'node:module';

/**
 * Umzug without its command line, which keel does not use: it loads 157 files, and takes four fifths of the time that all
 * of Umzug takes. Whoever asks for it gets it then.
 */
export function loadUmzug(): typeof import('umzug') {
  const file = resolved('umzug/lib/cli');
  if (file === undefined || require.cache[file]) return require('umzug') as typeof import('umzug');
  const late = new Module(file);
  const load = (): unknown => (require(file) as typeof import('umzug')).UmzugCLI;
  late.exports = Object.defineProperty({ __esModule: true }, 'UmzugCLI', {
    enumerable: true,
    get: load,
  });
  require.cache[file] = late;
  try {
    return require('umzug') as typeof import('umzug');
  } finally {
    Reflect.deleteProperty(require.cache, file);
  }
}

/** Another version of Umzug may have its files elsewhere. */
function resolved(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
