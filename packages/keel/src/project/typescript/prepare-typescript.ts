import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { isEsModule } from '../is-es-module';
import { registerImportHook } from './import-hook';
import { registerRequireHook } from './require-hook';

/** How a TypeScript file is to be loaded once its loader is there. */
export type LoadMode = 'require' | 'import';

/** Lets an ES module in JavaScript import the TypeScript of its project. */
export function prepareImports(file: string): void {
  if (!hasOtherImportHook() && hasTypeScript(path.dirname(file))) registerImportHook();
}

function hasTypeScript(folder: string): boolean {
  if (existsSync(path.join(folder, 'tsconfig.json'))) return true;
  const parent = path.dirname(folder);
  return parent !== folder && hasTypeScript(parent);
}

/** Makes sure that a TypeScript file can be loaded: by the loader that the project has registered, else by keel's. */
export function prepareTypeScript(file: string): LoadMode {
  registerRequireHook();
  if (!isEsModule(file)) return 'require';
  if (!hasOtherImportHook()) registerImportHook();
  return 'import';
}

const LOADERS =
  /\b(tsx|ts-node|ts-node-maintained|swc|swc-node|esbuild|oxc|jiti|babel|sucrase|amaro)\b/;

/** Node does not tell which hooks `import` has: by the flags of this process, and what was loaded to register one. */
function hasOtherImportHook(): boolean {
  const flags = `${process.env.NODE_OPTIONS ?? ''} ${process.execArgv.join(' ')}`;
  const given = /--(?:import|loader|experimental-loader)(?:=|\s+)("[^"]+"|\S+)/g;
  return (
    [...flags.matchAll(given)].some(([, name = '']) => isLoader(name.replaceAll('"', ''))) ||
    Object.keys(require.cache).some((file) =>
      /[\\/](tsx[\\/]dist|@swc-node[\\/]register)[\\/]esm/.test(file),
    )
  );
}

/** A package of that name, or a file of the project that mentions one. */
function isLoader(name: string): boolean {
  if (LOADERS.test(name)) return true;
  try {
    return LOADERS.test(readFileSync(path.resolve(name.replace(/^file:\/\//, '')), 'utf8'));
  } catch {
    return false;
  }
}
