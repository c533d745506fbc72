import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Client } from 'pg';
import { driftedProject, model } from '../support/drifted-project';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';

const ROWS = 300;

const INDEX = driftedProject()['models/index.js'] as string;

const generate = ['migration:generate', '--from-models', '--name', 'expand'];

/** The new files, in their order. */
function filesOf({ root }: DatabaseProject): string[] {
  return readdirSync(path.join(root, 'migrations')).slice(1);
}

function shortNames(names: readonly string[]): string[] {
  return names.map((name) => name.slice('20200101000000-'.length));
}

function replaceIn({ root }: DatabaseProject, name: string, from: string, to: string): void {
  const file = path.join(root, 'migrations', name);
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll(from, to));
}

/** All that the catalog tells of the tables, to be the same again after undoing. */
const SHAPE = `
  SELECT attrelid::regclass::text AS tab, attname::text AS name,
         concat(format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid), col_description(attrelid, attnum)) AS text
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind IN ('r', 'p') LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
   WHERE relnamespace = 'public'::regnamespace AND attnum > 0 AND NOT attisdropped
  UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) || convalidated FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
  UNION ALL SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
  UNION ALL SELECT tgrelid::regclass::text, tgname, '' FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT 'function', proname, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  ORDER BY 1, 2, 3`;

/** Sessions of a release, which know their own columns only. */
class Release {
  readonly names: string[] = [];

  constructor(
    readonly client: Client,
    readonly label: string,
    readonly column: string,
  ) {}

  async write(): Promise<void> {
    const { client, label, column, names } = this;
    const name = `${label}${names.length}`;
    await client.query(`INSERT INTO users (${column}, visits) VALUES ($1, 0)`, [name]);
    await client.query(`INSERT INTO users (visits) VALUES (1)`);
    // Rows of the beginning, which the backfill may not have reached.
    await client.query(`UPDATE users SET ${column} = $1 WHERE id = $2`, [
      `${name} again`,
      100 + (label === 'old' ? 0 : 50) + names.length,
    ]);
    await client.query('UPDATE users SET visits = visits + 1 WHERE id = 200');
    names.push(name, `${name} again`);
  }

  /** What of both releases' names this one does not see in its own column. */
  async missing(expected: readonly string[]): Promise<string[]> {
    const { rows } = await this.client.query<{ name: string }>(
      `SELECT ${this.column} AS name FROM users WHERE ${this.column} = ANY ($1)`,
      [expected],
    );
    const seen = new Set(rows.map(({ name }) => name));
    return expected.filter((name) => !seen.has(name));
  }
}

const PROJECT = {
  'package.json': '{"private":true,"name":"@acme/shop"}',
  'models/index.js': INDEX,
  'models/user.js': model(
    'User',
    `{ id: { type: DataTypes.INTEGER, primaryKey: true, autoIncrement: true, unique: 'twice' },
       fullName: { type: DataTypes.STRING(80), allowNull: false, defaultValue: 'nobody', unique: 'twice' }, visits: DataTypes.INTEGER, odd: DataTypes.TEXT }`,
    '',
    `tableName: 'users', timestamps: false, indexes: [{ fields: ['fullName'] }]`,
  ),
  'models/person.js': model(
    'Person',
    `{ first: { type: DataTypes.TEXT, allowNull: false }, last: DataTypes.TEXT }`,
    '',
    `tableName: 'people', timestamps: false, indexes: [{ fields: ['last', 'first'] }]`,
  ),
  'migrations/20200101000000-users.js': migration(
    `await q.sequelize.query(\`
      CREATE TABLE teams (id integer PRIMARY KEY);
      CREATE TABLE users (id serial PRIMARY KEY, name varchar(80) NOT NULL DEFAULT 'nobody' REFERENCES names ON DELETE CASCADE, visits integer, "a ""b.c" text,
        CONSTRAINT not_blank CHECK (name <> ''), CONSTRAINT twice UNIQUE NULLS NOT DISTINCT (name, id) DEFERRABLE INITIALLY DEFERRED);
      CREATE INDEX users_name ON users (name);
      CREATE INDEX by_hand ON users (lower(name)) WHERE name <> 'x';
      COMMENT ON COLUMN users.name IS 'as on the card';
      COMMENT ON INDEX by_hand IS 'for the search';
      CREATE TABLE people (id serial PRIMARY KEY, "full" text NOT NULL CHECK ("full" <> '')) PARTITION BY RANGE (id);
      CREATE TABLE people_1 PARTITION OF people DEFAULT;
      CREATE INDEX people_full ON people ("full")\`);`.replace(
      ' REFERENCES names ON DELETE CASCADE',
      '',
    ),
    `await q.dropTable('people'); await q.dropTable('users'); await q.dropTable('teams');`,
  ),
};

const EXPAND = [
  ['users.name:users.fullName'],
  ['users."a ""b.c":users.odd'],
  [`people.full:people.first=split_part("full", ' ', 1)`],
  [`people.full:people.last=nullif(split_part("full", ' ', 2), '')`],
  [`people.full=concat_ws(' ', first, last)`],
].flatMap(([value]) => ['--expand', value as string]);

const clients: Client[] = [];

async function connectTo(url: string, name: string): Promise<Client> {
  const client = new Client({ connectionString: url, application_name: name });
  clients.push(client);
  // The database goes before its sessions where a test fails.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

test(
  'old and new code go through every file of a rename and a split, forth and back',
  () =>
    withDatabaseProject(PROJECT, async (project) => {
      const { keel, database } = project;
      const connect = (name: string) => connectTo(database.url, name);
      const [admin, first, second] = [
        await connect('admin'),
        await connect('shop@1.9.0'),
        await connect('shop@2.0.0'),
      ];
      const [old, fresh] = [
        new Release(first, 'old', 'name'),
        new Release(second, 'new', '"fullName"'),
      ];
      const query = async (sql: string) => (await admin.query<Record<string, unknown>>(sql)).rows;
      await keel(['db:migrate']);
      const shape = await query(SHAPE);
      await query(`INSERT INTO users (name, visits) SELECT 'name ' || i, 0 FROM generate_series(1, ${ROWS}) i;
      INSERT INTO people ("full") SELECT 'F' || i || ' L' || i FROM generate_series(1, ${ROWS}) i`);

      const generated = await keel([...generate, ...EXPAND]);
      expect(generated).toMatchObject({ code: 0, stderr: '' });
      const names = filesOf(project);
      expect(shortNames(names)).toEqual([
        'expand.js',
        'expand-backfill-fullName-odd.js',
        'expand-backfill-first-last.js',
        'expand-validate.js',
        'expand-index-users_id_fullName_key.js',
        'expand-index-by_hand_new.js',
        'expand-index-users_full_name.js',
        'expand-index-people_last_first.js',
        'expand-release-name-a-b.c.js',
        'expand-drop-name-a-b.c.js',
        'expand-release-full.js',
        'expand-drop-full.js',
      ]);
      expect(generated.stdout).toContain(`Until then: keel db:migrate --to ${names[7]}`);
      expect(generated.stdout).not.toContain('Loses data');

      expect(await keel(['db:lint'])).toMatchObject({ code: 0 });
      const step = async (args: readonly string[]): Promise<void> => {
        expect(await keel(args)).toMatchObject({ code: 0 });
        for (const release of [old, fresh]) await release.write();
        const all = [...old.names, ...fresh.names];
        expect({ args, old: await old.missing(all), fresh: await fresh.missing(all) }).toEqual({
          args,
          old: [],
          fresh: [],
        });
      };
      for (const name of [names[0], names[2], names[7]]) await step(['db:migrate', '--to', name!]);
      expect(
        await query(`SELECT count(*)::int FROM users WHERE "fullName" IS DISTINCT FROM name`),
      ).toEqual([{ count: 0 }]);
      await query(
        `INSERT INTO people ("full") VALUES ('Ada Lovelace'); INSERT INTO people (first, last) VALUES ('Grace', 'Hopper')`,
      );
      expect(
        await query(
          `SELECT "full", first, last FROM people WHERE id > ${ROWS} OR id = 7 ORDER BY id`,
        ),
      ).toEqual([
        { full: 'F7 L7', first: 'F7', last: 'L7' },
        { full: 'Ada Lovelace', first: 'Ada', last: 'Lovelace' },
        { full: 'Grace Hopper', first: 'Grace', last: 'Hopper' },
      ]);

      // The rest is for a later release.
      const untold = await keel(['db:migrate']);
      expect(untold.stderr).toContain('is not told which release of "shop" it has to wait for');
      for (const name of names.slice(8))
        replaceIn(project, name, 'atLeast: undefined', `atLeast: '2.0.0'`);
      const refused = await keel(['db:migrate']);
      expect(refused.stderr).toContain('A session of shop older than 2.0.0 is connected');
      await first.end();
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      expect(await keel(['db:check'])).toMatchObject({ code: 0, stderr: '' });
      expect(await query(`SELECT count(*)::int FROM users WHERE "fullName" = 'name 20'`)).toEqual([
        { count: 1 },
      ]);
      await fresh.write();
      await query(`INSERT INTO people (first) VALUES ('Cher')`);

      // And all the way back, with what was written meanwhile.
      expect(await keel(['db:migrate:undo:all', '--to', names[8]!])).toMatchObject({ code: 0 });
      const again = new Release(await connect('shop@1.9.0'), 'old', 'name');
      again.names.push(...old.names);
      await again.write();
      const all = [...again.names, ...fresh.names];
      expect([await again.missing(all), await fresh.missing(all)]).toEqual([[], []]);
      expect(
        await query(`SELECT "full" FROM people WHERE first IN ('Cher', 'F9') ORDER BY 1`),
      ).toEqual([{ full: 'Cher' }, { full: 'F9 L9' }]);
      await second.end();
      expect(await keel(['db:migrate:undo:all', '--to', names[0]!])).toMatchObject({ code: 0 });
      expect(await again.missing(all)).toEqual([]);
      expect(await query(SHAPE)).toEqual(shape);
      await again.client.end();
      await admin.end();
    }),
  120_000,
);

test('what cannot be there twice is refused by its name, and nothing is written', () =>
  withDatabaseProject(
    {
      'package.json': '{"private":true}',
      'models/index.js': INDEX,
      'models/user.js': model(
        'User',
        `{ code: { type: DataTypes.INTEGER, primaryKey: true }, fullName: { type: DataTypes.TEXT, unique: true }, data: DataTypes.JSON, age: DataTypes.INTEGER }`,
        '',
        `tableName: 'users', timestamps: false`,
      ),
      'migrations/20200101000000-users.js': migration(
        `await q.sequelize.query(\`
          CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, info json, age text, shout text GENERATED ALWAYS AS (upper(name)) STORED);
          CREATE TABLE posts (by text REFERENCES users (name));
          CREATE VIEW named AS SELECT name FROM users;
          CREATE STATISTICS together ON id, name FROM users;
          CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
          CREATE TRIGGER told BEFORE UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION f();
          GRANT SELECT (name) ON users TO PUBLIC\`);`,
        `await q.sequelize.query('DROP TABLE users, posts CASCADE; DROP FUNCTION f');`,
      ),
    },
    async (project) => {
      const { keel } = project;
      const refused = async (...expand: string[]): Promise<string> => {
        const flags = expand.flatMap((value) =>
          value.startsWith('--') ? [value] : ['--expand', value],
        );
        const rest = expand.some((value) => value.startsWith('--')) ? [] : ['--no-rename'];
        const { code, stderr } = await keel([...generate, ...rest, ...flags]);
        expect({ code, files: filesOf(project) }).toEqual({ code: 1, files: [] });
        return stderr;
      };
      const held = await refused('users.name:users.fullName');
      for (const reason of [
        'rule _RETURN on view named uses name',
        'statistics object together uses name',
        'trigger told on table users uses name',
        'constraint posts_by_fkey on table posts uses name',
        'a generated column is computed from name',
        'rights are granted on name alone',
      ])
        expect(held).toContain(reason);
      expect(held).toContain(`let the model call it so (fullName: { field: 'name' })`);
      const key = await refused('users.id:users.code');
      expect(key).toContain('id is numbered by a sequence');
      expect(key).toContain('constraint users_pkey on table users uses id');
      expect(await refused('users.info:users.data')).toContain(
        'values of info (json) cannot be compared',
      );
      expect(await refused('users.age')).toContain('old code could write values that do not fit');
      expect(await refused('users:people')).toContain(
        'A trigger keeps columns in step, not tables',
      );
      expect(await refused('users.fullName=lower(name)')).toContain('Nothing is said of');
      // Each of these needs one column to be two things at a time, which a rename does not.
      expect(await refused('users.name:users.age', 'users.age:users.data')).toContain(
        'users.age is the new column of one --expand and the old one of another',
      );
      expect(await refused('users.name:users.fullName', '--rename=users.name:data')).toContain(
        '--expand takes the new name as well: users.name:data',
      );
      expect(await keel([...generate, '--simple', '--expand', 'a.b:a.c'])).toMatchObject({
        code: 1,
      });
    },
  ));

const NUMBERS = {
  'package.json': '{"private":true}',
  'models/index.js': INDEX,
  'models/user.js': model(
    'User',
    `{ id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true }, code: { type: DataTypes.TEXT, allowNull: false, defaultValue: '0', unique: true }, kind: { type: DataTypes.TEXT, defaultValue: 'a' } }`,
    `User.hasMany(models.Post, { foreignKey: 'userId' });`,
    `tableName: 'users', timestamps: false, indexes: [{ fields: ['code', 'id'] }]`,
  ),
  'models/post.js': model(
    'Post',
    `{ id: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true, autoIncrementIdentity: true }, userId: { type: DataTypes.BIGINT, allowNull: false } }`,
    `Post.belongsTo(models.User, { foreignKey: 'userId', onDelete: 'CASCADE', onUpdate: 'NO ACTION' });`,
    `tableName: 'posts', timestamps: false`,
  ),
  'migrations/20200101000000-users.js': migration(
    `await q.sequelize.query(\`
      CREATE TYPE enum_users_kind AS ENUM ('a', 'b');
      CREATE TABLE users (id serial PRIMARY KEY, code varchar(20) NOT NULL DEFAULT '0' UNIQUE CHECK (code <> ''), kind enum_users_kind DEFAULT 'a');
      CREATE INDEX users_code_id ON users (code, id);
      CREATE TABLE posts (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, "userId" integer NOT NULL REFERENCES users ON DELETE CASCADE);
      CREATE TABLE notes (by integer REFERENCES users)\`);`,
    `await q.sequelize.query('DROP TABLE notes, posts, users; DROP TYPE enum_users_kind');`,
  ),
};

test('keys, foreign keys and plain columns get another type under the same name, forth and back', () =>
  withDatabaseProject(NUMBERS, async (project) => {
    const { keel, database, remove, write } = project;
    await keel(['db:migrate']);
    const client = await connectTo(database.url, 'application');
    const query = async (sql: string) => (await client.query<Record<string, unknown>>(sql)).rows;
    const shape = await query(SHAPE);
    await query(`INSERT INTO users (code) SELECT 'c' || i FROM generate_series(1, ${ROWS}) i;
      INSERT INTO posts ("userId") SELECT i FROM generate_series(1, ${ROWS}) i; INSERT INTO notes VALUES (1)`);
    // What is not named is changed at once, and the line that says so names the other way where there is one.
    write({ 'models/note.js': NOTE });
    const atOnce = await keel([...generate, '--expand', 'users.code']);
    expect(atOnce.stdout).toMatch(
      /becomes bigint, under an exclusive lock; --expand users\.id changes it/,
    );
    expect(atOnce.stdout).toMatch(/notes\.by becomes bigint, under an exclusive lock\n/);
    remove('models/note.js');
    for (const name of filesOf(project)) remove(`migrations/${name}`);
    const flags = ['users.id', 'users.code', 'users.kind', 'posts.id', 'posts.userId'];
    const generated = await keel([...generate, ...flags.flatMap((flag) => ['--expand', flag])]);
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    expect(generated.stdout).not.toContain('For a later release');
    const names = filesOf(project);
    expect(shortNames(names)).toEqual([
      'expand.js',
      'expand-backfill-id_new-userId_new.js',
      'expand-backfill-id_new-code_new-kind_new.js',
      'expand-validate.js',
      'expand-index-posts_pkey_new.js',
      'expand-index-users_code_key_new.js',
      'expand-index-users_code_id_new.js',
      'expand-index-users_pkey_new.js',
      'expand-swap-id-userId.js',
      'expand-relax-id_old-userId_old.js',
      'expand-drop-id_old-userId_old.js',
      'expand-swap-id-code-kind.js',
      'expand-references-id-code-kind.js',
      'expand-relax-id_old-code_old-kind_old.js',
      'expand-drop-id_old-code_old-kind_old.js',
    ]);

    // What breaks a rule of the linter on purpose says so.
    expect(await keel(['db:lint'])).toMatchObject({ code: 0 });

    // One application, which goes on with the same names.
    let written = 0;
    const requireWriting = async (): Promise<void> => {
      written += 1;
      await query(`WITH u AS (INSERT INTO users (code) VALUES ('w${written}') RETURNING id)
        INSERT INTO posts ("userId") SELECT id FROM u`);
      await query(`UPDATE users SET code = 'changed' || id WHERE id = ${100 + written}`);
      await query(`DELETE FROM users WHERE id = ${200 + written}`);
      expect(await query(TOTALS)).toEqual([
        { users: ROWS, posts: ROWS, last: `${ROWS + written}`, changed: written },
      ]);
      await expect(query(`INSERT INTO notes VALUES (200 + ${written})`)).rejects.toThrow(
        'notes_by_fkey',
      );
      await expect(query(`INSERT INTO users (code) VALUES ('w1')`)).rejects.toThrow(
        'users_code_key',
      );
      await query(`SELECT setval('users_id_seq', ${ROWS + written})`);
    };
    for (const at of [0, 8, 11, 14]) {
      expect(await keel(['db:migrate', '--to', names[at]!])).toMatchObject({ code: 0 });
      await requireWriting();
    }
    expect(await keel(['db:check'])).toMatchObject({ code: 0, stderr: '' });
    await query(
      `INSERT INTO users (id, code) VALUES (3000000000, 'far'); DELETE FROM users WHERE code = 'far'`,
    );
    expect(await query(`SELECT conname FROM pg_constraint WHERE NOT convalidated`)).toEqual([]);
    for (const at of [11, 0]) {
      expect(await keel(['db:migrate:undo:all', '--to', names[at]!])).toMatchObject({ code: 0 });
      await requireWriting();
    }
    expect(await query(SHAPE)).toEqual(shape);
  }));

/** Without a key, by which a backfill could go through the table. */
const NOTE = model(
  'Note',
  `{ by: { type: DataTypes.BIGINT, references: { model: 'users', key: 'id' } } }`,
  `Note.removeAttribute('id');`,
  `tableName: 'notes', timestamps: false`,
);

const TOTALS = `SELECT count(*)::int AS users, (SELECT count(*)::int FROM posts JOIN users u ON u.id = "userId") AS posts,
  max(id)::text AS last, (count(*) FILTER (WHERE code = 'changed' || id))::int AS changed FROM users`;
