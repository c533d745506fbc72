import { existsSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import path from 'node:path';
import { typescriptProjectOf } from './typescript-settings';

/** What TypeScript lets the extension of an import stand for. */
const SOURCES: Readonly<Record<string, string>> = { '.js': '.ts', '.mjs': '.mts', '.cjs': '.cts' };

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs', '.json'];

/**
 * The file that an import in TypeScript stands for where Node would not find it: an alias of tsconfig.json, a `.js`
 * that is still a `.ts`, or a name without extension.
 *
 * @param importer the TypeScript file that has the import
 * @returns an absolute path; undefined where Node finds what there is
 */
export function resolveTypeScript(specifier: string, importer: string): string | undefined {
  if (/^\.{1,2}(\/|$)/.test(specifier) || path.isAbsolute(specifier))
    return findSource(path.resolve(path.dirname(importer), specifier));
  if (specifier.startsWith('#') || isBuiltin(specifier)) return undefined;
  const { aliases, isAlias } = typescriptProjectOf(importer);
  const candidates = aliases(specifier);
  // A folder of the project may have a package's name; to `baseUrl` and the alias `*` everything is a candidate.
  if (candidates.length === 0 || (!isAlias(specifier) && isInstalled(specifier, importer)))
    return undefined;
  for (const candidate of candidates) {
    const found = findSource(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a node_modules at the importing file or above it has the package. */
function isInstalled(specifier: string, importer: string): boolean {
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier;
  for (let folder = path.dirname(importer); ; folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'node_modules', name))) return true;
    if (folder === path.dirname(folder)) return false;
  }
}

function findSource(base: string): string | undefined {
  const extension = path.extname(base);
  const source = SOURCES[extension];
  const candidates = [
    ...(source === undefined ? [] : [`${base.slice(0, -extension.length)}${source}`]),
    base,
    ...EXTENSIONS.map((each) => `${base}${each}`),
    ...EXTENSIONS.map((each) => path.join(base, `index${each}`)),
  ];
  return candidates.find((file) => statSync(file, { throwIfNoEntry: false })?.isFile());
}
