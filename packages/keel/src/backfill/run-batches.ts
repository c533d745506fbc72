import { setTimeout as sleep } from 'node:timers/promises';
import { cancellation } from '../db/cancellation';
import { postgresError } from '../db/connection-error';
import { BatchSize } from './batch-size';
import { backfillBlocked, backfillInterrupted } from './explain-backfill';
import { readLaggingReplica } from './read-lag';
import { runBatch, type Batch, type Job } from './run-batch';

const PAUSE_MS = 10;
const MAX_LAG_MS = 10_000;
const PATIENCE_MS = 600_000;

/** How often replicas are looked at, in milliseconds. */
const LOOK_AT_REPLICAS_MS = 1000;

/**
 * What another try may get over, besides a statement that took too long: a lock that was not to be had in time (55P03),
 * a deadlock (40P01), a conflict with a concurrent change (40001).
 */
const PASSING = new Set(['55P03', '40P01', '40001']);

/** Who is told of the work. */
export interface BatchListener {
  onBatch(batch: Batch): void;
  onWait(reason: string): void;
}

/** Runs one batch after the other, to the end. Returns the last, and how many there were. */
export async function runBatches(
  job: Job,
  listener: BatchListener,
): Promise<{ readonly last: Batch; readonly batches: number }> {
  const size = new BatchSize(job.options.batch);
  let looked = 0;
  for (let batches = 1; ; batches += 1) {
    if (Date.now() - looked >= LOOK_AT_REPLICAS_MS) {
      await awaitReplicas(job, listener);
      looked = Date.now();
    }
    requireNotInterrupted(job);
    const start = performance.now();
    const batch = await insist(job, size, listener);
    const durationMs = performance.now() - start;
    size.learn({ ...batch, durationMs });
    listener.onBatch(batch);
    if (batch.finished) return { last: batch, batches };
    // Whoever waited gets as much time as it lost.
    const rest = Math.max(job.options.pause ?? PAUSE_MS, batch.waitedFor ? durationMs : 0);
    await pause(job, rest);
  }
}

/** Tries a batch until it goes through, with growing pauses. */
async function insist(job: Job, size: BatchSize, listener: BatchListener): Promise<Batch> {
  const { patience = PATIENCE_MS } = job.options;
  const deadline = Date.now() + patience;
  for (let tries = 1; ; tries += 1) {
    try {
      return await runBatch(job, size.rows);
    } catch (error) {
      // A request to stop cancels the statement, with the same SQLSTATE as its time limit.
      requireNotInterrupted(job);
      const refused = postgresError(error);
      if (!refused || !(PASSING.has(refused.code) || cancellation(error) === 'timeout'))
        throw error;
      const wait = Math.min(5000, 50 * 2 ** tries) * (0.5 + Math.random());
      if (Date.now() + wait > deadline) throw await backfillBlocked(job, error);
      size.shrink();
      if (tries > 2) listener.onWait(`${refused.message}; try ${tries + 1}`);
      await pause(job, wait);
    }
  }
}

async function awaitReplicas(job: Job, listener: BatchListener): Promise<void> {
  const { maxLag = MAX_LAG_MS, patience = PATIENCE_MS } = job.options;
  const deadline = Date.now() + patience;
  for (;;) {
    const lagging = await readLaggingReplica(job.client, maxLag);
    if (!lagging) return;
    const reason = `the replica ${lagging.name} is ${(lagging.lagMs / 1000).toFixed(1)} s behind`;
    if (Date.now() > deadline) throw await backfillBlocked(job, new Error(reason));
    listener.onWait(reason);
    await pause(job, LOOK_AT_REPLICAS_MS);
    requireNotInterrupted(job);
  }
}

/** Waits; a request to stop ends the wait. */
async function pause({ signal }: Job, ms: number): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}

function requireNotInterrupted(job: Job): void {
  if (job.signal?.aborted) throw backfillInterrupted(job);
}
