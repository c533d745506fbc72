import { Client } from 'pg';
import { keySql } from '../../src/schema/catalog';
import { keyOf } from '../../src/schema/object-names';
import { readDependencies } from '../../src/schema/read-dependencies';
import { readUnread } from '../../src/schema/read-unread';
import { readSurroundings } from '../../src/scratch/surroundings';
import { readSchema } from '../../src/schema/read-schema';
import { renderDump } from '../../src/schema/render-dump';
import type { Schema } from '../../src/schema/schema';
import { createDatabase, type TestDatabase } from '../support/database';

const definitions = `
  CREATE SCHEMA app;
  CREATE TYPE mood AS ENUM ('sad', 'it''s ok');
  CREATE DOMAIN posint AS int CHECK (VALUE > 0);
  CREATE SEQUENCE order_no START 100;
  CREATE TABLE users (
    id serial PRIMARY KEY, name varchar(80) COLLATE "C" NOT NULL DEFAULT 'x', moods mood[] DEFAULT '{}',
    shout text GENERATED ALWAYS AS (name || '!') STORED, number bigint DEFAULT nextval('order_no'));
  COMMENT ON COLUMN users.name IS 'the name';
  CREATE TABLE app."Odd.Name" (
    id bigint GENERATED ALWAYS AS IDENTITY, "user Id" int REFERENCES users ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    age posint, UNIQUE (age, "user Id"));
  ALTER TABLE app."Odd.Name" ADD CONSTRAINT adult CHECK (age > 17) NOT VALID;
  CREATE INDEX complex ON users (lower(name) DESC NULLS LAST, id) INCLUDE (number) WHERE number > 5;
  CREATE INDEX pattern ON users (name text_pattern_ops);
  CREATE TABLE events (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
  CREATE VIEW names AS SELECT name FROM users;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
  CREATE TRIGGER touched BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();
  CREATE TABLE keel_history (id int);
  CREATE TABLE "SequelizeMeta" (name text);`;

describe('readSchema()', () => {
  let database: TestDatabase;
  let client: Client;
  let schema: Schema;

  beforeAll(async () => {
    database = await createDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
    await client.query(definitions);
    await client.query('INSERT INTO users DEFAULT VALUES; INSERT INTO users DEFAULT VALUES');
    await client
      .query('CREATE UNIQUE INDEX CONCURRENTLY half_built ON users (name)')
      .catch(() => undefined);
    schema = await readSchema(client, { ignore: [{ name: 'SequelizeMeta' }] });
  });

  afterAll(async () => {
    await client.end();
    await database.drop();
  });

  const table = (name: string) => schema.tables.find((candidate) => candidate.name === name);

  it('reads tables of every schema, without the ledgers and its own', () => {
    expect(schema.tables.map((found) => `${found.schema}.${found.name}`)).toEqual([
      'app.Odd.Name',
      'public.events',
      'public.events_2020',
      'public.users',
    ]);
  });

  it('calls objects by the same keys in SQL', async () => {
    const names = ['users', 'a.b', '"', 'a"."b', "it's", 'A b', 'ä.$1'];
    const pairs = names.flatMap((from) => names.map((to) => ({ schema: from, name: to })));
    const { rows } = await client.query<{ key: string }>(
      `SELECT ${keySql('schema', 'name')} AS key FROM json_to_recordset($1) AS t(schema name, name name)`,
      [JSON.stringify(pairs)],
    );
    const keys = rows.map(({ key }) => key);
    expect(keys).toEqual(pairs.map(keyOf));
    expect(new Set(keys).size).toBe(pairs.length);
  });

  it('reads columns in PostgreSQL’s normal form', () => {
    expect(table('users')?.columns).toEqual([
      {
        name: 'id',
        type: 'integer',
        notNull: true,
        default: "nextval('public.users_id_seq'::regclass)",
        sequence: { schema: 'public', name: 'users_id_seq', type: 'integer' },
      },
      {
        name: 'name',
        type: 'character varying(80)',
        collation: 'pg_catalog."C"',
        notNull: true,
        default: "'x'::character varying",
        comment: 'the name',
      },
      {
        name: 'moods',
        type: 'public.mood[]',
        enumType: { schema: 'public', name: 'mood' },
        notNull: false,
        default: "'{}'::public.mood[]",
      },
      {
        name: 'shout',
        type: 'text',
        notNull: false,
        generated: { expression: "((name)::text || '!'::text)", kind: 'stored' },
      },
      {
        name: 'number',
        type: 'bigint',
        notNull: false,
        default: "nextval('public.order_no'::regclass)",
      },
    ]);
    expect(table('Odd.Name')?.columns[0]).toMatchObject({
      identity: 'always',
      sequence: { name: 'Odd.Name_id_seq' },
    });
  });

  it('reads constraints with their actions, deferrability and validity', () => {
    expect(table('Odd.Name')?.constraints).toEqual([
      expect.objectContaining({
        name: 'Odd.Name_age_user Id_key',
        kind: 'unique',
        columns: ['age', 'user Id'],
      }),
      expect.objectContaining({
        kind: 'foreign key',
        columns: ['user Id'],
        references: {
          schema: 'public',
          name: 'users',
          columns: ['id'],
          onUpdate: 'NO ACTION',
          onDelete: 'SET NULL',
        },
        deferrable: 'deferred',
      }),
      expect.objectContaining({
        name: 'adult',
        validated: false,
        definition: 'CHECK (((age)::integer > 17))',
      }),
    ]);
  });

  it('reads indexes field by field, those that are half built among them', () => {
    expect(table('users')?.indexes).toEqual([
      {
        name: 'complex',
        unique: false,
        method: 'btree',
        fields: [
          {
            text: 'lower((name)::text)',
            isExpression: true,
            order: 'DESC',
            nulls: 'LAST',
            collation: 'C',
          },
          { text: 'id', isExpression: false, order: 'ASC' },
        ],
        predicate: '(number > 5)',
        tail: 'USING btree (lower((name)::text) DESC NULLS LAST, id) INCLUDE (number) WHERE (number > 5)',
        special: true,
        valid: true,
        dependsOn: ['id', 'number', 'name'],
      },
      expect.objectContaining({ name: 'half_built', unique: true, valid: false }),
      expect.objectContaining({
        name: 'pattern',
        fields: [
          { text: 'name', isExpression: false, order: 'ASC', operatorClass: 'text_pattern_ops' },
        ],
      }),
    ]);
  });

  it('reads what models cannot declare', () => {
    expect(schema.others.map(({ kind, identity }) => `${kind} ${identity}`)).toEqual([
      'domain posint',
      'function touch()',
      'view names',
    ]);
    expect(schema.sequences.map(({ name }) => name)).toEqual(['order_no']);
    expect(table('users')?.triggers.map(({ name }) => name)).toEqual(['touched']);
    expect(table('events')?.partitionKey).toBe('RANGE (at)');
    expect(table('events_2020')?.partitionOf).toMatchObject({ name: 'events' });
  });

  it('does not depend on the session, and survives JSON', async () => {
    await client.query(`SET search_path = app, public`);
    expect(await readSchema(client, { ignore: [{ name: 'SequelizeMeta' }] })).toEqual(schema);
    expect((await client.query('SHOW search_path')).rows).toEqual([{ search_path: 'app, public' }]);
    const copy = JSON.parse(JSON.stringify(schema)) as Schema;
    expect(copy).toEqual(schema);
    expect(renderDump(copy)).toBe(renderDump(schema));
  });

  it('has nothing compiled for its queries, and leaves a transaction of the caller as it was', async () => {
    const settings = `SELECT concat_ws(' ', current_setting('jit'), current_setting('search_path')) AS now`;
    const seen = new Set<unknown>();
    const watched = Object.create(client) as Client;
    watched.query = (async (text: string, values?: unknown[]) => {
      const result = await client.query(text, values);
      if (/\bpg_class\b/.test(text))
        seen.add((await client.query<{ now: string }>(settings)).rows[0]?.now);
      return result;
    }) as Client['query'];
    await client.query('BEGIN; SET LOCAL jit = on; SET LOCAL search_path = app');
    try {
      await readSchema(watched, { inTransaction: true });
      expect([...seen]).toEqual(['off pg_catalog']);
      expect((await client.query(settings)).rows).toEqual([{ now: 'on app' }]);
    } finally {
      await client.query('ROLLBACK');
    }
    seen.clear();
    await readSchema(watched);
    await readDependencies(watched);
    expect([...seen]).toEqual(['off pg_catalog']);
  });

  it('reads the same as a role that may do nothing', async () => {
    const role = `keel_test_reader_${process.pid}`;
    await client.query(`CREATE ROLE ${role}`);
    try {
      await client.query(`SET ROLE ${role}`);
      expect(await readSchema(client, { ignore: [{ name: 'SequelizeMeta' }] })).toEqual(schema);
      expect(await readSurroundings(client)).toMatchObject({
        encoding: 'UTF8',
        namespaces: ['app'],
      });
      expect((await readDependencies(client)).get('view public.names') ?? []).toEqual([]);
      expect(await readUnread(client)).toEqual([]);
    } finally {
      await client.query(`RESET ROLE`);
      await client.query(`DROP ROLE ${role}`);
    }
  });
});
