import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { loadModule } from '../project/load-module';
import type { ProjectPaths } from '../project/project';
import { faultOf, ok, type DoctorFinding } from './doctor-finding';
import { packageVersion } from './examine-versions';

const LOADERS =
  /[\\/]node_modules[\\/](ts-node|tsx|@swc-node[\\/]register|esbuild-register|sucrase)[\\/]/;

/**
 * Which loader runs the project's TypeScript, tried on its last migration; nothing where it has none.
 *
 * @param configPath the config, where it is known
 */
export async function examineTypeScript(
  paths: ProjectPaths,
  configPath: string | undefined,
): Promise<DoctorFinding[]> {
  const last = lastTypeScript(paths.migrations);
  const isUsed = last !== undefined || /\.[cm]?ts$/.test(configPath ?? '');
  if (!isUsed && lastTypeScript(paths.models) === undefined) return [];
  const loader = registeredLoader();
  const typescript = packageVersion(paths.root, 'typescript');
  const version = typescript === undefined ? '' : `; typescript ${typescript} is installed`;
  if (last !== undefined) {
    try {
      await loadModule(path.join(paths.migrations, last));
    } catch (error) {
      return [faultOf('typescript', error)];
    }
  }
  return [ok('typescript', `loaded by ${loader ?? "keel's own loader"}${version}`)];
}

function lastTypeScript(folder: string): string | undefined {
  if (!existsSync(folder)) return undefined;
  return readdirSync(folder)
    .filter((name) => /(?<!\.d)\.[cm]?ts$/.test(name))
    .sort()
    .at(-1);
}

/** What the project has registered for TypeScript: by NODE_OPTIONS, or by code such as `.sequelizerc`. */
function registeredLoader(): string | undefined {
  const flags = `${process.env.NODE_OPTIONS ?? ''} ${process.execArgv.join(' ')}`;
  const byFlag =
    /(?:--(?:import|require|loader|experimental-loader)|-r)[ =](\S*(?:ts|swc|esbuild|sucrase)\S*)/.exec(
      flags,
    );
  if (byFlag?.[1] !== undefined) return `${byFlag[1]} (NODE_OPTIONS)`;
  const file = Object.keys(require.cache).find((name) => LOADERS.test(name));
  return LOADERS.exec(file ?? '')?.[1]?.replace('\\', '/');
}
