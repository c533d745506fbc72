import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import Module, { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { defaultExport } from './load-module';
import type { ProjectFlags } from './project-flags';
import { loaderFailure } from './typescript/loader-failure';

/**
 * Reads `.sequelizerc`: a JavaScript file (CommonJS, whatever the package's type, or an ES module)
 * or JSON, whose side effects (dotenv, a TypeScript loader) are wanted.
 *
 * @returns the options with camelCase names; empty where there is no such file
 * @throws KeelError `RC_NOT_FOUND` for an `--options-path` that is not there, `RC_FAILED` where the file throws
 */
export async function readRcFile(
  root: string,
  optionsPath: string | undefined,
): Promise<ProjectFlags> {
  const file = path.resolve(root, optionsPath ?? '.sequelizerc');
  if (!existsSync(file)) {
    if (optionsPath === undefined) return {};
    throw new KeelError(`The options file ${file} does not exist.`, {
      code: 'RC_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: 'Check --options-path.',
    });
  }
  try {
    return normalise(defaultExport(await loadRc(file)));
  } catch (error) {
    const known = isKeelError(error) ? error : loaderFailure(error, file);
    if (known) throw known;
    throw new KeelError(`${file} could not be loaded: ${maskSecrets(messageOf(error))}`, {
      code: 'RC_FAILED',
      state: NOTHING_CHANGED,
      cause: error,
    });
  }
}

async function loadRc(file: string): Promise<unknown> {
  const source = readFileSync(file, 'utf8').replace(/^\uFEFF|^#!.*/, '');
  if (source.trimStart().startsWith('{')) return JSON.parse(source);
  if (/\.m[jt]s$/.test(file)) return import(pathToFileURL(file).href);
  try {
    return compileCommonJs(file, source);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The file has no extension, so Node would take ES syntax for CommonJS: hand it over by content.
    return importSource(file, source);
  }
}

/** Compiled by hand because `require` refuses a file without extension in a package of type `module`. */
function compileCommonJs(file: string, source: string): unknown {
  const module = new Module(file);
  module.filename = file;
  module.paths = (
    Module as unknown as { _nodeModulePaths(from: string): string[] }
  )._nodeModulePaths(path.dirname(file));
  (module as unknown as { _compile(code: string, file: string): void })._compile(source, file);
  return module.exports;
}

async function importSource(file: string, source: string): Promise<unknown> {
  const base = pathToFileURL(file).href;
  const require = createRequire(file);
  // A data: URL has no folder, so every import is resolved here and written as an absolute URL.
  const absolute = source
    .replace(
      /(\bfrom\s*|\bimport\s*)(['"])([^'"]+)\2/g,
      (_, head: string, quote: string, name: string) => {
        return `${head}${quote}${resolveImport(name, base, require)}${quote}`;
      },
    )
    .replace(/\bimport\.meta\.url\b/g, JSON.stringify(base))
    .replace(/\bimport\.meta\.dirname\b/g, JSON.stringify(path.dirname(file)))
    .replace(/\bimport\.meta\.filename\b/g, JSON.stringify(file));
  return import(`data:text/javascript,${encodeURIComponent(absolute)}`);
}

function resolveImport(name: string, base: string, require: NodeJS.Require): string {
  if (name.startsWith('node:') || Module.isBuiltin(name)) return name;
  if (/^\.{0,2}\//.test(name)) return new URL(name, base).href;
  return pathToFileURL(require.resolve(name)).href;
}

/** What must be text. Options of other programs may be anything. */
const TEXTS = ['env', 'config', 'url', 'migrationsPath', 'seedersPath', 'modelsPath'];

function normalise(exported: unknown): ProjectFlags {
  if (typeof exported !== 'object' || exported === null) return {};
  const options: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(exported)) {
    // sequelize-cli takes an empty path for "not given".
    if (value === undefined || value === null || value === '') continue;
    const name = key.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (TEXTS.includes(name) && typeof value !== 'string')
      throw new Error(`"${key}" is no text, but ${inspect(value, { depth: 0 })}`);
    options[name] = value;
  }
  return options;
}
