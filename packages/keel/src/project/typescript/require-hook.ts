import { readFileSync } from 'node:fs';
import Module from 'node:module';
import { isTypeScript } from './is-typescript';

type ExtensionHook = (module: Module, file: string) => void;
type Compiling = Module & { _compile(this: Module, code: string, file: string): void };
type Resolve = (this: unknown, request: string, parent?: Module, ...rest: unknown[]) => string;

/** What every loader of CommonJS hooks into. Node has no other place for it before version 22. */
const internals = Module as unknown as {
  readonly _extensions: Record<string, ExtensionHook | undefined>;
  _resolveFilename: Resolve;
};

const EXTENSIONS = ['.ts', '.mts', '.cts'];

/** Lets `require` load TypeScript, by keel's own loader unless the project has registered one. */
export function registerRequireHook(): void {
  if (internals._extensions['.ts'] !== undefined) return;
  for (const extension of EXTENSIONS) internals._extensions[extension] = load;
  const resolve = internals._resolveFilename;
  internals._resolveFilename = function (request, parent, ...rest) {
    const importer = parent?.filename;
    const found =
      importer && isTypeScript(importer) ? fromTypeScript(request, importer) : undefined;
    return resolve.call(this, found ?? request, parent, ...rest);
  };
}

function fromTypeScript(request: string, importer: string): string | undefined {
  const { resolveTypeScript } =
    require('./resolve-typescript') as typeof import('./resolve-typescript');
  return resolveTypeScript(request, importer);
}

/** Loads the rest of the loader as well: a project in JavaScript needs none of it. */
function load(module: Module, file: string): void {
  const compiling = module as Compiling;
  if (Object.hasOwn(module, '_compile')) {
    // A loader that was registered later called us for the text, which it compiles itself.
    compiling._compile(readFileSync(file, 'utf8'), file);
    return;
  }
  const { readCompiled } = require('./compile-cache') as typeof import('./compile-cache');
  const { mapStackTraces, withMap } =
    require('./map-stack-traces') as typeof import('./map-stack-traces');
  const compiled = readCompiled(file, 'commonjs');
  if (/\bimport\(/.test(compiled.code)) {
    const { registerImportHook } = require('./import-hook') as typeof import('./import-hook');
    registerImportHook();
  }
  mapStackTraces(file);
  compiling._compile(withMap(file, compiled), file);
}
