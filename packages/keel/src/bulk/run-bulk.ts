import type pg from 'pg';
import { describeHolder, lockKey, withAdvisoryLock, type HeldLock } from '../db/advisory-lock';
import { quoteTable } from '../db/quote';
import { planEvent, type BulkResult, type TableResult } from './bulk-events';
import { explainFailure, explainLoss, type WrittenTable } from './write/explain-failure';
import { fillLate, fillTable, type FillJob } from './write/fill-table';
import { rowsIn } from './plan/row-ranges';
import { CHUNKS_STAY } from './write/bulk-interrupted';
import { prepareBulk, type BulkOptions, type PreparedBulk } from './prepare-bulk';
import { compilePlan, type TableProgram } from './program/compile-plan';
import { carryOverBulkState } from './write/find-bulk-state';
import { registerPlan } from './write/register-plan';
import { awaitWriterLock } from './write/writer-lock';

/**
 * Fills the tables of the models with related rows. A run that was interrupted goes on where it stopped; the
 * same plan again does nothing; larger numbers append.
 *
 * @throws KeelError `SEED_PLAN_IMPOSSIBLE`, `SEED_PLAN_CHANGED`, `LOCK_TIMEOUT`, `INTERRUPTED`
 */
export async function runBulk(options: BulkOptions): Promise<BulkResult> {
  const start = Date.now();
  return withBulkLock(options, async (client, lock) => {
    await carryOverBulkState(client, options.schema);
    const prepared = await prepareBulk(client, options);
    await registerPlan(client, {
      ...prepared,
      fingerprints: new Map([...prepared.existing].map(([id, rows]) => [id, rows.fingerprint])),
    });
    const stored = await prepared.state.read(client);
    const tables = await fillAll(
      client,
      { ...options, guard: () => lock.assertHeld(CHUNKS_STAY) },
      { ...prepared, stored },
    );
    return { seed: prepared.plan.seed, tables, durationMs: Date.now() - start };
  });
}

/** Runs a callback with a connection while no other bulk run can touch this database. */
export async function withBulkLock<T>(
  options: Pick<BulkOptions, 'connect' | 'lockTimeoutMs' | 'signal' | 'onEvent'>,
  use: (client: pg.Client, lock: HeldLock) => Promise<T>,
): Promise<T> {
  const timeoutMs = options.lockTimeoutMs ?? 60_000;
  const lock = {
    timeoutMs,
    purpose: 'bulk data',
    signal: options.signal,
    onWait: (holder: Parameters<typeof describeHolder>[0]): void =>
      options.onEvent?.({
        event: 'notice',
        message: `Waiting for ${describeHolder(holder)}, which is writing bulk data.`,
      }),
  };
  return explainLoss(() =>
    withConnection(options, (holder) =>
      withAdvisoryLock(holder, lockKey('bulk'), lock, (held) =>
        withConnection(options, async (client) => {
          await awaitWriterLock(client, timeoutMs);
          return use(client, held);
        }),
      ),
    ),
  );
}

/** A connection whose long statements no time limit of the server or the role cuts short. */
async function openWriter(connect: () => Promise<pg.Client>): Promise<pg.Client> {
  const client = await connect();
  await client.query('SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0');
  return client;
}

async function withConnection<T>(
  { connect }: Pick<BulkOptions, 'connect'>,
  use: (client: pg.Client) => Promise<T>,
): Promise<T> {
  const client = await openWriter(connect);
  try {
    return await use(client);
  } finally {
    await client.end().catch(() => undefined);
  }
}

/**
 * Two, because one COPY checks its foreign keys while the next one's rows arrive. A table whose foreign keys are
 * added back afterwards is written by one.
 */
const USUAL_CONNECTIONS = 2;

/** Options with a check that the lock is still held. */
type GuardedOptions = BulkOptions & { readonly guard: () => void };

async function fillAll(
  client: pg.Client,
  options: GuardedOptions,
  prepared: PreparedBulk,
): Promise<TableResult[]> {
  const { plan, stored } = prepared;
  const programs = compilePlan({
    plan,
    customs: prepared.customs,
    segments: new Map([...stored].map(([id, table]) => [id, table.segments])),
    existing: new Map([...prepared.existing].map(([id, { keys }]) => [id, keys])),
  });
  for (const message of prepared.notices) options.onEvent?.({ event: 'notice', message });
  options.onEvent?.(planEvent(plan, (id) => rowsIn(stored.get(id)?.done[1] ?? [])));
  const clients = [client];
  try {
    for (let number = 1; number < (options.connections ?? USUAL_CONNECTIONS); number += 1)
      clients.push(await openWriter(options.connect));
    const results: TableResult[] = [];
    const jobs = plan.tables
      .filter((table) => !table.existing)
      .map((table) => jobFor(programs(table.id), options, prepared));
    for (const job of jobs) results.push(await fillOne(clients, job, options));
    for (const job of jobs) {
      await explainFailure(writtenBy(job), () => fillLate(clients, job));
      if (!job.stored.finished) await job.state.finish(client, job.program.plan.id);
    }
    return results;
  } finally {
    for (const other of clients.slice(1)) await other.end().catch(() => undefined);
  }
}

function jobFor(program: TableProgram, options: GuardedOptions, prepared: PreparedBulk): FillJob {
  const { plan } = program;
  const stored = prepared.stored.get(plan.id)!;
  let committed = rowsIn(stored.done[1]);
  let sent = committed;
  let told = 0;
  const tell = (): void => {
    told = Date.now();
    options.onEvent?.({ event: 'progress', table: plan.id, sent, committed, rows: plan.rows });
  };
  return {
    program,
    stored,
    catalog: prepared.catalogs.get(plan.id)!,
    state: prepared.state,
    chunkRows: options.chunkRows ?? 100_000,
    rebuild: options.rebuild ?? ((options.connections ?? 1) > 1 ? 'never' : 'empty'),
    guard: options.guard,
    hooks: {
      signal: options.signal,
      onRows: (rows) => {
        sent += rows;
        if (Date.now() - told >= PROGRESS_EVERY_MS) tell();
      },
    },
    onCommit: (rows) => {
      committed += rows;
      tell();
    },
    onConstraints: (step) => options.onEvent?.({ event: 'constraints', table: plan.id, step }),
  };
}

const writtenBy = ({ program, catalog }: FillJob): WrittenTable => ({
  plan: program.plan,
  catalog,
});

/** How often rows that are not committed yet are told of, in milliseconds. */
const PROGRESS_EVERY_MS = 200;

async function fillOne(
  clients: readonly pg.Client[],
  job: FillJob,
  { onEvent }: BulkOptions,
): Promise<TableResult> {
  const { id: table, model, rows, schema, table: name } = job.program.plan;
  const start = Date.now();
  const done = rowsIn(job.stored.done[1]);
  const written = rows - done;
  if (written > 0) {
    onEvent?.({ event: 'table', model, table, rows, done });
    await explainFailure(writtenBy(job), () => fillTable(clients, job));
    // Otherwise PostgreSQL plans the application's first queries for an empty table.
    await clients[0]!.query(`ANALYZE ${quoteTable(schema, name)}`);
    onEvent?.({ event: 'done', table, rows, durationMs: Date.now() - start });
  }
  return { model, table, written, rows, durationMs: Date.now() - start };
}
