import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { extensions, registerWithCache } from './compile-cache';
import type { ExtensionHook } from './compile-cache';
import { isEsModule } from './is-es-module';

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
  throw noLoader(file, root);
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
  const tsx = resolveImport(root, 'tsx', './esm/api');
  if (tsx) {
    const api = (await import(pathToFileURL(tsx).href)) as { register(): unknown };
    api.register();
    registered = 'import';
  } else if (registerTranspiler(root)) {
    registered = 'require';
  } else {
    throw noLoader(file, root);
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
  if (tsNode && !lacksCompiler(root, tsNode)) {
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

/**
 * Whether the `typescript` that ts-node would find is version 7 or later, which is a program and has no compiler to
 * be called: `require('typescript')` gives its version and nothing else.
 */
function lacksCompiler(root: string, tsNode: string): boolean {
  const manifest =
    resolveFrom(root, 'typescript/package.json') ??
    resolveFrom(path.dirname(tsNode), 'typescript/package.json');
  return manifest !== undefined && Number.parseInt(readManifest(manifest).version ?? '', 10) >= 7;
}

interface Manifest {
  readonly version?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
}

function readManifest(file: string): Manifest {
  return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
}

/** The file that `import` takes for an entry of a package; `require.resolve` gives that for `require`, another one. */
function resolveImport(root: string, name: string, entry: string): string | undefined {
  const manifest = resolveFrom(root, `${name}/package.json`);
  if (manifest === undefined) return undefined;
  const target = importTarget(readManifest(manifest).exports?.[entry]);
  return target === undefined ? undefined : path.join(path.dirname(manifest), target);
}

function importTarget(entry: unknown): string | undefined {
  if (typeof entry === 'string') return entry;
  if (typeof entry !== 'object' || entry === null) return undefined;
  const conditions = entry as Readonly<Record<string, unknown>>;
  return importTarget(conditions.import ?? conditions.node ?? conditions.default);
}

function noLoader(file: string, root: string): KeelError {
  const tsNode = resolveFrom(root, 'ts-node');
  const useless = tsNode !== undefined && lacksCompiler(root, tsNode);
  return new KeelError(
    useless
      ? `${file} is TypeScript, and ts-node cannot use the TypeScript of this project: version 7 has no compiler to be called.`
      : `${file} is TypeScript and this project has nothing installed to run it.`,
    {
      code: 'NO_TYPESCRIPT_LOADER',
      state: NOTHING_CHANGED,
      hint: `Run: npm install --save-dev tsx${useless ? ' (or typescript@5)' : ''}`,
    },
  );
}
