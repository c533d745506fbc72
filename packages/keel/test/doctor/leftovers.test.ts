import { createRequire } from 'node:module';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { DataTypes, Sequelize } from 'sequelize';
import { withClient } from '../support/database';
import { withDatabaseProject, type DatabaseProject } from '../support/project';

/** A project whose models are synced by the program, as its migrations are. */
const MODELS = `
const { Sequelize } = require('sequelize');
const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });
module.exports = { sequelize, ...require('../define.js')(sequelize, require('sequelize').DataTypes) };`;

const DEFINE = `
module.exports = (sequelize, D) => {
  const User = sequelize.define('User', { email: { type: D.STRING, unique: true }, a: D.INTEGER, b: D.INTEGER });
  const Post = sequelize.define('Post', { by: { type: D.STRING, references: { model: 'Users', key: 'email' } } });
  Post.belongsTo(User);
  return { User, Post };
};`;

const FILES = { 'models/index.js': MODELS, 'define.js': DEFINE };

const objectsOf = async ({ database }: DatabaseProject): Promise<string[]> =>
  withClient(database.connection, async (client) => {
    const { rows } = await client.query<{ object: string }>(`
      SELECT conname || ' ' || pg_get_constraintdef(oid) AS object FROM pg_constraint WHERE conrelid <> 0 AND connamespace = 'public'::regnamespace
      UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
      UNION ALL SELECT typname FROM pg_type WHERE typtype = 'e' ORDER BY 1`);
    return rows.map(({ object }) => object);
  });

/** Syncs as a program does that has an enum at first, and then none. */
async function syncTwice(project: DatabaseProject): Promise<void> {
  const sequelize = new Sequelize(project.database.url, { logging: false });
  const define = createRequire(path.join(project.root, 'x.js'))('./define.js') as (
    sequelize: Sequelize,
    types: typeof DataTypes,
  ) => unknown;
  try {
    define(sequelize, DataTypes);
    sequelize.define('Order', { state: DataTypes.ENUM('open', 'done') });
    await sequelize.sync({ alter: true });
    await sequelize.sync({ alter: true });
    await sequelize.query('DROP TABLE "Orders"');
  } finally {
    await sequelize.close();
  }
}

test('what sync({ alter: true }) leaves is found and cleared, and db:check stays right', () =>
  withDatabaseProject(FILES, async (project) => {
    const { keel, root } = project;
    expect((await keel(['migration:generate', '--from-models', '--name', 'init'])).code).toBe(0);
    expect((await keel(['db:migrate'])).code).toBe(0);
    const clean = await objectsOf(project);
    await syncTwice(project);
    await withClient(project.database.connection, (client) =>
      client.query(`
        ALTER TABLE "Posts" ADD CONSTRAINT "Posts_UserId_fkey1" FOREIGN KEY ("UserId") REFERENCES "Users" ON UPDATE CASCADE ON DELETE SET NULL;
        CREATE INDEX users_ab ON "Users" (a, b);
        CREATE INDEX "Users_a_b_idx" ON "Users" (b DESC, a) WHERE a > 0;
        CREATE INDEX "Users_a_b_idx1" ON "Users" (b DESC, a) WHERE a > 0;
        CREATE TYPE enum_kept AS ENUM ('x');
        CREATE FUNCTION f() RETURNS text LANGUAGE plpgsql AS 'DECLARE v enum_kept; BEGIN RETURN v; END'`),
    );
    const dirty = await objectsOf(project);
    const { stdout, code } = await keel(['doctor']);
    expect(code).toBe(0);
    expect(stdout).toContain('unique Users_email_key1 of Users, the same as Users_email_key');
    expect(stdout).toContain('foreign key Posts_UserId_fkey1 of Posts');
    expect(stdout).toContain('index Users_a_b_idx1 of Users');
    expect(stdout).toContain('type enum_Orders_state, which nothing has');
    expect(stdout).not.toContain('enum_kept');

    const fixed = await keel(['doctor', '--fix', '--json']);
    const { files } = JSON.parse(fixed.stdout) as { files: { path: string; text: string }[] };
    expect(files).toHaveLength(1);
    expect(readFileSync(files[0]!.path, 'utf8')).toBe(files[0]!.text);
    expect(files[0]!.text).toContain("import('sequelize-keel').Migration");
    expect(await objectsOf(project)).toEqual(dirty);

    expect((await keel(['db:migrate'])).code).toBe(0);
    const cleared = await objectsOf(project);
    expect(cleared.filter((object) => !clean.includes(object))).toEqual([
      expect.stringContaining('Users_a_b_idx'),
      expect.stringContaining('users_ab'),
      'enum_kept',
    ]);
    expect((await keel(['doctor'])).stdout).toContain('nothing that sync({ alter: true }) leaves');
    await keel(['db:migrate:undo']);
    expect(await objectsOf(project)).toEqual(dirty);
    expect((await keel(['db:migrate'])).code).toBe(0);

    // What is of nobody's making but the test's.
    await withClient(project.database.connection, (client) =>
      client.query('DROP FUNCTION f; DROP TYPE enum_kept; DROP INDEX users_ab, "Users_a_b_idx"'),
    );
    const check = await keel(['db:check']);
    expect([check.code, check.stdout]).toEqual([0, expect.stringContaining('same')]);
    expect((await keel(['doctor', '--fix'])).stdout).toContain('There is nothing to clear.');
    expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(2);
  }));

test('what the migrations build and need is left, and so is what takes a decision', () =>
  withDatabaseProject(
    {
      'migrations/1-a.js': `module.exports = {
        up: async (q) => q.sequelize.query("CREATE TYPE enum_a_b AS ENUM ('x'); CREATE TABLE a (id integer PRIMARY KEY, b enum_a_b, c integer, UNIQUE (c))"),
        down: async (q) => q.sequelize.query('DROP TABLE a; DROP TYPE enum_a_b') };`,
    },
    async (project) => {
      const { keel, database, root } = project;
      await keel(['db:migrate']);
      await withClient(database.connection, (client) =>
        client.query(`
          ALTER TABLE a ALTER b TYPE text;
          ALTER TABLE a ADD CONSTRAINT a_c_fkey FOREIGN KEY (c) REFERENCES a;
          ALTER TABLE a ADD CONSTRAINT a_c_fkey1 FOREIGN KEY (c) REFERENCES a ON DELETE CASCADE;
          CREATE TYPE enum_a_d_old AS ENUM ('x'); ALTER TABLE a ADD d enum_a_d_old`),
      );
      const { stdout } = await keel(['doctor']);
      expect(stdout).toContain('the foreign keys a_c_fkey and a_c_fkey1 of a go over the same');
      expect(stdout).toContain(
        'the type enum_a_d_old was to be replaced, and is still that of a.d',
      );
      const fixed = await keel(['doctor', '--fix']);
      expect(fixed.stdout).toContain(
        'Not cleared, as the migrations build it and need it: type enum_a_b, which nothing has',
      );
      expect(readdirSync(path.join(root, 'migrations'))).toEqual(['1-a.js']);
    },
  ));
