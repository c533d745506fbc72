import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { isKeelError, KeelError, messageOf, RUN_AGAIN } from '../../errors';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import { readFolder, type Folder } from '../migration-folder';
import type { RunRequest } from '../planning';
import type { FileResult } from '../results';

/** How far a run has come. */
export interface Progress {
  readonly current: string;
  readonly files: readonly FileResult[];
  readonly request: RunRequest;
  /** The server's process of the connection that broke. */
  readonly pid: number | undefined;
}

/** When the connection breaks, whether the last COMMIT arrived is known to the server alone: ask it. */
export async function withTruth(
  thrown: unknown,
  project: Project,
  folder: Folder,
  { current, files, request, pid }: Progress,
): Promise<unknown> {
  if (!isKeelError(thrown, 'CONNECTION_LOST')) return thrown;
  if (files.at(-1)?.name === current) return thrown;
  const recorded = await isRecorded(project, folder, current, pid);
  const happened = recorded === (request.direction === 'up');
  const state =
    recorded === undefined
      ? `Whether ${current} was committed is not known: the server cannot be asked now.`
      : happened
        ? `${current} was committed all the same, and is recorded.`
        : (thrown.state ?? '');
  return new KeelError(
    `The connection was lost while ${current} was running: ${messageOf(thrown.cause)}`,
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
  folder: Folder,
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
