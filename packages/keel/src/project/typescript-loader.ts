import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { extensions, registerWithCache } from './compile-cache';
import type { ExtensionHook } from './compile-cache';
import { isEsModule } from './module-kind';

/** How a TypeScript file is to be loaded once its loader is there. */
export type LoadMode = 'require' | 'import';

let registered: LoadMode | undefined;

/**
 * Makes sure that TypeScript files of a project can be loaded: by the loader that is registered
 * already (`.sequelizerc`, NODE_OPTIONS), else by the one that the project has installed.
 *
 * @throws KeelError `NO_TYPESCRIPT_LOADER` where the project has none
 */
export async function prepareTypeScript(file: string, root: string): Promise<LoadMode> {
  if (isEsModule(file)) return prepareEsm(root, file);
  if (registerTypeScript(root) || stripsTypes()) return 'require';
  throw noLoader(file);
}

/** Registers a loader for `require` where there is none yet; returns false where the project has none. */
export function registerTypeScript(root: string): boolean {
  if (registered === 'require' || hookRegistered()) return true;
  if (!registerCommonJs(root)) return false;
  registered = 'require';
  return true;
}

async function prepareEsm(root: string, file: string): Promise<LoadMode> {
  if (stripsTypes() || /--(import|loader|experimental-loader)\b/.test(nodeFlags())) return 'import';
  if (registered) return registered;
  const tsx = resolveFrom(root, 'tsx/esm/api');
  if (tsx) {
    const api = (await import(pathToFileURL(tsx).href)) as { register(): unknown };
    api.register();
    registered = 'import';
  } else if (registerTranspiler(root)) {
    registered = 'require';
  } else {
    throw noLoader(file);
  }
  return registered;
}

function stripsTypes(): boolean {
  return Boolean((process.features as { typescript?: unknown }).typescript);
}

function nodeFlags(): string {
  return `${process.env.NODE_OPTIONS ?? ''} ${process.execArgv.join(' ')}`;
}

function hookRegistered(): boolean {
  if (!extensions['.ts']) return false;
  // From 22.18 on Node has a hook of its own, which knows neither enums nor decorators.
  return !stripsTypes() || /ts-node|tsx|swc|esbuild|sucrase/.test(nodeFlags());
}

/** TypeScript's complaints about options that do not go together, which do not matter for a file by itself. */
const OPTION_DIAGNOSTICS = [
  5011, 5052, 5053, 5069, 5070, 5071, 5090, 5095, 5098, 5101, 5102, 5103, 5107, 5109, 5110,
];

function registerCommonJs(root: string): boolean {
  const tsNode = resolveFrom(root, 'ts-node');
  if (tsNode) {
    registerWithCache(root, tsNode, () => {
      registerTsNode(root, tsNode);
    });
    return true;
  }
  const hooks = ['tsx/cjs', '@swc-node/register', 'esbuild-register', 'sucrase/register'];
  for (const name of hooks) {
    const hook = resolveFrom(root, name);
    if (!hook) continue;
    createRequire(hook)(hook);
    return true;
  }
  return registerTranspiler(root);
}

function registerTsNode(root: string, tsNode: string): void {
  const { register } = createRequire(tsNode)(tsNode) as {
    register(this: void, options: object): void;
  };
  register({
    transpileOnly: true,
    cwd: root,
    // A tsconfig made for a bundler says `module: esnext`, which require() cannot run.
    compilerOptions: { module: 'commonjs' },
    ignoreDiagnostics: OPTION_DIAGNOSTICS,
  });
}

interface Compiler {
  transpileModule(
    source: string,
    options: { fileName: string; compilerOptions: object },
  ): { outputText: string };
  ModuleKind: { CommonJS: number };
  ScriptTarget: { ES2022: number };
}

/** A loader out of the project's own `typescript`, for a project that has nothing else. */
function registerTranspiler(root: string): boolean {
  const compilerPath = resolveFrom(root, 'typescript');
  if (!compilerPath) return false;
  const compiler = createRequire(compilerPath)(compilerPath) as Partial<Compiler>;
  if (!compiler.transpileModule || !compiler.ModuleKind || !compiler.ScriptTarget) return false;
  const { transpileModule } = compiler;
  const compilerOptions = {
    module: compiler.ModuleKind.CommonJS,
    target: compiler.ScriptTarget.ES2022,
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    inlineSourceMap: true,
  };
  const hook: ExtensionHook = (module, fileName) => {
    const { outputText } = transpileModule(readFileSync(fileName, 'utf8'), {
      fileName,
      compilerOptions,
    });
    (module as unknown as { _compile(code: string, file: string): void })._compile(
      outputText,
      fileName,
    );
  };
  for (const extension of ['.ts', '.cts', '.mts']) extensions[extension] = hook;
  return true;
}

function resolveFrom(root: string, name: string): string | undefined {
  try {
    return createRequire(path.join(root, 'noop.js')).resolve(name);
  } catch {
    return undefined;
  }
}

function noLoader(file: string): KeelError {
  return new KeelError(`${file} is TypeScript and this project has nothing installed to run it.`, {
    code: 'NO_TYPESCRIPT_LOADER',
    state: NOTHING_CHANGED,
    hint: 'Run: npm install --save-dev ts-node typescript (or tsx).',
  });
}
