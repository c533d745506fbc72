import fc from 'fast-check';
import { Client } from 'pg';
import { compareOthers } from '../../src/diff/compare-others';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { describeOperations } from '../../src/diff/describe-operations';
import { emptyFacts } from '../../src/schema/model-facts';
import { readSchema } from '../../src/schema/read-schema';
import type { Schema } from '../../src/schema/schema';
import { withDumpableServer, type DumpableServer } from '../support/pg-dump';
import { richSchema, schemaChanges } from '../support/rich-schema';

const changes = Number(process.env.KEEL_DUMP_CHANGES ?? 36);
const seed = Number(
  process.env.KEEL_PROPERTY_SEED ?? (process.env.CI ? 20261127 : Date.now() % 2 ** 31),
);
const chain = 12;

/** What both say of one state of a database. */
interface State {
  readonly after: string;
  readonly schema: Schema;
  readonly dump: string;
}

describe(`db:check and pg_dump (${changes} changes, KEEL_PROPERTY_SEED=${seed})`, () => {
  it(
    'tell two databases apart or not, and always agree',
    async () => {
      await withDumpableServer(async (server) => {
        const law = fc.asyncProperty(
          fc.array(fc.constantFrom(...schemaChanges), { minLength: chain, maxLength: chain }),
          async (statements) => {
            requireAgreement(await readStates(server, statements));
          },
        );
        const numRuns = Math.ceil(changes / chain);
        await fc.assert(law, { numRuns, seed, endOnFailure: true });
      });
    },
    600_000 + changes * 3000,
  );
});

/** The states that a database goes through. */
async function readStates(server: DumpableServer, statements: readonly string[]): Promise<State[]> {
  const administrator = await connect(server, 'postgres');
  const database = `keel_test_law_${process.pid}`;
  await administrator.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await administrator.query(`CREATE DATABASE ${database} TEMPLATE template0`);
  const client = await connect(server, database);
  try {
    const states: State[] = [];
    for (const after of [richSchema, ...statements]) {
      if (!(await succeeds(client, after))) continue;
      const dump = normalDump(await server.dump(database));
      states.push({ after, schema: await readSchema(client), dump });
    }
    return states;
  } finally {
    await client.end();
    await administrator.query(`DROP DATABASE ${database} WITH (FORCE)`);
    await administrator.end();
  }
}

async function connect({ url }: DumpableServer, database: string): Promise<Client> {
  const target = new URL(url);
  target.pathname = `/${database}`;
  const client = new Client({ connectionString: target.href });
  await client.connect();
  return client;
}

async function succeeds(client: Client, sql: string): Promise<boolean> {
  try {
    await client.query(sql);
    return true;
  } catch (error) {
    if (sql === richSchema) throw error;
    return false;
  }
}

/** Each state with the one before it, and with the first. */
function requireAgreement(states: readonly State[]): void {
  states.forEach((state, position) => {
    for (const other of [states[0], states[position - 1]]) {
      if (other === undefined) continue;
      const differences = differencesOf(other.schema, state.schema);
      const said = { after: state.after, differ: differences.length > 0, differences };
      expect(said).toEqual({ ...said, differ: other.dump !== state.dump });
    }
  });
}

function differencesOf(before: Schema, after: Schema): string[] {
  const sides = { before: 'one', after: 'the other' };
  const { operations } = compareSchemas(before, after, { mode: 'exact', facts: emptyFacts() });
  return [
    ...describeOperations(operations, sides),
    ...compareOthers(before, after, sides, { definitions: true }),
  ].map(({ table, text }) => `${table ?? ''}: ${text}`);
}

/**
 * Without what docs/schema.md says that a check leaves out: the order of columns, the names of NOT NULL constraints, what
 * the options of a user mapping hold.
 */
function normalDump(dump: string): string {
  return dump
    .replaceAll(/^(?:--|\\).*$/gm, '')
    .replaceAll(/\n+/g, '\n')
    .replaceAll(/CONSTRAINT (?:"[^"]*"|\w+) NOT NULL/g, 'NOT NULL')
    .replaceAll(
      /^(CREATE (?:UNLOGGED |FOREIGN )*TABLE .*\(\n)([^;]*?)(\n\)[^;]*;)$/gm,
      (_, head: string, body: string, tail: string) =>
        `${head}${body.split(/,?\n/).sort().join('\n')}${tail}`,
    )
    .replaceAll(/(CREATE USER MAPPING [^;]*?)'[^;]*';/g, '$1;');
}
