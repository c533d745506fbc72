import { statSync } from 'node:fs';
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
  for (const candidate of typescriptProjectOf(importer).aliases(specifier)) {
    const found = findSource(candidate);
    if (found !== undefined) return found;
  }
  return undefined;
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
