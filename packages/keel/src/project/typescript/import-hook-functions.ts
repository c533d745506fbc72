import type {
  LoadFnOutput,
  LoadHookContext,
  ResolveFnOutput,
  ResolveHookContext,
} from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { isEsModule } from '../is-es-module';
import { readCompiled } from './compile-cache';
import { isTypeScript } from './is-typescript';
import { withMap } from './map-stack-traces';
import { resolveTypeScript } from './resolve-typescript';

/** What a hook hands on: a promise in the thread of the hooks, a value where they run in the program's own. */
type Result<T> = T | Promise<T>;
type Next<T, Context> = (name: string, context?: Context) => Result<T>;

/** Node's hook for the name in an import. */
export function resolve(
  specifier: string,
  context: ResolveHookContext,
  next: Next<ResolveFnOutput, ResolveHookContext>,
): Result<ResolveFnOutput> {
  const importer = isRequired(context) ? undefined : typescriptFile(context.parentURL);
  const found = importer === undefined ? undefined : resolveTypeScript(specifier, importer);
  return next(found === undefined ? specifier : pathToFileURL(found).href, context);
}

/** Node's hook for the text of a module. */
export function load(
  url: string,
  context: LoadHookContext,
  next: Next<LoadFnOutput, LoadHookContext>,
): Result<LoadFnOutput> {
  const file = typescriptFile(url);
  if (file === undefined || isRequired(context)) return next(url, context);
  const source = isEsModule(file)
    ? withMap(file, readCompiled(file, 'module'))
    : importRequired(file, readCompiled(file, 'commonjs').code);
  return { format: 'module', source, shortCircuit: true };
}

/** Hooks in the thread of the program are asked for what is required, too, which the hook of `require` sees to. */
function isRequired({ conditions }: { readonly conditions?: readonly string[] }): boolean {
  return conditions?.includes('require') === true;
}

function typescriptFile(url: string | undefined): string | undefined {
  if (!url?.startsWith('file:')) return undefined;
  const file = fileURLToPath(url);
  return isTypeScript(file) ? file : undefined;
}

/** An ES module for a CommonJS file, so that it is loaded once, whether it is required or imported. */
function importRequired(file: string, code: string): string {
  const exported = /^(?: {4}get (\w+) \(\)|Object\.defineProperty\(exports, "(\w+)", \{)/gm;
  const names = [...code.matchAll(exported)].map(([, one, other]) => one ?? other ?? '');
  const own = names.filter((name) => name !== 'default' && name !== '__esModule');
  return [
    `import { createRequire } from 'node:module';`,
    `const exported = createRequire(import.meta.url)(${JSON.stringify(file)});`,
    'export default exported;',
    ...[...new Set(own)].map(
      (name, i) => `const e${i} = exported.${name};\nexport { e${i} as ${name} };`,
    ),
  ].join('\n');
}
