import { setTimeout as sleep } from 'node:timers/promises';
import { chooseRoute, NoRoute } from './choose-route';
import type { ConnectOptions } from './client';
import type { Connection } from './connection';

/** How to reach a server. */
export interface ReachOptions extends ConnectOptions {
  /** For how long a server that is not up yet is waited for, in milliseconds; not at all where undefined. */
  readonly waitMs?: number;
  /** Called once, when there is something to wait for, with a sentence that says what. */
  readonly onWait?: (sentence: string) => void;
}

const LONGEST_PAUSE_MS = 1000;

/**
 * Finds the server that a connection leads to: chooses among several, and waits until one is up. A connection that
 * leaves nothing open is given back untried where there is nothing to wait for.
 *
 * @throws KeelError that says of each server why it cannot be used
 */
export async function reachServer(
  connection: Connection,
  options: ReachOptions,
): Promise<Connection> {
  const { waitMs = 0, onWait, ...how } = options;
  if (waitMs <= 0 && !leavesOpen(connection)) return connection;
  const deadline = Date.now() + waitMs;
  for (let tries = 0, pause = 100; ; tries += 1, pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return await chooseRoute(connection, withinTime(how, waitMs, deadline));
    } catch (error) {
      if (!(error instanceof NoRoute)) throw error;
      // Whoever needs the database says better what the server does not like.
      if (!error.isComing && !leavesOpen(connection)) return connection;
      const left = deadline - Date.now();
      if (!error.isComing || left <= 0)
        throw error.toKeelError(waitMs > 0 ? [`keel has waited for ${lengthOf(waitMs)}.`] : []);
      if (tries === 0)
        onWait?.(`Waiting for up to ${lengthOf(waitMs)}: ${error.toKeelError().message}`);
      await sleep(Math.min(pause, left));
    }
  }
}

function leavesOpen({ routes = [], target = 'any' }: Connection): boolean {
  return routes.length > 1 || target !== 'any';
}

/** One try must not take longer than there is time. */
function withinTime(how: ConnectOptions, waitMs: number, deadline: number): ConnectOptions {
  if (waitMs <= 0) return how;
  return { ...how, atMostMs: Math.max(deadline - Date.now(), 1000) };
}

function lengthOf(ms: number): string {
  return `${ms / 1000} s`;
}
