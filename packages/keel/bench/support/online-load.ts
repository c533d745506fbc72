import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';

/** How long the statements of a kind took, in milliseconds. */
export interface Waits {
  readonly longest: number;
  readonly count: number;
}

/** What readers and writers lived through. */
export interface LoadResult {
  readonly readers: Waits;
  readonly writers: Waits;
  /** Statements that failed, each text once. */
  readonly failures: readonly string[];
}

const CLIENTS = 3;

/** Between two statements of one client, in milliseconds. */
const REST_MS = 4;

/** Reads and writes single rows of a table, as an application does, until the callback is done. */
export async function underLoad(
  url: string,
  rows: number,
  work: () => Promise<unknown>,
): Promise<LoadResult> {
  const end = new AbortController();
  const failures = new Set<string>();
  const loop = async (statement: string, values: () => unknown[]): Promise<number[]> => {
    const client = new Client({ connectionString: url, application_name: 'load' });
    client.on('error', () => undefined);
    await client.connect();
    const waits: number[] = [];
    while (!end.signal.aborted) {
      const start = performance.now();
      await client
        .query(statement, values())
        .catch((error: unknown) => failures.add((error as Error).message));
      waits.push(performance.now() - start);
      await sleep(REST_MS);
    }
    await client.end();
    return waits;
  };
  const any = (): number => 1 + Math.floor(Math.random() * rows);
  const clients = Array.from({ length: CLIENTS }, () => undefined);
  const readers = clients.map(() =>
    loop('SELECT id, name FROM users WHERE id = $1', () => [any()]),
  );
  const writers = clients.map(() =>
    loop('UPDATE users SET visits = visits + 1 WHERE id = $1', () => [any()]),
  );
  await sleep(500);
  try {
    await work();
  } finally {
    end.abort();
  }
  const summary = async (loops: readonly Promise<number[]>[]): Promise<Waits> => {
    const waits = (await Promise.all(loops)).flat();
    return { longest: waits.reduce((most, wait) => Math.max(most, wait), 0), count: waits.length };
  };
  return {
    readers: await summary(readers),
    writers: await summary(writers),
    failures: [...failures],
  };
}
