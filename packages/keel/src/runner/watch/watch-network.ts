import { processIdOf } from '../../db/wire';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { HeldLock } from '../../db/advisory-lock';
import { breakConnection } from '../../db/client';
import { postgresError } from '../../db/connection-error';
import { isKeelError } from '../../errors';
import type { ObserverConnection } from './observer-connection';

/** A statement that was sent and not answered. */
export interface StatementUnderWay {
  readonly client: pg.Client;
}

/** What is watched. */
export interface NetworkOptions {
  readonly lock: HeldLock;
  readonly observer: ObserverConnection;
  /** The run's own connection; undefined while there is none. */
  readonly client: () => pg.Client | undefined;
  /** What the run waits for. */
  readonly current: () => StatementUnderWay | undefined;
  /** Whether a pooler stands between, so that the numbers of server processes mean nothing. */
  readonly pooled: boolean;
  /** How long an answer may be missing, in milliseconds; 30,000 where undefined. */
  readonly silenceMs?: number | undefined;
}

const SILENCE_MS = 30_000;

/**
 * Ends the wait on a network that has died without a word: breaks the connection, so that the run fails.
 *
 * A statement may take hours, so silence alone proves nothing. The server is asked over other connections whether
 * it is still working for us. It is given up when it does not answer there either, or has long been done.
 *
 * @returns a function that ends the watch
 */
export function watchNetwork(options: NetworkOptions): () => void {
  const limit = options.silenceMs ?? SILENCE_MS;
  let suspect: StatementUnderWay | undefined;
  let unreachable = 0;
  let looking = false;
  const look = async (): Promise<void> => {
    const current = options.current();
    const client = current?.client ?? options.client();
    if (client === undefined) return;
    const word = await askServer(options, client, limit);
    unreachable = word === 'unreachable' ? unreachable + 1 : 0;
    if (unreachable >= 3) breakConnection(client, 'the server does not answer any more');
    const waiting = word === 'done' && current !== undefined && options.current() === current;
    if (waiting && suspect === current)
      breakConnection(client, "the server's answer did not arrive");
    suspect = waiting ? current : undefined;
  };
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, limit / 3);
  timer.unref();
  return () => {
    clearInterval(timer);
  };
}

type Word = 'working' | 'done' | 'unreachable';

async function askServer(options: NetworkOptions, client: pg.Client, limit: number): Promise<Word> {
  const { lock, observer } = options;
  const pid = options.pooled ? undefined : processIdOf(client);
  // SHOW takes no snapshot; see HeldLock.
  const answer = lock.isHeld() && (await inTime(limit, lock.client.query('SHOW server_version')));
  if (answer === undefined)
    breakConnection(lock.client, `the server has not answered for ${limit / 1000} s`);
  const word = await inTime(limit, observer.ask((other) => ask(other, pid)).catch(wordOf));
  if (word === undefined) observer.drop();
  return word ?? (answer ? 'working' : 'unreachable');
}

/** A server that refuses us is there. */
function wordOf(error: unknown): Word | undefined {
  const cause = isKeelError(error) ? error.cause : error;
  return postgresError(cause) ? 'working' : undefined;
}

async function ask(observer: pg.Client, pid: number | undefined): Promise<Word> {
  if (pid === undefined) {
    await observer.query('SELECT 1');
    return 'working';
  }
  const { rows } = await observer.query<{ state: string | null }>(
    `SELECT state FROM pg_catalog.pg_stat_get_activity(${pid})`,
  );
  const working = rows[0] !== undefined && !rows[0].state?.startsWith('idle');
  return working ? 'working' : 'done';
}

/** The answer; undefined where none came in time. */
async function inTime<T>(ms: number, answer: Promise<T>): Promise<T | undefined> {
  const stop = new AbortController();
  const late = sleep(ms, undefined, { signal: stop.signal }).catch(() => undefined);
  const known = answer.catch(() => undefined);
  try {
    return await Promise.race([known, late]);
  } finally {
    stop.abort();
  }
}
