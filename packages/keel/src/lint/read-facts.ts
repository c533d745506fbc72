import { isKeelError, messageOf } from '../errors';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { listFiles } from '../runner/files/list-files';
import { planState, type MigrationState } from '../runner/files/migration-state';
import { openFolder, readFolder } from '../runner/ledger/migration-folder';
import type { ReplayServer } from '../scratch/replay-inputs';
import { readSurroundings } from '../scratch/surroundings';
import { readSizes } from './read-sizes';
import { unknownSizes, type TableSizes } from './table-sizes';

/** What the real database tells, which is only read. */
export interface DatabaseFacts {
  readonly states: readonly MigrationState[];
  readonly sizes: TableSizes;
  /** What a kept trace depends on; undefined where the database was not reached. */
  readonly server: ReplayServer | undefined;
  /** Why it was not reached. */
  readonly failure: Error | undefined;
}

/** Reads what is applied and how big the tables are. Without a database, only what lies in the folder. */
export async function readFacts(project: Project): Promise<DatabaseFacts> {
  const folder = openFolder(project, 'migration');
  try {
    return await withProjectClient(project, async (client) => {
      const { states } = await readFolder(folder, client, { history: false, checksums: false });
      const { rows } = await client.query<{ version: string }>(
        `SELECT pg_catalog.current_setting('server_version') AS version`,
      );
      return {
        states,
        sizes: await readSizes(client, isTrusted(project)),
        server: {
          serverVersion: rows[0]?.version ?? '',
          surroundings: await readSurroundings(client),
        },
        failure: undefined,
      };
    });
  } catch (error) {
    if (isKeelError(error, 'FOLDER_NOT_FOUND')) throw error;
    const files = await listFiles(folder.path, folder.flag);
    return {
      states: planState({ files, ledger: [] }),
      sizes: unknownSizes,
      server: undefined,
      failure: error instanceof Error ? error : new Error(messageOf(error)),
    };
  }
}

/** The tables of a database to develop or test with are small everywhere, and say nothing of those that count. */
function isTrusted({ embedded, environment, configPath }: Project): boolean {
  if (embedded) return false;
  return configPath === undefined || !['development', 'test'].includes(environment);
}
