import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { isEsModule } from './is-es-module';
import { isTypeScript } from './typescript/is-typescript';
import type { LoadMode } from './typescript/prepare-typescript';

const requires = new Map<string, NodeJS.Require>();

/** A `require` that resolves as if from a file of the folder, so that the project's own copies are found. */
export function requireFrom(folder: string): NodeJS.Require {
  const known = requires.get(folder) ?? createRequire(path.join(folder, 'noop.js'));
  requires.set(folder, known);
  return known;
}

/** How to load a module. */
export interface LoadOptions {
  /** Load it once more, although it is loaded; what it loads itself is not loaded again. */
  readonly afresh?: boolean;
}

let loads = 0;

/**
 * Loads a module in whatever form the project writes it: JSON, CommonJS, ES module, or TypeScript.
 *
 * @param file absolute path
 * @returns the module's exports; of an ES module the namespace
 * @throws whatever the module throws while loading; KeelError `TYPESCRIPT_LOADER_FAILED` for a loader of the project
 */
export async function loadModule(
  file: string,
  { afresh = false }: LoadOptions = {},
): Promise<unknown> {
  if (file.endsWith('.json')) return parseJson(file);
  if (afresh) Reflect.deleteProperty(requireFrom(path.dirname(file)).cache, file);
  try {
    return await loadCode(file, afresh ? `?again=${(loads += 1)}` : '');
  } catch (error) {
    const { loaderFailure } =
      require('./typescript/loader-failure') as typeof import('./typescript/loader-failure');
    throw loaderFailure(error, file) ?? error;
  }
}

/** @param query makes another module of it to `import`, which keeps each URL that it has loaded */
async function loadCode(file: string, query: string): Promise<unknown> {
  const typescript = isTypeScript(file);
  const mode = typescript ? prepareLoader(file) : isEsModule(file) ? 'import' : 'require';
  if (mode === 'import') {
    if (!typescript) {
      const { prepareImports } =
        require('./typescript/prepare-typescript') as typeof import('./typescript/prepare-typescript');
      prepareImports(file);
    }
    return import(`${fileUrl(file)}${query}`);
  }
  try {
    return requireFrom(path.dirname(file))(file) as unknown;
  } catch (error) {
    // ES syntax in a file that its name and package.json call CommonJS, as bundlers tolerate it.
    if (!typescript && looksLikeEsModule(error)) return import(`${fileUrl(file)}${query}`);
    throw typescript && hasOuterAwait(error) ? new SyntaxError(OUTER_AWAIT) : error;
  }
}

/** Late, as a project in plain JavaScript needs none of it. */
function prepareLoader(file: string): LoadMode {
  const { prepareTypeScript } =
    require('./typescript/prepare-typescript') as typeof import('./typescript/prepare-typescript');
  return prepareTypeScript(file);
}

/** The default export where there is one, as both ES modules and compiled TypeScript have it. */
export function defaultExport(exported: unknown): unknown {
  let value = exported;
  // An ES module that imports compiled TypeScript has its default export one level further down.
  for (let depth = 0; depth < 2; depth += 1) {
    if (typeof value !== 'object' || value === null || !('default' in value)) break;
    value = value.default;
  }
  return value;
}

function parseJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new KeelError(`${file} is not valid JSON: ${messageOf(error)}.`, {
      code: 'INVALID_JSON',
      state: NOTHING_CHANGED,
      cause: error,
    });
  }
}

function fileUrl(file: string): string {
  return pathToFileURL(file).href;
}

const OUTER_AWAIT =
  'It, or a file that it loads, has "await" outside of functions, which only ES modules may have: ' +
  'name such a file .mts and import it with import(), or say "type": "module" in package.json.';

function hasOuterAwait(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'ERR_REQUIRE_ASYNC_MODULE' || messageOf(error).includes('await is only valid');
}

/** A module may throw anything, null among it. */
function codeOf(thrown: unknown): string | undefined {
  return (thrown as NodeJS.ErrnoException | null | undefined)?.code;
}

function looksLikeEsModule(error: unknown): boolean {
  const code = codeOf(error);
  if (code === 'ERR_REQUIRE_ESM' || code === 'ERR_REQUIRE_ASYNC_MODULE') return true;
  return (
    error instanceof SyntaxError &&
    /Cannot use import statement|Unexpected token 'export'|import\.meta/.test(error.message)
  );
}
