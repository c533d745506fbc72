import { readdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withClient } from '../support/database';
import { driftedProject, model } from '../support/drifted-project';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';

const ROWS = 10_500;

/** Users with rows, whose models have a required column and a required foreign key more than the migrations. */
const PROJECT = {
  'models/index.js': driftedProject()['models/index.js'] ?? '',
  'models/team.js': model(
    'Team',
    `{ name: DataTypes.TEXT }`,
    '',
    `tableName: 'teams', timestamps: false`,
  ),
  'models/event.js': model(
    'Event',
    `{ what: { type: DataTypes.TEXT, allowNull: false } }`,
    '',
    `tableName: 'events', timestamps: false`,
  ),
  'models/user.js': model(
    'User',
    `{ name: DataTypes.TEXT, phone: { type: DataTypes.STRING(20), allowNull: false },
       nick: { type: DataTypes.TEXT, allowNull: false }, plan: { type: DataTypes.TEXT, allowNull: false, defaultValue: 'free' },
       kind: { type: DataTypes.ENUM('a', 'b'), allowNull: false },
       teamId: { type: DataTypes.INTEGER, allowNull: false } }`,
    `User.belongsTo(models.Team, { foreignKey: { name: 'teamId', allowNull: false } });`,
    `tableName: 'users', timestamps: false, indexes: [{ fields: ['phone'], unique: true }]`,
  ),
  'migrations/20200101000000-users.js': migration(
    `await q.createTable('teams', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: S.TEXT });
     await q.createTable('users', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, name: S.TEXT, nick: S.TEXT, plan: { type: S.TEXT, defaultValue: 'free' } });
     await q.sequelize.query('CREATE TABLE events (id serial PRIMARY KEY, what text) PARTITION BY RANGE (id); CREATE TABLE events_1 PARTITION OF events DEFAULT');`,
    `await q.dropTable('events'); await q.dropTable('users'); await q.dropTable('teams');`,
  ),
};

const generate = ['migration:generate', '--from-models', '--name', 'more'];

function filesOf({ root }: DatabaseProject): string[] {
  return readdirSync(path.join(root, 'migrations')).slice(1);
}

async function fill({ keel, database }: DatabaseProject): Promise<void> {
  await keel(['db:migrate']);
  await withClient(database.connection, (client) =>
    client.query(
      `INSERT INTO teams (name) VALUES ('first'), ('second');
       INSERT INTO users (name, nick) SELECT 'name ' || i, nullif(i, 7) FROM generate_series(1, ${ROWS}) i;
       UPDATE users SET plan = NULL WHERE id = 8;
       INSERT INTO events (what) SELECT 'opened' FROM generate_series(1, ${ROWS}); ANALYZE users; ANALYZE events`,
    ),
  );
}

test('required columns and foreign keys come to a full table in as many files as there are deploys', () =>
  withDatabaseProject(PROJECT, async (project) => {
    const { keel, root, database } = project;
    const sql = (text: string) =>
      withClient(database.connection, async (client) => (await client.query<object>(text)).rows);
    await fill(project);
    const generated = await keel(generate);
    expect(generated).toMatchObject({ code: 0, stderr: '' });
    expect(generated.stdout).toContain(
      'Needs values: users.phone is required, and the rows that are there have none (10,500 rows of users now)',
    );
    expect(generated.stdout).not.toContain('May fail: users.phone');
    expect(generated.stdout).toContain(
      'users.nick is required, and the rows that are there have none (1 row of users now)',
    );
    expect(generated.stdout).not.toContain('users.nick becomes NOT NULL');
    const names = filesOf(project);
    expect(names.map((name) => name.slice(15))).toEqual([
      'more.js',
      'more-backfill-phone.js',
      'more-backfill-kind.js',
      'more-backfill-teamId.js',
      'more-backfill-nick.js',
      'more-backfill-plan.js',
      'more-validate.js',
      'more-index-users_phone.js',
    ]);
    const text = (at: number) => readFileSync(path.join(root, 'migrations', names[at]!), 'utf8');
    expect(text(5)).toContain(
      'set: { plan: Sequelize.literal("\'free\'::text") },\n      where: { plan: null },',
    );
    expect(text(0)).not.toContain('nick');
    expect(text(6)).toContain('ALTER TABLE "events" VALIDATE CONSTRAINT "events_what_not_null"');
    expect(text(1)).toContain(`const { backfill } = require('sequelize-keel');`);
    expect(text(1)).toContain(
      '// Deploy code that writes users.phone, then write here what the rows have that are there.',
    );
    expect(text(6)).toContain(
      'From here on users.phone is required: code that does not write it must be gone.',
    );
    // The old code still writes rows after the first file.
    const stopped = await keel(['db:migrate']);
    expect(stopped).toMatchObject({ code: 1 });
    expect(stopped.stderr).toContain(
      'has no value for "phone", and there are rows to be given one',
    );
    expect(stopped.stderr).toContain(`Write the value into the migration`);
    await sql(`INSERT INTO users (name) VALUES ('of the old code')`);
    const values = ['', `S.literal("'+' || id")`, `'a'`, `S.literal('1 + id % 2')`, `'none'`];
    for (const at of [1, 2, 3, 4])
      writeFileSync(
        path.join(root, 'migrations', names[at]!),
        text(at)
          .replace('undefined', values[at]!)
          .replace('(queryInterface)', '(queryInterface, S)'),
      );
    expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
    expect(await keel(['db:check'])).toMatchObject({ code: 0, stderr: '' });
    expect(
      await sql(
        `SELECT count(*)::int AS rows, count(DISTINCT phone)::int AS phones, count(DISTINCT "teamId")::int AS teams FROM users`,
      ),
    ).toEqual([{ rows: ROWS + 1, phones: ROWS + 1, teams: 2 }]);
    expect(
      await sql(`SELECT conname FROM pg_constraint WHERE NOT convalidated OR conname LIKE '%not_null'
      AND contype = 'c'`),
    ).toEqual([]);
    expect(await keel(['db:migrate:undo:all', '--to', names[0]!])).toMatchObject({ code: 0 });
    expect(await sql(`SELECT count(*)::int FROM users`)).toEqual([{ count: ROWS + 1 }]);
  }));

test('--simple still writes one plain file, and --safe the steps on an empty table, which need no value', () =>
  withDatabaseProject(PROJECT, async (project) => {
    const { keel, root } = project;
    await fill(project);
    const simple = await keel([...generate, '--simple']);
    expect(simple.stdout).toContain('May fail: users.phone is NOT NULL without a default');
    expect(filesOf(project)).toHaveLength(1);
    const [name] = filesOf(project);

    unlinkSync(path.join(root, 'migrations', name!));
    await keel(['db:migrate:undo:all']);
    await keel(['db:migrate']);
    expect(await keel([...generate, '--safe'])).toMatchObject({ code: 0 });
    expect(filesOf(project)).toHaveLength(6);
    expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
    expect(await keel(['db:check'])).toMatchObject({ code: 0 });
  }));
