import type { Connection } from '../db/connection';
import { canonicalHost, serversOf } from '../db/connection-url';
import type { Project } from './project';
import { findConfigFile, readConfigFile } from './read-config-file';
import { readOutline } from './read-project';
import { resolveDatabase } from './resolve-database';

/**
 * Whether a project is in production: its environment is, or a URL stands for the config and names the database that
 * the config's environment `production` has. A config that cannot be read, or has no such environment, says nothing.
 */
export async function leadsToProduction({
  environment,
  configPath,
  connection,
  paths,
  flags,
}: Project): Promise<boolean> {
  if (environment === 'production') return true;
  if (configPath !== undefined) return false;
  try {
    const { options } = await readOutline({ ...flags, url: undefined });
    const file = findConfigFile(paths.root, options.config);
    if (file === undefined) return false;
    const config = await readConfigFile(file, 'production');
    return isSameDatabase(connection, resolveDatabase(config, process.env));
  } catch {
    return false;
  }
}

/** By any of the servers that each names. */
function isSameDatabase(one: Connection, other: Connection): boolean {
  const names = new Set(serversOf(other).map(nameOf));
  return (
    one.database === other.database && serversOf(one).some((server) => names.has(nameOf(server)))
  );
}

function nameOf({ host, port }: Pick<Connection, 'host' | 'port'>): string {
  return `${canonicalHost(host)}:${port}`;
}
