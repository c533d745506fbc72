import { availableParallelism } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { Sequelize } from 'sequelize';
import { defineModels } from '../fixtures/associations/models/define-models';
import {
  compareRows,
  countRows,
  MODES,
  prepareBulkProcesses,
  readStructure,
  type BulkProcesses,
  type RowCounts,
} from '../support/bulk-faults';
import { start, withHome } from '../support/embedded';
import { SERVER_VARIABLE, databaseUrl } from '../support/server';
import { copyDatabase, dropDatabase, withServerClient } from './database';

/** So often a run is struck before it is let go on to its end. */
const STRIKES = 3;

interface Fault {
  readonly name: string;
  strike(url: string, kill: () => void): unknown;
}

interface Tally {
  struck: number;
  lost: number;
  doubled: number;
  problems: string[];
}

interface Reference {
  readonly rows: RowCounts;
  readonly structure: readonly string[];
  /** How long a run lasts from its first event, in milliseconds. */
  readonly spanMs: number;
}

/**
 * Strikes bulk runs at random moments, in each way of writing rows, lets them go on to the end and compares
 * every row with those of an undisturbed run. Prints what was tried and what was lost.
 *
 * @param strikes how often each fault strikes in each mode
 * @returns whether no row was lost or doubled
 */
export async function runBulkFaults(strikes: number): Promise<boolean> {
  let sound = true;
  await withHome(async (home) => {
    await startAgain(home);
    const processes = prepareBulkProcesses();
    try {
      const reference = await makeReference(processes);
      for (const fault of faults(home)) {
        for (const mode of MODES) {
          const tally = await strikeMode(processes, reference, { fault, mode, strikes });
          print(fault, mode, tally);
          sound &&= tally.lost + tally.doubled + tally.problems.length === 0;
        }
      }
    } finally {
      processes.dispose();
    }
  });
  return sound;
}

function faults(home: string): Fault[] {
  return [
    { name: 'SIGKILL', strike: (_url, kill) => kill() },
    {
      name: 'pg_terminate_backend of every connection',
      strike: (url) =>
        withServerClient(
          (client) =>
            client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                           WHERE application_name = 'bulk under test' AND datname = current_database()`),
          url,
        ),
    },
    {
      name: 'immediate restart of the server',
      strike: async () => {
        process.kill((await start(home)).pid, 'SIGQUIT');
        await sleep(200);
        await startAgain(home);
      },
    },
  ];
}

/** Starts the server unless it runs, and tells everybody where it is. */
async function startAgain(home: string): Promise<void> {
  const { host, port } = await start(home);
  process.env[SERVER_VARIABLE] = `postgres://postgres:1971@${host}:${port}/postgres`;
}

async function makeReference(processes: BulkProcesses): Promise<Reference> {
  const database = await prepareDatabase();
  const url = databaseUrl(database);
  const started = Date.now();
  let firstEvent = started;
  await processes.run(url, {}, () => {
    firstEvent = firstEvent === started ? Date.now() : firstEvent;
    return false;
  });
  const spanMs = Date.now() - firstEvent;
  const reference = await withServerClient(
    async (client) => ({
      rows: await countRows(client),
      structure: await readStructure(client),
      spanMs,
    }),
    url,
  );
  await dropDatabase(database);
  return reference;
}

async function prepareDatabase(): Promise<string> {
  const database = await copyDatabase();
  const sequelize = new Sequelize(databaseUrl(database), { logging: false });
  defineModels(sequelize);
  await sequelize.sync();
  await sequelize.close();
  return database;
}

interface Work {
  readonly fault: Fault;
  readonly mode: (typeof MODES)[number];
  readonly strikes: number;
}

async function strikeMode(
  processes: BulkProcesses,
  reference: Reference,
  work: Work,
): Promise<Tally> {
  const tally: Tally = { struck: 0, lost: 0, doubled: 0, problems: [] };
  // A restart would strike the runs of all databases.
  const restarts = work.fault.name.includes('restart');
  const trial = async (): Promise<void> => {
    while (tally.struck < work.strikes) await strikeOne(processes, reference, work, tally);
  };
  await Promise.all(Array.from({ length: restarts ? 1 : availableParallelism() }, trial));
  return tally;
}

async function strikeOne(
  processes: BulkProcesses,
  reference: Reference,
  { fault, mode }: Work,
  tally: Tally,
): Promise<void> {
  const database = await prepareDatabase();
  for (let strike = 0; strike < STRIKES; strike += 1) {
    // A restart may move the server to another port.
    const url = databaseUrl(database);
    let done: unknown;
    const moment = Math.random() * reference.spanMs;
    const ended = await processes.run(url, mode.options, moment, (kill) => {
      done = fault.strike(url, kill);
    });
    await done;
    if (ended.struck) tally.struck += 1;
    if (ended.code === 1 && !/^(CONNECTION_LOST|LOCK_LOST)/.test(ended.stderr))
      tally.problems.push(`after ${moment.toFixed(0)} ms: ${ended.stderr}`);
  }
  const url = databaseUrl(database);
  const last = await processes.run(url, mode.options);
  if (last.code !== 0) tally.problems.push(`the last run: ${last.stderr}`);
  await withServerClient(async (client) => {
    const { lost, doubled } = compareRows(reference.rows, await countRows(client));
    tally.lost += lost;
    tally.doubled += doubled;
    const keys = await readStructure(client);
    if (keys.join() !== reference.structure.join())
      tally.problems.push(`structure: ${keys.join('; ')}`);
  }, url);
  await dropDatabase(database);
}

function print({ name }: Fault, mode: Work['mode'], tally: Tally): void {
  process.stdout.write(
    `${name} | ${mode.name} | ${tally.struck} runs struck | ${tally.lost} rows lost | ${tally.doubled} rows doubled\n`,
  );
  for (const problem of tally.problems) process.stdout.write(`   ${problem}\n`);
}
