import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isKeelError, KeelError, RUN_AGAIN, messageOf } from '../../errors';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import { readFolder, type MigrationFolder } from './migration-folder';

/** The file that was running when the connection broke. */
export interface LostFile {
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** The server's process of the connection. */
  readonly pid: number | undefined;
}

/** When the connection breaks, whether the last COMMIT arrived is known to the server alone: ask it. */
export async function explainLostCommit(
  thrown: unknown,
  project: Project,
  folder: MigrationFolder,
  { name, direction, pid }: LostFile,
): Promise<unknown> {
  if (!isKeelError(thrown, 'CONNECTION_LOST')) return thrown;
  const recorded = await isRecorded(project, folder, name, pid);
  const happened = recorded === (direction === 'up');
  const state =
    recorded === undefined
      ? `Whether ${name} was committed is not known: the server cannot be asked now.`
      : happened
        ? `${name} was committed all the same, and is recorded.`
        : (thrown.state ?? '');
  return new KeelError(
    `The connection was lost while ${name} was running: ${messageOf(thrown.cause)}`,
    {
      code: 'CONNECTION_LOST',
      details: thrown.details,
      state,
      hint: RUN_AGAIN,
      cause: thrown.cause,
    },
  );
}

/** For how long the end of a session that we lost is waited for, in milliseconds. */
const END_MS = 5000;

/** Waits until the server has noticed that a session's client is gone: until then it may still commit. */
async function waitForEnd(client: pg.Client, pid: number): Promise<boolean> {
  for (const deadline = Date.now() + END_MS; Date.now() < deadline; await sleep(50)) {
    const { rows } = await client.query<{ there: boolean }>(
      'SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_get_activity($1)) AS there',
      [pid],
    );
    if (!rows[0]?.there) return true;
  }
  return false;
}

async function isRecorded(
  project: Project,
  folder: MigrationFolder,
  name: string,
  pid: number | undefined,
): Promise<boolean | undefined> {
  try {
    return await withProjectClient(
      project,
      async (client) => {
        if (pid !== undefined && !(await waitForEnd(client, pid))) return undefined;
        const { states } = await readFolder(folder, client, { history: false, checksums: false });
        return states.some((state) => state.name === name && state.status === 'applied');
      },
      { timeoutMs: END_MS },
    );
  } catch {
    return undefined;
  }
}
