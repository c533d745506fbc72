import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { ModuleStyle } from '../codegen/migration-module';
import { isEsModule, nearestManifest } from '../project/is-es-module';
import { typescriptProjectOf } from '../project/typescript/typescript-settings';

/** How a new file of a folder is to be written. */
export interface FileStyle extends ModuleStyle {
  /** Without the dot, for example `js` or `cts`. */
  readonly extension: string;
  /** Whether the types of Node are installed, which TypeScript 6 takes only where a file or tsconfig.json names them. */
  readonly hasNodeTypes?: boolean;
  /** Whether Node runs the file as an ES module, so that it has no `require` and no `__dirname`. */
  readonly esModule: boolean;
}

const SOURCE_FILE = /^(?!.*\.(d|test|spec)\.[cm]?[jt]s$).*\.([cm]?[jt]s)$/;
const LOADERS = ['typescript', 'ts-node', 'tsx', '@swc-node/register', 'esbuild-register'];

/**
 * Tells the style of a folder: that of its last file, in the order of names; where it has none, TypeScript if
 * the project is TypeScript (a tsconfig.json, and the compiler or a loader in a package.json), else JavaScript.
 *
 * @param folder absolute; it need not exist
 * @param root the project's folder
 * @param asked the extension of another language than the folder shows
 */
export function readFileStyle(folder: string, root: string, asked?: 'ts' | 'js'): FileStyle {
  const found = lastSourceFile(folder);
  const last = asked === undefined || found?.endsWith(asked) === true ? found : undefined;
  const usual = asked ?? ([folder, root].some(isTypeScriptProject) ? 'ts' : 'js');
  const extension = last === undefined ? usual : path.extname(last).slice(1);
  const esModule = isEsModule(path.join(folder, `new.${extension}`));
  const isInstalled = (name: string): boolean => resolves(folder, name);
  if (extension.endsWith('ts')) {
    const file = path.join(folder, `new.${extension}`);
    return {
      language: 'typescript',
      extension,
      esModule,
      typesFrom: isInstalled('sequelize-keel') ? 'sequelize-keel' : undefined,
      hasNodeTypes: isInstalled('@types/node'),
      requires: !esModule && requiresSyntaxOfCommonJs(file),
    };
  }
  const module = esModule || (last !== undefined && hasExport(path.join(folder, last)));
  const typesFrom = (['sequelize-keel', 'sequelize-cli'] as const).find(isInstalled);
  return { language: module ? 'esm' : 'commonjs', extension, esModule, typesFrom };
}

/** A keel that is installed globally has no types for the project. */
function resolves(folder: string, name: string): boolean {
  try {
    createRequire(path.join(folder, 'new.js')).resolve(`${name}/package.json`);
    return true;
  } catch {
    return false;
  }
}

/** Whether TypeScript refuses `import` and `export` in a CommonJS file (error 1286). */
function requiresSyntaxOfCommonJs(file: string): boolean {
  const { settings, module } = typescriptProjectOf(file);
  return settings.keepImports && /^(node|commonjs)/.test(module);
}

/** Numbered files, where there are any: a helper beside migrations may be in another language. */
function lastSourceFile(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  const names = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && SOURCE_FILE.test(entry.name))
    .map(({ name }) => name)
    .sort();
  return names.filter((name) => /^\d/.test(name)).at(-1) ?? names.at(-1);
}

/** Whether a file that Node takes for CommonJS has ES syntax all the same, for Babel or another loader. */
function hasExport(file: string): boolean {
  return /^export\s/m.test(readFileSync(file, 'utf8'));
}

/** By what stands at the folder or above it: in a monorepo, both may be in the folder of all. */
function isTypeScriptProject(folder: string): boolean {
  const folders = foldersUpwards(folder);
  return (
    folders.some((each) => existsSync(path.join(each, 'tsconfig.json'))) &&
    folders.some((each) => {
      const { dependencies, devDependencies } = nearestManifest(each) ?? {};
      return LOADERS.some((name) => name in { ...dependencies, ...devDependencies });
    })
  );
}

/** Up to the repository's top level. */
function foldersUpwards(folder: string): string[] {
  const parent = path.dirname(folder);
  if (parent === folder || existsSync(path.join(folder, '.git'))) return [folder];
  return [folder, ...foldersUpwards(parent)];
}
