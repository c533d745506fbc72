import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { createTestDatabase } from '../../src/testing/test-database';
import { FLOOR, writeSteps } from './floor';
import { writeHistory } from './histories';
import { measureNode } from './processes';
import { modelText, writeSchemaProject } from './schema-project';
import { bulkArguments, TABLES_SQL, writePrograms, writeRows } from './seed-programs';

/** Where the gate measures: a server, and a folder from which the packages of the repository are found. */
export interface GatePlace {
  /** The URL of a database by this name. */
  readonly url: (database: string) => string;
  readonly folder: string;
  /** The compiled command. */
  readonly keel: string;
}

/** Milliseconds of each step of one turn, by its name. */
export type Turn = Readonly<Record<string, number>>;

/** Steps that are measured in the same turns, and what each is compared with. */
export interface GateGroup {
  readonly turns: number;
  /**
   * The name of a row, the step that is its work, and the step that it is compared with. Where keel itself takes the
   * time, both are times of the processor, which a busy machine does not change.
   */
  readonly rows: readonly (readonly [row: string, work: string, base: string])[];
  /** Makes what the turns need. */
  readonly prepare: (place: GatePlace) => Promise<void>;
  readonly turn: (place: GatePlace) => Promise<Turn>;
}

const MIGRATIONS = 150;
const TABLES = 60;
const POSTS = 30_000;

const CONNECT = `const { Client } = require('pg');
const client = new Client({ connectionString: process.env.DATABASE_URL });
client.connect().then(() => client.end());`;

/** Makes an empty database. */
async function makeDatabase({ url }: GatePlace, name: string): Promise<void> {
  await withAdmin(url('postgres'), async (admin) => {
    await admin.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await admin.query(`CREATE DATABASE ${name}`);
  });
}

async function withAdmin(url: string, use: (admin: Client) => Promise<void>): Promise<void> {
  const admin = new Client({ connectionString: url });
  await admin.connect();
  try {
    await use(admin);
  } finally {
    await admin.end();
  }
}

/** The project in a folder of its own, with the database of the same name. */
function within(place: GatePlace, name: string) {
  const cwd = path.join(place.folder, name);
  const env = { DATABASE_URL: place.url(name) };
  const measure = (script: string, ...args: string[]) => measureNode(script, args, { cwd, env });
  const run = async (script: string, ...args: string[]): Promise<number> =>
    (await measure(script, ...args)).ms;
  return { cwd, measure, run, keel: (...args: string[]) => run(place.keel, ...args) };
}

function writeProgram(place: GatePlace, name: string, text: string): string {
  const file = path.join(place.folder, name);
  writeFileSync(file, text);
  return file;
}

const start: GateGroup = {
  turns: 9,
  rows: [
    ['keel --version, beside node -e 1', 'version', 'node'],
    ['keel --help, beside node -e 1', 'help', 'node'],
  ],
  prepare: () => Promise.resolve(),
  turn: async (place) => {
    const empty = writeProgram(place, 'empty.js', '1;');
    const run = async (script: string, ...args: string[]): Promise<number> =>
      (await measureNode(script, args, { cwd: place.folder })).cpuMs;
    return {
      node: await run(empty),
      version: await run(place.keel, '--version'),
      help: await run(place.keel, '--help'),
    };
  },
};

const history: GateGroup = {
  turns: 4,
  rows: [
    [`${MIGRATIONS} migrations, beside bare pg`, 'up', 'floorUp'],
    [
      `${MIGRATIONS} migrations in TypeScript compiled before, beside JavaScript`,
      'tsUpCpu',
      'upCpu',
    ],
    [`undoing ${MIGRATIONS} migrations, beside bare pg`, 'down', 'floorDown'],
    ['db:migrate with nothing to do, beside connecting', 'nothingCpu', 'connectCpu'],
  ],
  prepare: (place) => {
    for (const form of ['js', 'ts'] as const) {
      const { cwd } = within(place, `gate_${form}`);
      writeHistory(path.join(cwd, 'migrations'), form, MIGRATIONS);
    }
    const floor = within(place, 'gate_floor').cwd;
    mkdirSync(floor, { recursive: true });
    writeSteps(floor, MIGRATIONS);
    return Promise.resolve();
  },
  turn: async (place) => {
    for (const name of ['gate_floor', 'gate_js', 'gate_ts']) await makeDatabase(place, name);
    const [floor, js, ts] = ['gate_floor', 'gate_js', 'gate_ts'].map((name) =>
      within(place, name),
    ) as [ReturnType<typeof within>, ReturnType<typeof within>, ReturnType<typeof within>];
    const program = writeProgram(place, 'floor.js', FLOOR);
    const connect = writeProgram(place, 'connect.js', CONNECT);
    await ts.keel('db:migrate', '--dry-run');
    const floorUp = await floor.run(program, 'up');
    const up = await js.measure(place.keel, 'db:migrate');
    const tsUp = await ts.measure(place.keel, 'db:migrate');
    return {
      floorUp,
      up: up.ms,
      upCpu: up.cpuMs,
      tsUpCpu: tsUp.cpuMs,
      connectCpu: (await js.measure(connect)).cpuMs,
      nothingCpu: (await js.measure(place.keel, 'db:migrate')).cpuMs,
      floorDown: await floor.run(program, 'down'),
      down: await js.keel('db:migrate:undo:all'),
    };
  },
};

const schema: GateGroup = {
  turns: 3,
  rows: [
    [`db:check of ${TABLES} tables, beside making ${TABLES} with bare pg`, 'check', 'floor'],
    [
      `db:check of ${TABLES} tables with nothing changed, beside connecting`,
      'cachedCpu',
      'connectCpu',
    ],
    [`generating for ${TABLES} tables, beside making ${TABLES} with bare pg`, 'generate', 'floor'],
    ['a test database, beside CREATE DATABASE', 'clone', 'create'],
  ],
  prepare: async (place) => {
    const { cwd, keel } = within(place, 'gate_schema');
    writeSchemaProject(cwd, TABLES);
    await makeDatabase(place, 'gate_schema');
    await keel('db:migrate');
    await (await createTestDatabase({ cwd, url: place.url('gate_schema') })).drop();
    const floor = within(place, 'gate_tables').cwd;
    mkdirSync(floor, { recursive: true });
    writeSteps(floor, TABLES);
  },
  turn: async (place) => {
    const { cwd, measure, keel } = within(place, 'gate_schema');
    const connect = writeProgram(place, 'connect.js', CONNECT);
    await makeDatabase(place, 'gate_tables');
    const floor = await within(place, 'gate_tables').run(
      writeProgram(place, 'floor.js', FLOOR),
      'up',
    );
    const check = await keel('db:check', '--no-cache');
    return {
      floor,
      check,
      cachedCpu: (await measure(place.keel, 'db:check')).cpuMs,
      connectCpu: (await measure(connect)).cpuMs,
      generate: await measureGenerate(cwd, keel),
      ...(await measureClone(place, cwd)),
    };
  },
};

/** A column more in the last model; the files are as before afterwards. */
async function measureGenerate(
  cwd: string,
  keel: (...args: string[]) => Promise<number>,
): Promise<number> {
  const model = path.join(cwd, 'models', `m${`${TABLES - 1}`.padStart(5, '0')}.js`);
  writeFileSync(model, modelText(TABLES - 1, ', phone: T.STRING'));
  const ms = await keel('migration:generate', '--from-models', '--name', 'phone');
  writeFileSync(model, modelText(TABLES - 1, ''));
  for (const name of readdirSync(path.join(cwd, 'migrations')))
    if (name.endsWith('-phone.js')) rmSync(path.join(cwd, 'migrations', name));
  return ms;
}

async function measureClone(place: GatePlace, cwd: string): Promise<Turn> {
  let create = 0;
  await withAdmin(place.url('postgres'), async (admin) => {
    const begun = performance.now();
    await admin.query('CREATE DATABASE gate_empty');
    create = performance.now() - begun;
    await admin.query('DROP DATABASE gate_empty');
  });
  const begun = performance.now();
  const database = await createTestDatabase({ cwd, url: place.url('gate_schema') });
  const clone = performance.now() - begun;
  await database.drop();
  return { create, clone };
}

const bulk: GateGroup = {
  turns: 3,
  rows: [
    [`${POSTS} posts into empty tables, beside COPY of a file`, 'empty', 'file'],
    [`${POSTS} posts with constraints live, beside COPY of a file`, 'live', 'file'],
  ],
  prepare: async (place) => {
    writePrograms(within(place, 'gate_bulk').cwd);
    await makeDatabase(place, 'gate_bulk');
    await fill(place);
    const { cwd } = within(place, 'gate_bulk');
    await withAdmin(place.url('gate_bulk'), (client) => writeRows(client, cwd));
  },
  turn: async (place) => {
    const { cwd, run } = within(place, 'gate_bulk');
    await emptyTables(place);
    const file = await run(path.join(cwd, 'floor.js'), `${POSTS}`);
    return { file, empty: await fill(place), live: await fill(place, '--no-rebuild-constraints') };
  },
};

async function emptyTables(place: GatePlace): Promise<void> {
  await withAdmin(place.url('gate_bulk'), (client) =>
    client.query(TABLES_SQL).then(() => undefined),
  );
}

async function fill(place: GatePlace, ...flags: string[]): Promise<number> {
  await emptyTables(place);
  const { keel } = within(place, 'gate_bulk');
  return keel(...bulkArguments(POSTS, place.url('gate_bulk')), ...flags);
}

/** All that the gate measures: a small form of each benchmark. */
export const GATE_GROUPS: readonly GateGroup[] = [start, history, schema, bulk];
