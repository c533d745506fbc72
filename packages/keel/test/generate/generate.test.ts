import { readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataTypes, literal, type Sequelize } from 'sequelize';
import { generateFromModels } from '../../src/generate/generate-from-models';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { findHazards } from '../../src/diff/find-hazards';
import { readRenames } from '../../src/diff/read-rename';
import { renamedTables, renameOperations } from '../../src/diff/rename-operations';
import { sqlOf } from '../../src/codegen/operation-sql';
import { keelFor } from '../../src';
import type { KeelError } from '../../src/errors';
import { readProject } from '../../src/project/read-project';
import { renderDump } from '../../src/schema/render-dump';
import { withClient } from '../support/database';
import { driftedProject, model } from '../support/drifted-project';
import { migration, withDatabaseProject } from '../support/project';
import { generate, SchemaLab } from '../support/schema-lab';

describe('a change of the models', () => {
  let lab: SchemaLab;

  beforeAll(async () => {
    lab = await SchemaLab.open();
  });

  afterAll(() => lab.close());

  /**
   * Generates from nothing to `first` and on to `second`, runs both up, the second down; gives its text.
   * What `rows` asks for has to be the same at the end.
   */
  async function change(
    first: (s: Sequelize) => void,
    second: (s: Sequelize) => void,
    between = '',
    rows = 'SELECT',
  ): Promise<string> {
    return lab.inTransaction(async () => {
      const empty = await lab.migrations.read();
      await lab.run(generate(empty, await lab.build(first, empty)), 'up');
      if (between !== '') await lab.migrations.client.query(between);
      const before = await lab.migrations.read();
      const { rows: kept } = await lab.migrations.client.query(rows);
      const side = await lab.build(second, before);
      const generated = generate(before, side);
      await lab.run(generated, 'up');
      const options = { mode: 'models', facts: side.facts } as const;
      expect(compareSchemas(await lab.migrations.read(), side.schema, options).operations).toEqual(
        [],
      );
      await lab.run(generated, 'down');
      expect(renderDump(await lab.migrations.read())).toBe(renderDump(before));
      expect((await lab.migrations.client.query(rows)).rows).toEqual(kept);
      return generated.text;
    });
  }

  const user =
    (attributes: Record<string, unknown>, options = {}) =>
    (s: Sequelize) => {
      s.define('User', attributes as never, { tableName: 'users', timestamps: false, ...options });
    };

  it('drops no column of one model because another model has the same table', async () => {
    const parts = { name: DataTypes.STRING, mail: { type: DataTypes.STRING, unique: true } };
    const text = await change(user({ ...parts, hash: DataTypes.TEXT }), (s) => {
      user({ name: DataTypes.STRING })(s);
      const login = { mail: { type: DataTypes.STRING, unique: true }, hash: DataTypes.TEXT };
      s.define('Login', login, { tableName: 'users', timestamps: false });
    });
    expect(text.match(/await /g)).toBeNull();
  });

  it('adds the values of an enum where nothing has to be rewritten, and replaces it where it has', async () => {
    const add = await change(
      user({ role: DataTypes.ENUM('a', 'c') }),
      user({ role: DataTypes.ENUM('z', 'a', 'b', 'c') }),
    );
    expect(add).toContain(`ADD VALUE 'z' BEFORE 'a'`);
    expect(add).toContain(`ADD VALUE 'b' AFTER 'a'`);
    const remove = await change(
      user({
        role: { type: DataTypes.ENUM('a', 'b'), defaultValue: 'a' },
        roles: DataTypes.ARRAY(DataTypes.ENUM('x')),
      }),
      user({
        role: { type: DataTypes.ENUM('b', 'a', 'c'), defaultValue: 'b' },
        roles: DataTypes.ARRAY(DataTypes.ENUM('y', 'x')),
      }),
    );
    expect(remove).toContain('RENAME TO "enum_users_role_old"');
  });

  describe('between an enum and an array of it', () => {
    const values = (...of: string[]) => DataTypes.ENUM(...of);
    const list = (...of: string[]) => DataTypes.ARRAY(DataTypes.ENUM(...of));
    it.each([
      ['the same values', ['a', 'b'], ['a', 'b'], 'a', 'b'],
      ['more values', ['a', 'b'], ['a', 'b', 'c'], 'a', 'c'],
      ['other values', ['a', 'b'], ['c', 'b'], 'a', 'c'],
      ['more values and no default any more', ['a', 'b'], ['a', 'b', 'c'], 'a', undefined],
      ['other values and no default any more', ['a', 'b'], ['c', 'b'], 'a', undefined],
      ['more values and no default before', ['a', 'b'], ['a', 'b', 'c'], undefined, 'b'],
      ['other values and no default', ['a', 'b'], ['c', 'b'], undefined, undefined],
    ])('converts the rows there and back: %s', async (_, first, second, old, next) => {
      const scalar = (of: string[], value?: string) =>
        user({ role: { type: values(...of), ...(value && { defaultValue: value }) } });
      const array = (of: string[], value?: string) =>
        user({ role: { type: list(...of), ...(value && { defaultValue: [value] }) } });
      const roles = 'SELECT role::text FROM users';
      const insert = (value: string): string => `INSERT INTO users (role) VALUES ('${value}')`;
      await change(scalar(first, old), array(second, next), insert('b'), roles);
      await change(array(first, old), scalar(second, next), insert('{b}'), roles);
      // Not a change of shape: the default alone.
      await change(scalar(first, old), scalar(second, next), insert('b'), roles);
      await change(array(first, old), array(second, next), insert('{b}'), roles);
    });

    it('warns of the elements that only an array has room for', () =>
      lab.inTransaction(async () => {
        const empty = await lab.migrations.read();
        const { client } = lab.migrations;
        await lab.run(
          generate(empty, await lab.build(user({ role: list('a', 'b') }), empty)),
          'up',
        );
        await client.query(`INSERT INTO users (role) VALUES ('{b}'), ('{b,b}'), ('{a}'), (NULL)`);
        const before = await lab.migrations.read();
        for (const type of [values('b', 'c'), DataTypes.TEXT]) {
          const { operations } = generate(before, await lab.build(user({ role: type }), before));
          const [lost] = findHazards(operations);
          expect(lost).toMatchObject({
            kind: 'loses data',
            what: 'all but the first element of users.role, which is no array any more',
          });
          expect((await client.query(lost?.countSql ?? '')).rows).toEqual([{ count: '1' }]);
        }
      }));
  });

  describe('of an enum that the columns of two tables share', () => {
    const kinds = (...values: string[]) => DataTypes.ENUM(...values);
    const table =
      (name: string, type: unknown, more = {}, options = {}) =>
      (s: Sequelize) => {
        const attributes = type === undefined ? {} : { kind: { type, ...more } };
        s.define(name, attributes as never, { tableName: name, timestamps: false, ...options });
      };
    const both =
      (...defined: ((s: Sequelize) => void)[]) =>
      (s: Sequelize) => {
        for (const define of defined) define(s);
      };
    /** Gives the second table's column the enum of the first, by the name that both have then. */
    const share = (name: string, { type, value, row }: (typeof shapes)[number]['1']): string => `
      ${name === 'kind' ? 'ALTER TYPE "enum_first_kind" RENAME TO kind;' : ''}
      ALTER TABLE second ALTER COLUMN kind DROP DEFAULT;
      ALTER TABLE second ALTER COLUMN kind TYPE "${name}"${type} USING kind::text${type}::"${name}"${type};
      ${value === undefined ? '' : `ALTER TABLE second ALTER COLUMN kind SET DEFAULT ${type === '' ? `'${row}'` : `ARRAY['b']::"${name}"[]`};`}
      DROP TYPE "enum_second_kind";
      INSERT INTO first (kind) VALUES ('a');
      INSERT INTO second (kind) VALUES ('${row}')`;
    const shapes = [
      ['a column', { type: '', value: undefined, row: 'a' }],
      ['a column with a default', { type: '', value: 'b', row: 'b' }],
      ['an array', { type: '[]', value: undefined, row: '{a}' }],
      ['an array with a default', { type: '[]', value: ['b'], row: '{b}' }],
    ] as const;

    it.each(shapes)('moves %s, or leaves it where it is', async (_, shape) => {
      const of = (type: unknown) => (shape.type === '' ? type : DataTypes.ARRAY(type as never));
      const fallback = (value = shape.value) =>
        value === undefined ? {} : { defaultValue: value };
      const first = (...values: string[]) =>
        table('first', kinds(...values), { defaultValue: 'a' });
      const before = both(first('a', 'b'), table('second', of(kinds('a', 'b')), fallback()));
      const rows = 'SELECT kind::text FROM first UNION ALL SELECT kind::text FROM second';
      const onlyA = shape.value === undefined ? undefined : shape.type === '' ? 'a' : ['a'];
      const to = async (name: string, second: (s: Sequelize) => void, keep = rows) =>
        change(before, second, share(name, shape), keep);
      for (const name of ['enum_first_kind', 'kind']) {
        await to(name, both(first('a'), table('second', of(kinds('a', 'b')), fallback())));
        await to(name, both(first('a'), table('second', of(DataTypes.TEXT), fallback())));
        await to(
          name,
          both(first('a', 'c'), table('second', of(kinds('c', 'b', 'a')), fallback())),
        );
        await to(
          name,
          both(first('a'), table('second', undefined)),
          'SELECT kind::text FROM first',
        );
        await to(name, both(first('a', 'b', 'c'), table('second', of(kinds('a', 'b')))));
        const text = await to(name, before);
        expect(text.match(/await /g)).toBeNull();
        const changed = await to(
          name,
          both(first('a', 'b'), table('second', of(kinds('a', 'b')), fallback(onlyA as never))),
        );
        expect(changed).not.toContain(' TYPE ');
      }
      if (shape.row === 'a') {
        const lost = both(first('a'), table('second', of(kinds('a')), fallback()));
        expect(await to('enum_first_kind', lost)).not.toContain('enum_second_kind');
      }
    });

    it('names an enum anew that no other column has', async () => {
      const text = await change(
        table('first', kinds('a', 'b'), { defaultValue: 'a' }),
        table('first', kinds('a', 'b'), { defaultValue: 'a' }),
        'ALTER TYPE "enum_first_kind" RENAME TO kind',
      );
      expect(text).toContain('ALTER TYPE "public"."kind" RENAME TO "enum_first_kind"');
    });

    it('takes the default of a column aside that once was of the enum', async () => {
      const model = (values: readonly string[], type: unknown) => (s: Sequelize) => {
        const old = { type, defaultValue: 'a' };
        const attributes = { kind: kinds(...values), old };
        s.define('first', attributes as never, { tableName: 'first', timestamps: false });
      };
      const past = `ALTER TABLE first ALTER COLUMN old SET DEFAULT 'a'::enum_first_kind`;
      const before = model(['a', 'b'], DataTypes.STRING);
      await change(before, model(['c', 'a'], DataTypes.STRING), past);
      await change(before, model(['a', 'b', 'c'], DataTypes.STRING), past);
      await change(before, model(['c', 'a'], DataTypes.ENUM('a', 'z')), past);
    });

    it('rebuilds an index and a CHECK that name a value', async () => {
      const indexed = (...values: string[]) =>
        table(
          'first',
          kinds(...values),
          {},
          { indexes: [{ name: 'x', fields: ['id'], where: { kind: 'a' } }] },
        );
      const rules = `ALTER TABLE first ADD CONSTRAINT numbered CHECK (kind <> 'a' OR id > 0)`;
      await change(
        indexed('a', 'b'),
        indexed('c', 'a'),
        `${rules}; INSERT INTO first (kind) VALUES ('a')`,
      );
      const added = await change(indexed('a'), indexed('a', 'b'), rules);
      expect(added.split('async down')[0]?.match(/await /g)).toHaveLength(1);
    });
  });

  it('moves between SERIAL, IDENTITY and no numbering', async () => {
    const id = (more: object): Record<string, unknown> => ({
      id: { type: DataTypes.INTEGER, primaryKey: true, ...more },
    });
    await change(
      user(id({ autoIncrement: true })),
      user(id({ autoIncrement: true, autoIncrementIdentity: true })),
    );
    await change(user(id({})), user(id({ autoIncrement: true })));
    const wide = await change(
      user(id({ autoIncrement: true })),
      user({ id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true } }),
    );
    expect(wide).toContain('ALTER SEQUENCE "users_id_seq" AS bigint');
  });

  it('moves a default with its type, whatever it is written like', async () => {
    const of = (type: unknown, value: unknown) => user({ a: { type, defaultValue: value } });
    const text = await change(of(DataTypes.STRING, '0'), of(DataTypes.INTEGER, 0));
    expect(text).toMatch(/DROP DEFAULT[^]*TYPE integer[^]*SET DEFAULT 0/);
    await change(of(DataTypes.INTEGER, 1), of(DataTypes.BOOLEAN, true));
    await change(of(DataTypes.DOUBLE, 1), of(DataTypes.INTEGER, 1));
    await change(of(DataTypes.STRING, '2020-01-01'), of(DataTypes.DATEONLY, '2020-01-01'));
    await change(of(DataTypes.ENUM('a'), 'a'), of(DataTypes.STRING, 'a'));
    await change(of(DataTypes.ARRAY(DataTypes.INTEGER), [1]), of(DataTypes.JSONB, [1]));
  });

  it('turns a key of UUIDs into one of numbers and back, each default beside its own type', async () => {
    const uuid = user({
      id: { type: DataTypes.UUID, primaryKey: true, defaultValue: literal('gen_random_uuid()') },
    });
    const serial = user({ id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true } });
    await change(uuid, serial);
    await change(serial, uuid);
    // Beside a key, NOT NULL goes with the numbering.
    const beside = (n: object) => user({ id: { type: DataTypes.UUID, primaryKey: true }, n });
    for (const autoIncrementIdentity of [false, true])
      await change(
        beside({ type: DataTypes.INTEGER, autoIncrement: true, autoIncrementIdentity }),
        beside({ type: DataTypes.UUID, defaultValue: literal('gen_random_uuid()') }),
      );
  });

  it('takes a foreign key off and puts it back where both its sides change their type', async () => {
    const set = (type: unknown) => (s: Sequelize) => {
      const Owner = s.define(
        'Owner',
        { id: { type: type as never, primaryKey: true } },
        { tableName: 'owners', timestamps: false },
      );
      const Pet = s.define('Pet', {}, { tableName: 'pets', timestamps: false });
      Pet.belongsTo(Owner);
    };
    const text = await change(set(DataTypes.INTEGER), set(DataTypes.UUID));
    expect(text).toContain(`removeConstraint('pets', 'pets_OwnerId_fkey')`);
  });

  it('builds cycles of tables, and a model in a schema of its own', async () => {
    const text = await change(
      () => undefined,
      (s) => {
        const A = s.define(
          'A',
          { mail: { type: DataTypes.STRING, unique: true } },
          { tableName: 'a' },
        );
        const B = s.define('B', {}, { tableName: 'b' });
        A.belongsTo(B);
        B.belongsTo(A);
        A.belongsTo(A, { as: 'parent' });
        s.define('C', { kind: DataTypes.ENUM('x') }, { schema: 'app', tableName: 'c' });
      },
    );
    expect(text.match(/mail: /g)).toHaveLength(1);
  });

  it.each([true, false])(
    'knows what PostgreSQL calls names with dots, quotes and capitals, quoteIdentifiers: %s',
    async (quoteIdentifiers) => {
      const set = (type: unknown) => (s: Sequelize) => {
        Object.assign((s as never as { options: object }).options, { quoteIdentifiers });
        const options = { timestamps: false };
        const index = () => ({ indexes: [{ fields: ['firstName'] }] });
        const define = (name: string, columns: object, given: object): void =>
          void s.define(name, columns as never, { ...options, ...given });
        define('A', { 'b.c': type, kind: DataTypes.ENUM('x') }, { schema: 'a', tableName: 'b.c' });
        define('B', { 'a"b': type }, { schema: 'a.b', tableName: 'c' });
        define('C', { firstName: type }, { tableName: 'Billing.invoices', ...index() });
        define('D', { firstName: type, kind: DataTypes.ENUM('y') }, index());
        define('E', { last: type }, { tableName: 'the"E"' });
      };
      const text = await change(set(DataTypes.STRING), set(DataTypes.TEXT));
      expect(text.split('async down')[0]?.match(/ALTER COLUMN|changeColumn/g)).toHaveLength(5);
    },
  );

  it('creates the extension that a type needs', async () => {
    const text = await change(
      user({ name: DataTypes.STRING }),
      user({ name: DataTypes.STRING, mail: { type: DataTypes.CITEXT, defaultValue: 'x@y' } }),
    );
    expect(text).toContain('CREATE EXTENSION IF NOT EXISTS "citext"');
    expect(text).toContain('type: Sequelize.CITEXT,');
  });

  it('leaves alone what no model declares', async () => {
    const text = await change(
      user({ name: DataTypes.STRING }),
      user({ name: DataTypes.STRING, phone: DataTypes.STRING }),
      `CREATE INDEX extra ON users (lower(name)) WHERE name IS NOT NULL; ALTER TABLE users ADD CHECK (length(name) > 1);
       ALTER TABLE users ADD COLUMN shout text GENERATED ALWAYS AS (upper(name)) STORED; COMMENT ON TABLE users IS 'people';
       CREATE VIEW v AS SELECT id FROM users; CREATE TABLE sessions (sid text);
       ALTER TABLE users ALTER COLUMN id SET DEFAULT nextval('users_id_seq')`,
    );
    expect(text.match(/await /g)).toHaveLength(2);
  });

  it('makes a column unique anew where the index that kept it so becomes a plain one', async () => {
    const text = await change(
      user({ code: DataTypes.STRING }, { indexes: [{ fields: ['code'], unique: true }] }),
      user({ code: { type: DataTypes.STRING, unique: true } }, { indexes: [{ fields: ['code'] }] }),
    );
    expect(text).toContain(`name: 'users_code_key'`);
  });

  it('gives the name of one index to another, round in a circle too', async () => {
    const named = (...fields: readonly (readonly [string, string])[]) =>
      user(
        { a: DataTypes.STRING, b: DataTypes.STRING, c: DataTypes.STRING },
        { indexes: fields.map(([name, field]) => ({ name, fields: [field] })) },
      );
    const moved = await change(named(['x', 'a'], ['y', 'b']), named(['x', 'b']));
    expect(moved.match(/ALTER INDEX "y" RENAME TO "x"/g)).toHaveLength(1);
    const chain = await change(named(['x', 'a'], ['y', 'b']), named(['y', 'a'], ['z', 'b']));
    expect(chain).not.toContain('removeIndex');
    const circle = named(['x', 'b'], ['y', 'c'], ['z', 'a']);
    const round = await change(named(['x', 'a'], ['y', 'b'], ['z', 'c']), circle);
    expect(round).not.toMatch(/(?:add|remove)Index/);
  });

  it('brings back the indexes and constraints of a dropped column', async () => {
    const text = await change(
      user({ name: DataTypes.STRING, code: { type: DataTypes.STRING, unique: true } }),
      user({ name: DataTypes.STRING }),
      `CREATE INDEX name_code ON users (name, code); ALTER TABLE users ADD CONSTRAINT short CHECK (length(code) < 9)`,
    );
    expect(text).toContain(`await queryInterface.removeColumn('users', 'code');`);
  });

  it('keeps the data of what is renamed, and names its parts anew', () =>
    lab.inTransaction(async () => {
      const empty = await lab.migrations.read();
      await lab.run(
        generate(
          empty,
          await lab.build(user({ name: { type: DataTypes.STRING, unique: true } }), empty),
        ),
        'up',
      );
      const before = await lab.migrations.read();
      const side = await lab.build(
        user({ fullName: { type: DataTypes.STRING, unique: true } }, { tableName: 'people' }),
        before,
      );
      const renames = readRenames(['users.name:users.fullName', 'users:people'], {
        before,
        after: side.schema,
        isModel: (key) => side.facts.models.has(key),
      });
      for (const sql of renameOperations(renames, before).flatMap((one) => sqlOf(one))) {
        await lab.migrations.client.query(sql);
      }
      const comparison = compareSchemas(await lab.migrations.read(), side.schema, {
        mode: 'models',
        facts: side.facts,
        rename: renamedTables(renames),
      });
      expect(comparison.operations.map(({ type }) => type).sort()).toEqual([
        'renameConstraint',
        'renameConstraint',
        'renameSequence',
      ]);
    }));
});

describe('generateFromModels()', () => {
  it('writes safe steps that run, and undo', () =>
    withDatabaseProject(driftedProject(), async ({ root, database }) => {
      const project = await readProject({ cwd: root, url: database.url });
      const keel = keelFor(project);
      await keel.migrate();
      const result = await keel.generate({
        name: 'safe',
        steps: 'safe',
        renames: ['Users.first_name:Users.firstName'],
      });
      expect(result.files.map(({ path: file }) => path.basename(file).slice(15))).toEqual([
        'safe.js',
        'safe-validate.js',
        'safe-index-articles_slug.js',
      ]);
      const concurrent = readFileSync(result.files[2]?.path ?? '', 'utf8');
      expect(concurrent).toContain('transaction: false');
      expect(concurrent).toContain('concurrently: true');
      await keel.migrate();
      expect(await keel.check()).toMatchObject({ exitCode: 0 });
      await keel.undo({ step: 3 });
      expect(await keel.check({ cache: false })).toMatchObject({
        database: [],
        exitCode: 8,
      });
    }));

  it('builds the index of a big partitioned table on the partitions that are there when it runs', () =>
    withDatabaseProject(
      {
        'models/event.js': model(
          'Event',
          `{ id: { type: DataTypes.INTEGER, primaryKey: true }, kind: DataTypes.TEXT }`,
          '',
          `tableName: 'events', timestamps: false, indexes: [{ fields: ['kind'] }]`,
        ),
        'models/index.js': driftedProject()['models/index.js'] ?? '',
        'migrations/20200101000000-events.js': migration(
          `await q.sequelize.query('CREATE TABLE events (id int PRIMARY KEY, kind text) PARTITION BY RANGE (id);
             CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM (0) TO (9000);
             CREATE TABLE events_2 PARTITION OF events FOR VALUES FROM (9000) TO (30000)'.replaceAll('\\n', ' '));`.replaceAll(
            '\n',
            ' ',
          ),
          `await q.dropTable('events');`,
        ),
      },
      async ({ keel, database, root }) => {
        await keel(['db:migrate']);
        await withClient(database.connection, (client) =>
          client.query(
            `INSERT INTO events SELECT n, 'x' FROM generate_series(0, 20000) n; ANALYZE events_1; ANALYZE events_2`,
          ),
        );
        const generated = await keel(['migration:generate', '--from-models', '--name', 'kinds']);
        expect(generated).toMatchObject({ code: 0, stderr: '' });
        const name = readdirSync(path.join(root, 'migrations')).at(-1) ?? '';
        expect(name).toMatch(/-kinds-index-events_kind\.js$/);
        const text = readFileSync(path.join(root, 'migrations', name), 'utf8');
        expect(text).toContain('CONCURRENTLY');
        // What a partition manager has made since, with a name that has no room for that of the index.
        await withClient(database.connection, (client) =>
          client.query(
            `CREATE TABLE "events 3'%I" PARTITION OF events FOR VALUES FROM (30000) TO (99000) PARTITION BY RANGE (id);
             CREATE TABLE ${'e'.repeat(60)} PARTITION OF "events 3'%I" DEFAULT`,
          ),
        );
        expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
        const indexes = await withClient(database.connection, (client) =>
          client.query(
            `SELECT c.relkind, x.indisvalid AS valid FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid
             WHERE pg_get_indexdef(x.indexrelid) LIKE '%(kind)' ORDER BY c.relkind`,
          ),
        );
        const kinds = ['p', 'p', 'r', 'r', 'r'];
        expect(indexes.rows).toEqual(kinds.map((relkind) => ({ relkind, valid: true })));
        expect(await keel(['db:check'])).toMatchObject({ code: 0 });
        expect(await keel(['db:migrate:undo'])).toMatchObject({ code: 0 });
      },
    ));

  it('changes the rest of a column under a view, in one file or in careful steps that lead back', () =>
    withDatabaseProject(
      {
        'models/index.js': driftedProject()['models/index.js'] ?? '',
        'models/user.js': model(
          'User',
          `{ name: { type: DataTypes.TEXT, allowNull: false, unique: true },
             kind: { type: DataTypes.TEXT, defaultValue: 'x', allowNull: false },
             size: { type: DataTypes.INTEGER, defaultValue: 0, allowNull: false } }`,
          '',
          `tableName: 'users', timestamps: false, indexes: [{ fields: ['kind'] }]`,
        ),
        'migrations/20200101000000-users.js': migration(
          `await q.sequelize.query('CREATE TABLE users (id serial PRIMARY KEY, name text, kind text, size int)');
           await q.sequelize.query('CREATE VIEW names AS SELECT name, kind FROM users');`.replaceAll(
            '\n',
            ' ',
          ),
          `await q.sequelize.query('DROP VIEW names'); await q.dropTable('users');`,
        ),
      },
      async ({ keel, root }) => {
        const files = () => readdirSync(path.join(root, 'migrations'));
        for (const [how, count] of [
          ['--simple', 1],
          ['--safe', 4],
        ] as const) {
          await keel(['db:migrate']);
          const generate = ['migration:generate', '--from-models', '--name', 'names', how];
          const generated = await keel(generate);
          expect(generated).toMatchObject({ code: 0, stderr: '' });
          expect(files()).toHaveLength(1 + count);
          const texts = files().map((file) =>
            readFileSync(path.join(root, 'migrations', file), 'utf8'),
          );
          // A hazard stands in the output and in the file, also where a default changes with it.
          const required = ['name', 'kind', 'size'].map((name) => `users.${name} becomes NOT NULL`);
          for (const what of [...required, 'users (name) becomes unique']) {
            const hazard = `Fails on no row now: ${what}`;
            expect(generated.stdout).toContain(hazard);
            expect(texts.join('')).toContain(`// ${hazard}`);
          }
          expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
          expect(await keel(['db:check'])).toMatchObject({ code: 0 });
          expect(await keel(['db:migrate:undo:all'])).toMatchObject({ code: 0 });
          for (const file of files().slice(1)) rmSync(path.join(root, 'migrations', file));
        }
      },
    ));

  it('takes views, rules, triggers and policies aside for a change of type, and brings them back', () =>
    withDatabaseProject(driftedProject(), async ({ root, keel, write, database }) => {
      const made = `
        CREATE VIEW titles AS SELECT id, title FROM "Articles" WHERE title <> 'x';
        CREATE VIEW loud WITH (security_barrier=true) AS SELECT upper(title) AS title FROM titles;
        COMMENT ON VIEW loud IS 'it''s loud'; GRANT SELECT ON loud TO PUBLIC;
        CREATE MATERIALIZED VIEW counts AS SELECT title, count(*) AS n FROM titles GROUP BY 1;
        CREATE UNIQUE INDEX counts_title ON counts (title);
        CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
        CREATE TRIGGER titled BEFORE UPDATE OF title ON "Articles" FOR EACH ROW WHEN (OLD.title <> NEW.title) EXECUTE FUNCTION touch();
        CREATE POLICY titled ON "Articles" FOR SELECT USING (title <> 'secret');
        CREATE RULE kept AS ON DELETE TO "Articles" WHERE OLD.title = 'kept' DO INSTEAD NOTHING;
        CREATE RULE none AS ON INSERT TO titles DO INSTEAD NOTHING; COMMENT ON RULE none ON titles IS 'none';
        ALTER VIEW titles ALTER COLUMN title SET DEFAULT 'untitled'; COMMENT ON COLUMN titles.title IS 'of an article';
        GRANT UPDATE (title) ON titles TO pg_signal_backend WITH GRANT OPTION; ALTER VIEW titles OWNER TO pg_monitor;
        COMMENT ON TRIGGER titled ON "Articles" IS 't'; ALTER TABLE "Articles" DISABLE TRIGGER titled;
        COMMENT ON POLICY titled ON "Articles" IS 'p'; ALTER TABLE "Articles" ENABLE ALWAYS RULE kept;
        ALTER TABLE "Articles" ALTER title SET STORAGE EXTERNAL; CREATE STATISTICS lost ON title, legacy FROM "Articles";
        CREATE INDEX two ON "Articles" (legacy, id); ALTER TABLE "Articles" CLUSTER ON two;
        CREATE TABLE drafts () INHERITS ("Articles"); CREATE VIEW of_drafts AS SELECT title FROM drafts;`;
      const gone = `DROP VIEW of_drafts; DROP TABLE drafts; DROP INDEX two; DROP RULE kept ON "Articles"; DROP POLICY titled ON "Articles"; DROP TRIGGER titled ON "Articles";
        DROP FUNCTION touch; DROP MATERIALIZED VIEW counts; DROP VIEW loud; DROP VIEW titles`;
      write({
        'migrations/20200101000003-made.js': migration(
          `await q.sequelize.query(${JSON.stringify(made)});`,
          `await q.sequelize.query(${JSON.stringify(gone)});`,
        ),
      });
      const read = (): Promise<unknown> =>
        withClient(database.connection, async (client) => {
          const sql = `SELECT obj_description('loud'::regclass) AS comment,
            (SELECT reloptions::text || relacl::text FROM pg_class WHERE relname = 'loud') AS options,
            (SELECT count(*) FROM pg_indexes WHERE tablename = 'counts') AS indexes,
            (SELECT count(*) FROM pg_policies) AS policies, (SELECT count(*) FROM pg_rules) AS rules,
            (SELECT string_agg(tgenabled::text || obj_description(oid), '') FROM pg_trigger WHERE tgname = 'titled') AS triggers,
            (SELECT string_agg(ev_enabled::text || obj_description(oid), '' ORDER BY rulename) FROM pg_rewrite WHERE rulename IN ('kept', 'none')) AS rule,
            (SELECT relowner::regrole::text FROM pg_class WHERE relname = 'titles') AS owner,
            (SELECT count(*) FROM pg_views WHERE viewname = 'of_drafts') AS drafts,
            (SELECT attacl::text || col_description(attrelid, attnum) FROM pg_attribute WHERE attrelid = 'titles'::regclass AND attname = 'title') AS part,
            (SELECT column_default FROM information_schema.columns WHERE table_name = 'titles' AND column_name = 'title') AS preset`;
          return (await client.query(sql)).rows as unknown;
        });
      await keel(['db:migrate']);
      const before = await read();
      const generate = ['migration:generate', '--from-models', '--name', 'wide', '--no-rename'];
      const generated = await keel(generate);
      expect(generated).toMatchObject({ code: 0, stderr: '' });
      expect(generated.stdout).not.toMatch(/loud|counts/);
      expect(generated.stdout).toContain('index two (legacy, id) is in the migrations but not');
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await read()).toEqual(before);
      expect(await keel(['db:check'])).toMatchObject({ code: 0 });
      expect(await keel(['db:migrate:undo'])).toMatchObject({ code: 0 });
      expect(await read()).toEqual(before);
      expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(4);
    }));

  it('proves what will run: after a file of the future, beside its helpers, in the layout of the project', () =>
    withDatabaseProject(driftedProject(), async ({ root, keel, write }) => {
      const folder = path.join(root, 'migrations');
      const generate = ['migration:generate', '--from-models', '--name', 'late', '--no-rename'];
      const future = (name: string): object => ({
        [`migrations/${name}.js`]: migration(
          `await q.addColumn('Users', 'later', S.INTEGER);`,
          `await q.removeColumn('Users', 'later');`,
        ),
      });
      write(future('20300101000000-future') as never);
      write({ '.prettierrc': '{ "semi": false, "tabWidth": 4 }' });
      expect(await keel(generate)).toMatchObject({ code: 0, stderr: '' });
      const name = readdirSync(folder).at(-1) ?? '';
      expect(name).toBe('20300101000001-late.js');
      const text = readFileSync(path.join(folder, name), 'utf8');
      expect(text).toContain(`await queryInterface.removeColumn("Users", "later")\n`);
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });

      write(future('zz-last') as never);
      const refused = await keel(generate);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toMatch(/would run before zz-last\.js/);
    }));

  it('leaves no migration behind that is not proved when it is killed in its proof', () =>
    withDatabaseProject(driftedProject(), async ({ root, keel, start }) => {
      const folder = path.join(root, 'migrations');
      const before = readdirSync(folder);
      const generate = ['migration:generate', '--from-models', '--name', 'late', '--no-rename'];
      const { child, ended } = start(generate);
      while (child.exitCode === null && readdirSync(folder).length === before.length)
        await sleep(5);
      child.kill('SIGKILL');
      expect((await ended).code).toBeNull();
      expect(readdirSync(folder).filter((name) => name.endsWith('.js'))).toEqual(before);
      expect(await keel(generate)).toMatchObject({ code: 0 });
    }));

  it('writes nothing where the migration cannot be proved', () =>
    withDatabaseProject(driftedProject(), async ({ root, database, write }) => {
      write({
        'models/user.js': model('User', `{ firstName: DataTypes.STRING }`),
        'models/group.js': model('Group', `{ name: DataTypes.JSON }`),
      });
      write({
        'models/blog/article.js': model(
          'Article',
          `{ title: DataTypes.JSON, slug: DataTypes.STRING(200) }`,
        ),
      });
      write({
        'migrations/20200101000003-index.js': `module.exports = {
          up: async (q) => {
            await q.addIndex('Articles', ['title']);
            await q.sequelize.query('ALTER TABLE "Articles" ADD loud text GENERATED ALWAYS AS (upper(title)) STORED');
            await q.sequelize.query('CREATE FUNCTION titles() RETURNS bigint BEGIN ATOMIC SELECT count(title) FROM "Articles"; END');
          },
          down: async (q) => {
            await q.sequelize.query('DROP FUNCTION titles');
            await q.removeColumn('Articles', 'loud');
            await q.removeIndex('Articles', ['title']);
          } };`,
      });
      const project = await readProject({ cwd: root, url: database.url });
      const attempt = generateFromModels(project, {
        name: 'json',
        noRename: true,
        exclusive: false,
      });
      const error = (await attempt.catch((thrown: unknown) => thrown)) as KeelError;
      expect(error.code).toBe('MIGRATION_NOT_PROVED');
      // No file, and no folder of the proof either.
      expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(3);
      // The draft is kept where nobody runs it, and the reason is not buried under it.
      const draft = /the draft is (\.keel\/drafts\/\d{14}-json\.js)\.$/.exec(error.state ?? '');
      expect(readFileSync(path.join(root, draft?.[1] ?? ''), 'utf8')).toContain('async down');
      expect(error.details.join(' ')).toMatch(/used by a generated column/);
      // PostgreSQL names the first of those that are in the way.
      expect(error.details.slice(-3)).toEqual([
        'All that uses columns whose type changes, and has to go first and come back afterwards:',
        '  function public.titles()',
        '  generated column public."Articles".loud',
      ]);
      expect(error.details.length).toBeLessThan(12);
    }));
});
