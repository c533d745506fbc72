import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import { isConnectionLoss } from '../../db/connection-error';
import type { Attempt } from './attempt';

/** How one attempt at a file ended. */
export interface AttemptOutcome {
  readonly attempt: Attempt;
  /** What the file's function rejected with; undefined where it succeeded. */
  readonly error: unknown;
  readonly failed: boolean;
  /** Whether it failed because the connection to the database is gone. */
  readonly lost: boolean;
  /** The last statement that was on its way when the function was done. */
  readonly floating: string | undefined;
  /** The file's code never came to an end after it was told to stop. */
  readonly hung: boolean;
}

/** What an attempt's code needs round it. */
export interface AttemptSurroundings {
  /** Whether the process belongs to keel, so that a rejection nobody handles is the file's. */
  readonly exclusive: boolean;
  readonly signal: AbortSignal | undefined;
  /** Ends the statement that is being executed; called when the run is interrupted. */
  readonly cancel: () => Promise<void>;
}

/** For how long code that was told to stop may go on, in milliseconds. */
const GRACE_MS = 3000;

/** After how long without a statement code that is not waited for is taken to be at its end, in milliseconds. */
const FLOATING_PAUSE_MS = 50;

/** Runs a file's code once and waits until all that it has sent is answered. */
export async function runAttempt(
  body: () => Promise<unknown>,
  attempt: Attempt,
  surroundings: AttemptSurroundings,
): Promise<AttemptOutcome> {
  const rejections: unknown[] = [];
  const onRejection = (reason: unknown): void => void rejections.push(reason);
  if (surroundings.exclusive) process.on('unhandledRejection', onRejection);
  try {
    const result = await settle(body, attempt, surroundings);
    const floating = await drain(attempt, result.failed);
    const rejected = rejections.length > 0 && !result.failed;
    const failed = result.failed || rejected;
    const error = rejected ? rejections[0] : result.error;
    const lost = failed && isConnectionLoss(error) && attempt.lost;
    return { attempt, ...result, failed, error, lost, floating };
  } finally {
    process.removeListener('unhandledRejection', onRejection);
    attempt.closed = true;
  }
}

type Settled = Pick<AttemptOutcome, 'failed' | 'error' | 'hung'>;

async function settle(
  body: () => Promise<unknown>,
  attempt: Attempt,
  surroundings: AttemptSurroundings,
): Promise<Settled> {
  const failure = (error: unknown): Settled => ({ failed: true, error, hung: false });
  const done = body().then((returned): Settled => {
    const unrun = attempt.findings.count === 0 ? describeUnrun(returned) : undefined;
    if (unrun !== undefined) return failure(new Error(unrun));
    return { failed: false, error: undefined, hung: false };
  }, failure);
  const { promise: stopped, dispose } = whenStopped(attempt, surroundings);
  try {
    return await Promise.race([done, stopped]);
  } finally {
    dispose();
  }
}

/** Whether what a file's function returns is the work itself, which nobody has begun. */
function describeUnrun(returned: unknown): string | undefined {
  const kind =
    typeof returned === 'function' ? 'function' : Object.prototype.toString.call(returned);
  if (kind === 'function') return 'it returned a function, which nobody calls; do the work at once';
  if (!/^\[object (Async)?Generator\]$/.test(kind)) return undefined;
  return 'it is a generator, which nobody runs; make it an async function, and write await for yield';
}

/** Waits for what is still on its way; what the file's own instance sent and did not await is named. */
async function drain(attempt: Attempt, failed: boolean): Promise<string | undefined> {
  // A promise that was not awaited sends its statement a turn or two later.
  await setImmediate();
  if (attempt.inFlight === 0) await setImmediate();
  const floating = failed ? undefined : attempt.ownInFlight;
  const deadline = attempt.abandoned ? Date.now() + GRACE_MS : Infinity;
  const wait = async (): Promise<void> => {
    while (attempt.inFlight > 0 && Date.now() < deadline) await sleep(2);
  };
  await wait();
  // What nobody waits for may send one statement after another, with code of its own in between.
  while (floating !== undefined && Date.now() < deadline) {
    const sent = attempt.findings.count;
    await sleep(FLOATING_PAUSE_MS);
    if (attempt.findings.count === sent) break;
    await wait();
  }
  return floating;
}

/** Resolves some seconds after the attempt was abandoned or the run interrupted, should its code not end. */
function whenStopped(
  attempt: Attempt,
  { signal, cancel }: AttemptSurroundings,
): { promise: Promise<Settled>; dispose: () => void } {
  let grace: NodeJS.Timeout | undefined;
  let resolve: (settled: Settled) => void = () => undefined;
  const promise = new Promise<Settled>((resolvePromise) => {
    resolve = resolvePromise;
  });
  const stop = (graceMs = GRACE_MS): void => {
    clearTimeout(grace);
    grace = setTimeout(() => {
      resolve({ failed: true, error: new Error(attempt.abandoned), hung: true });
    }, graceMs);
  };
  const abort = (): void => {
    attempt.abandon('The run was interrupted.');
    stop();
    void cancel();
  };
  attempt.onAbandon = stop;
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted) abort();
  return {
    promise,
    dispose: () => {
      clearTimeout(grace);
      signal?.removeEventListener('abort', abort);
    },
  };
}
