import { processIdOf } from '../../db/wire';
import type pg from 'pg';
import type { Attempt } from '../attempt/attempt';
import type { BlockingSession } from '../attempt/blocking-session';
import { isOwnSession } from '../../project/watch-detours';
import type { ObserverConnection } from './observer-connection';
import { shortStatement } from '../../db/sql-text';

/** What a file that runs long is doing. */
export interface WatchReport {
  readonly elapsedMs: number;
  /** The statement being executed, shortened; undefined while the file's own code runs. */
  readonly statement: string | undefined;
  /** Sessions that the statement waits for. */
  readonly blockedBy: readonly BlockingSession[];
}

interface WatchOptions {
  readonly session: { readonly client: pg.Client };
  readonly observer: ObserverConnection;
  /** After how long a statement that waits for a lock is given up, in milliseconds; 0 for never. */
  readonly lockTimeoutMs: number;
  readonly onReport?: ((report: WatchReport) => void) | undefined;
}

const LOOK_EVERY_MS = 1000;
const REPORT_EVERY_MS = 10_000;

/**
 * Looks every second at a file that runs long, and tells what it waits for.
 *
 * A file may open a second connection that waits for its own transaction. PostgreSQL sees no deadlock there, since one
 * of the two waits in this process. That connection's statement is cancelled and the attempt abandoned, so that the
 * file can be run again without a transaction.
 *
 * @returns a function that ends the watch
 */
export function watchAttempt(attempt: Attempt, options: WatchOptions): () => void {
  const { observer, session } = options;
  return lookOnAndOn(options, async () => {
    if (attempt.closed) return undefined;
    const idle = attempt.inFlight === 0;
    if (idle && attempt.options.mode !== 'none')
      await observer.ask((client) => endSelfBlock(attempt, client, session.client));
    // PostgreSQL tells who blocks only while we wait.
    const { current } = attempt;
    const runner = current?.client ?? session.client;
    const blockedBy = idle ? [] : await observer.ask((client) => blockingSessions(client, runner));
    if (blockedBy.length > 0 && current && attempt.current === current)
      attempt.blockedBy = blockedBy;
    return { statement: current && shortStatement(current.sql), blockedBy };
  });
}

/**
 * The same while a file is recorded and committed: the COMMIT checks what is deferred, and waits for rows that others have
 * locked.
 *
 * @returns a function that ends the watch
 */
export function watchCommit(attempt: Attempt, options: WatchOptions): () => void {
  const { observer, session } = options;
  let ended = false;
  const end = lookOnAndOn(options, async () => {
    const blockedBy = await observer.ask((client) => blockingSessions(client, session.client));
    if (!ended && blockedBy.length > 0) attempt.blockedBy = blockedBy;
    return { statement: 'COMMIT', blockedBy };
  });
  return () => {
    ended = true;
    end();
  };
}

type Look = () => Promise<Omit<WatchReport, 'elapsedMs'> | undefined>;

/** Looks often enough to see a wait before the limit ends it; tells of what lasts. */
function lookOnAndOn({ lockTimeoutMs, onReport }: WatchOptions, look: Look): () => void {
  const start = Date.now();
  let reported = start;
  let looking = false;
  const lookOnce = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      const seen = await look();
      if (seen && onReport && Date.now() - reported >= REPORT_EVERY_MS) {
        reported = Date.now();
        onReport({ elapsedMs: Date.now() - start, ...seen });
      }
    } catch {
      // Looking on must not fail a run. What matters is noticed by the run itself.
    } finally {
      looking = false;
    }
  };
  const every = lockTimeoutMs > 0 ? lockTimeoutMs / 4 : LOOK_EVERY_MS;
  const timer = setInterval(() => void lookOnce(), Math.max(25, Math.min(every, LOOK_EVERY_MS)));
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

async function endSelfBlock(
  attempt: Attempt,
  observer: pg.Client,
  runner: pg.Client,
): Promise<void> {
  const pid = await backendPid(runner);
  if (attempt.inFlight > 0 || attempt.closed) return;
  const { rows } = await observer.query<{ pid: number; port: number | null }>(
    `SELECT DISTINCT l.pid, a.client_port AS port
       FROM pg_catalog.pg_locks l, pg_catalog.pg_stat_get_activity(l.pid) a
      WHERE NOT l.granted AND ${pid} = ANY (pg_catalog.pg_blocking_pids(l.pid))`,
  );
  const ours = rows.filter(({ port }) => isOwnSession(port));
  if (ours.length === 0) return;
  attempt.selfBlocked = true;
  attempt.abandon('A second connection of this process waits for the transaction of this file.');
  for (const { pid: waiting } of ours) {
    await observer.query(`SELECT pg_catalog.pg_cancel_backend(${waiting})`);
  }
}

const pids = new WeakMap<pg.Client, number>();

/** Asked of the server rather than taken from the protocol: a pooler tells a number of its own there. */
async function backendPid(client: pg.Client): Promise<number> {
  const known = pids.get(client);
  if (known !== undefined) return known;
  const { rows } = await client.query<{ pid: number }>('SELECT pg_catalog.pg_backend_pid() AS pid');
  const pid = rows[0]?.pid ?? 0;
  pids.set(client, pid);
  return pid;
}

/** The sessions that the run's own connection waits for, seen from another connection. */
async function blockingSessions(
  observer: pg.Client,
  runner: pg.Client,
): Promise<BlockingSession[]> {
  const pid = pids.get(runner) ?? processIdOf(runner) ?? 0;
  const { rows } = await observer.query<BlockingSession>(
    `SELECT a.pid, coalesce(a.application_name, '') AS application, coalesce(a.state, '') AS state,
            coalesce(a.query, '') AS query,
            greatest(0, extract(epoch FROM clock_timestamp() - a.query_start))::integer AS seconds
       FROM pg_catalog.unnest(pg_catalog.pg_blocking_pids(${pid})) b(pid), pg_catalog.pg_stat_get_activity(b.pid) a`,
  );
  return rows.map((row) => ({ ...row, query: shortStatement(row.query) }));
}
