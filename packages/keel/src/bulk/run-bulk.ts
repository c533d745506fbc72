import type pg from 'pg';
import { describeHolder, lockKey, withAdvisoryLock, type HeldLock } from '../db/advisory-lock';
import { quoteTable } from '../db/quote';
import { planEvent, type BulkResult, type TableResult } from './bulk-events';
import { explainFailure, explainLoss } from './write/explain-failure';
import { fillLate, fillTable, tablesOf, type FillJob } from './write/fill-table';
import { Writers } from './write/writers';
import type { TablePlan } from './plan/bulk-plan';
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
    return withOthers(options, async (others) => {
      const prepared = await prepareBulk(client, options);
      await registerPlan(client, {
        ...prepared,
        fingerprints: new Map([...prepared.existing].map(([id, rows]) => [id, rows.fingerprint])),
      });
      const stored = await prepared.state.read(client);
      const writers = new Writers([client, ...(await others)]);
      try {
        const tables = await fillAll(
          writers,
          { ...options, guard: () => lock.assertHeld(CHUNKS_STAY) },
          { ...prepared, stored },
        );
        return { seed: prepared.plan.seed, tables, durationMs: Date.now() - start };
      } finally {
        await writers.idleAll();
      }
    });
  });
}

/**
 * Two, because one COPY checks its foreign keys while the next one's rows arrive. A table whose foreign keys are
 * added back afterwards is written by one.
 */
const USUAL_CONNECTIONS = 2;

/** Opens the other connections that write while the plan is made. */
async function withOthers<T>(
  { connect, connections = USUAL_CONNECTIONS }: BulkOptions,
  use: (others: Promise<readonly pg.Client[]>) => Promise<T>,
): Promise<T> {
  const opening = Array.from({ length: connections - 1 }, () => openWriter(connect));
  const others = Promise.all(opening);
  // Whoever waits for them is told.
  others.catch(() => undefined);
  try {
    return await use(others);
  } finally {
    await Promise.allSettled(opening.map(async (other) => (await other).end()));
  }
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

/** Options with a check that the lock is still held. */
type GuardedOptions = BulkOptions & { readonly guard: () => void };

async function fillAll(
  writers: Writers,
  options: GuardedOptions,
  prepared: PreparedBulk,
): Promise<TableResult[]> {
  const { plan, stored, state } = prepared;
  const programs = compilePlan({
    plan,
    customs: prepared.customs,
    segments: new Map([...stored].map(([id, table]) => [id, table.segments])),
    existing: new Map([...prepared.existing].map(([id, { keys }]) => [id, keys])),
  });
  for (const message of prepared.notices) options.onEvent?.({ event: 'notice', message });
  options.onEvent?.(planEvent(plan, (id) => rowsIn(stored.get(id)?.done[1] ?? [])));
  const fills = plan.tables
    .filter((table) => !table.existing)
    .map((table) => fillOf(programs(table.id), options, prepared));
  for (const { job, begin } of fills) {
    await writers.settled(tablesOf(job));
    if (begin()) await fillTable(writers, job);
  }
  await writers.settled();
  const [client] = writers.clients as readonly [pg.Client];
  for (const { job } of fills) {
    const table = { plan: job.program.plan, catalog: job.catalog };
    await explainFailure(table, () => fillLate(writers, job));
  }
  const open = fills.filter(({ job }) => !job.stored.finished);
  await state.finish(
    client,
    open.map(({ job }) => job.program.plan.id),
  );
  return fills.map(({ result }) => result());
}

/** A table that a run fills. */
interface Fill {
  readonly job: FillJob;
  /** Says that it begins; false where all of its rows are there. */
  readonly begin: () => boolean;
  readonly result: () => TableResult;
}

function fillOf(program: TableProgram, options: GuardedOptions, prepared: PreparedBulk): Fill {
  const { id: table, model, rows, schema, table: name } = program.plan;
  const stored = prepared.stored.get(table)!;
  const done = rowsIn(stored.done[1]);
  const written = rows - done;
  let start = 0;
  let durationMs = 0;
  const onFilled = async (client: pg.Client): Promise<void> => {
    // Otherwise PostgreSQL plans the application's first queries for an empty table.
    await client.query(`ANALYZE ${quoteTable(schema, name)}`);
    durationMs = Date.now() - start;
    options.onEvent?.({ event: 'done', table, rows, durationMs });
  };
  return {
    job: {
      program,
      stored,
      catalog: prepared.catalogs.get(table)!,
      state: prepared.state,
      chunkRows: options.chunkRows ?? 100_000,
      rebuild: options.rebuild ?? ((options.connections ?? 1) > 1 ? 'never' : 'empty'),
      guard: options.guard,
      ...progressOf(program.plan, done, options),
      onConstraints: (step) => options.onEvent?.({ event: 'constraints', table, step }),
      onFilled,
    },
    begin: () => {
      start = Date.now();
      if (written > 0) options.onEvent?.({ event: 'table', model, table, rows, done });
      return written > 0;
    },
    result: () => ({ model, table, written, rows, durationMs }),
  };
}

/** How often rows that are not committed yet are told of, in milliseconds. */
const PROGRESS_EVERY_MS = 200;

function progressOf(
  { id: table, rows }: TablePlan,
  done: number,
  { signal, onEvent }: BulkOptions,
): Pick<FillJob, 'hooks' | 'onCommit'> {
  let committed = done;
  let sent = done;
  let told = 0;
  const tell = (): void => {
    told = Date.now();
    onEvent?.({ event: 'progress', table, sent, committed, rows });
  };
  return {
    hooks: {
      signal,
      onRows: (count) => {
        sent += count;
        if (Date.now() - told >= PROGRESS_EVERY_MS) tell();
      },
    },
    onCommit: (count) => {
      committed += count;
      tell();
    },
  };
}
