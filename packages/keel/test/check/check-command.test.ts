import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CheckResult } from '../../src/check/check-schema';
import { REPOSITORY } from '../support/paths';
import { driftedProject, model } from '../support/drifted-project';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';
import type { ProjectFiles } from '../support/projects';
import { withClient } from '../support/database';

async function check({
  keel,
}: DatabaseProject): Promise<{ code: number | null; result: CheckResult }> {
  const { code, stdout, stderr } = await keel(['db:check', '--json']);
  if (code === 1) throw new Error(stderr + stdout);
  return { code, result: JSON.parse(stdout) as CheckResult };
}

function sentences(differences: CheckResult['models']): string[] {
  return differences.map(({ table, text }) => `${table ?? ''}: ${text}`).sort();
}

const generate = ['migration:generate', '--from-models', '--name', 'catch-up'];

describe('db:check and migration:generate --from-models on an old project', () => {
  it(
    'explain each difference, write the migration, and agree after it',
    () =>
      withDatabaseProject(driftedProject(), async (project) => {
        const { keel, root, database } = project;
        expect((await check(project)).code).toBe(2 + 8);
        await keel(['db:migrate']);
        await withClient(database.connection, (client) =>
          client.query(
            `INSERT INTO "Users" (first_name) VALUES ('Ada'); INSERT INTO "Articles" (title, legacy, "createdAt", "updatedAt") VALUES ('One', 'x', now(), now())`,
          ),
        );
        const before = await check(project);
        expect(before.code).toBe(2);
        expect(sentences(before.result.models)).toEqual(
          [
            ': enum enum_Users_role: (admin, member, guest) in the models, (admin, member) in the migrations',
            'Articles: column legacy (character varying(255)) is in the migrations but not in the models',
            'Articles: column slug: character varying(80) in the models, character varying(200) in the migrations',
            'Articles: column title: text in the models, character varying(255) in the migrations',
            'Articles: default of column views: 0 in the models, none in the migrations',
            'Articles: foreign key (authorId): REFERENCES public."Users"(id) ON UPDATE CASCADE ON DELETE SET NULL in the models, REFERENCES public."Users"(id) in the migrations',
            'Articles: unique index articles_slug (slug) is in the models but not in the migrations',
            'Users: column first_name (character varying(255) NOT NULL) is in the migrations but not in the models',
            'Users: column firstName (character varying(255) NOT NULL) is in the models but not in the migrations',
            ': table Groups is in the models but not in the migrations',
            ': table Memberships is in the models but not in the migrations',
          ]
            .map((line) => line.replace(/^: table (\w+)/, '$1: table $1'))
            .sort(),
        );
        expect(before.result.notices.map(({ text }) => text)).toEqual([
          'table Sessions has no model and is left alone; --drop Sessions would drop it',
        ]);

        const ambiguous = await keel(generate);
        expect(ambiguous.code).toBe(1);
        expect(ambiguous.stderr).toContain('--rename Users.first_name:Users.firstName');
        expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(2);

        const written = await keel([...generate, '--rename', 'Users.first_name:Users.firstName']);
        expect(written.stderr).toBe('');
        expect(written.stdout).toContain(
          'Loses data: the values of Articles.legacy (1 row of Articles now)',
        );
        const file = readdirSync(path.join(root, 'migrations')).at(-1) ?? '';
        expect(file).toMatch(/^\d{14}-catch-up\.js$/);
        const text = readFileSync(path.join(root, 'migrations', file), 'utf8');
        expect(text).toContain(
          `await queryInterface.renameColumn('Users', 'first_name', 'firstName');`,
        );
        expect(text).toContain(
          '// Loses data: the values of Articles.legacy (1 row of Articles now).',
        );

        expect((await check(project)).code).toBe(8);
        const migrated = await keel(['db:migrate']);
        expect(migrated.stderr).toBe('');
        expect(await check(project)).toMatchObject({
          code: 0,
          result: { models: [], database: [] },
        });
        const again = await keel(generate);
        expect(again.stdout).toContain('there is nothing to write');
        const undone = await keel(['db:migrate:undo']);
        expect(undone.code).toBe(0);
      }),
    180_000,
  );

  it(
    'find what was changed in the database by hand, and a changed or missing file',
    () =>
      withDatabaseProject(driftedProject(), async (project) => {
        const { keel, database, remove, write } = project;
        await keel(['db:migrate']);
        await withClient(database.connection, (client) =>
          client.query(`ALTER TABLE "Users" ADD COLUMN phone text; CREATE INDEX by_hand ON "Users" (phone);
          CREATE VIEW loud AS SELECT upper(first_name) FROM "Users"; ALTER TABLE "Articles" DROP COLUMN legacy`),
        );
        const drifted = await check(project);
        expect(drifted.code).toBe(2 + 4);
        expect(sentences(drifted.result.database)).toEqual([
          ': view loud is in the database but not in the migrations',
          'Articles: column legacy (character varying(255)) is in the migrations but not in the database',
          'Users: column phone (text) is in the database but not in the migrations',
          'Users: index by_hand (phone) is in the database but not in the migrations',
        ]);
        write({
          'migrations/20200101000002-articles.js':
            String(driftedProject()['migrations/20200101000002-articles.js']) + '\n// changed\n',
        });
        expect((await check(project)).result.changed).toEqual(['20200101000002-articles.js']);
        remove('migrations/20200101000002-articles.js');
        const missing = await check(project);
        expect(missing.result.missing).toEqual(['20200101000002-articles.js']);
        expect((missing.code ?? 0) & 16).toBe(16);
        remove('models');
        const { stdout } = await keel(['db:check']);
        expect(stdout).toContain('none     Models: there are none to compare');
        expect(stdout).not.toContain('Models and migrations');
      }),
    180_000,
  );

  it(
    'name the model that is wrong, and change nothing',
    () =>
      withDatabaseProject(driftedProject(), async ({ keel, write, root }) => {
        write({ 'models/group.js': model('Group', `{ name: 'no_such_type' }`) });
        const unknown = await keel(generate);
        expect(unknown.code).toBe(1);
        expect(unknown.stderr).toMatch(/model Group, column name.*no_such_type/);
        write({ 'models/group.js': `throw new Error('APP_SECRET is not set');` });
        const throwing = await keel(['db:check']);
        // What is wrong with the models hides nothing of the rest: 8 for the pending migrations.
        expect(throwing.code).toBe(1 + 8);
        expect(throwing.stderr).toContain('APP_SECRET is not set');
        expect(throwing.stdout).toContain('same     Database and migrations');
        write({
          'models/group.js': model(
            'Group',
            `{ ownerId: { type: DataTypes.INTEGER, references: { model: 'Owners', key: 'id' } } }`,
          ),
        });
        const dangling = await keel(generate);
        expect(dangling.stderr).toMatch(/Group refers to the table Owners/);
        expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(2);
        write({
          'models/group.js': `const { Sequelize } = require('sequelize');
            new Sequelize('postgres://localhost:1/none', { logging: false }).authenticate();
            ${model('Group', `{ name: DataTypes.STRING }`)}`,
        });
        const connecting = await keel(['db:check']);
        expect(connecting.code).toBe(2 + 8);
        expect(connecting.stdout).toMatch(/code that the models start failed: .*ECONNREFUSED/);
      }),
    180_000,
  );
});

it('says of a column, a view and a sequence how they differ', () =>
  withDatabaseProject(
    {
      'models/item.js': `module.exports = (s, types) => s.define('Item',
        { size: { type: types.INTEGER, defaultValue: 1 } }, { tableName: 'items', timestamps: false });`,
      'migrations/20200101000000-items.js': migration(
        `for (const sql of ["CREATE TABLE items (id serial PRIMARY KEY, size text DEFAULT 'one')",
           'CREATE VIEW sizes AS SELECT size FROM items', 'CREATE SEQUENCE numbers'])
           await q.sequelize.query(sql);`.replaceAll('\n', ' '),
      ),
    },
    async (project) => {
      await project.keel(['db:migrate']);
      await withClient(project.database.connection, (client) =>
        client.query(`CREATE OR REPLACE VIEW sizes AS SELECT size FROM items WHERE id > 5;
          ALTER SEQUENCE numbers INCREMENT BY 5 MAXVALUE 900`),
      );
      const { result } = await check(project);
      expect(sentences(result.models)).toEqual([
        "items: column size: integer DEFAULT 1 in the models, text DEFAULT 'one'::text in the migrations",
      ]);
      expect(sentences(result.database)).toEqual([
        expect.stringMatching(
          /^: sequence numbers is defined differently: "INCREMENT BY 5 .*MAXVALUE 900.*" in the database, "INCREMENT BY 1 .*" in the migrations$/,
        ),
        expect.stringMatching(
          /^: view sizes is defined differently: ".*WHERE .*id > 5.*" in the database, nothing there in the migrations$/,
        ),
      ]);
    },
  ));

/** This repository's own project, to be changed. */
function ownProject(): ProjectFiles {
  const names = ['config', 'models', 'migrations'].flatMap((folder) =>
    readdirSync(path.join(REPOSITORY, folder)).map((name) => `${folder}/${name}`),
  );
  return Object.fromEntries(
    ['.sequelizerc', 'tsconfig.json', ...names].map((name) => [
      name,
      readFileSync(path.join(REPOSITORY, name), 'utf8'),
    ]),
  );
}

describe('db:check and migration:generate --from-models on this project', () => {
  it(
    'follow the models: a column added, dropped, renamed, retyped, a model, an association',
    () =>
      withDatabaseProject(ownProject(), async (project) => {
        const { keel, remove, root, write } = project;
        // It would stand in the place of config.ts.
        remove('config/config.json');
        const edit = (file: string, from: string, to: string): void => {
          const text = readFileSync(path.join(root, file), 'utf8');
          expect(text).toContain(from);
          write({ [file]: text.replace(from, to) });
        };
        expect((await keel(['db:migrate'])).stderr).toBe('');
        expect((await check(project)).code).toBe(0);

        edit(
          'models/user.ts',
          '{ name: DataTypes.STRING }',
          '{ fullName: DataTypes.STRING, phone: DataTypes.STRING(20) } as never',
        );
        edit('models/post.ts', 'content: DataTypes.TEXT,', '');
        edit('models/post.ts', 'title: DataTypes.STRING', 'title: DataTypes.TEXT');
        edit(
          'models/user.ts',
          "hasOne(models.Profile, { foreignKey: 'userId'",
          "hasOne(models.Profile, { onDelete: 'CASCADE', foreignKey: 'userId'",
        );
        edit(
          'models/index.ts',
          'for (const model of',
          `const Comment = sequelize.define('Comment', { body: DataTypes.TEXT }, { tableName: 'comments' });
           Comment.belongsTo(models.Post as never, { foreignKey: 'postId' });
           for (const model of`,
        );
        edit('models/index.ts', 'import { Sequelize }', 'import { DataTypes, Sequelize }');
        const changed = await check(project);
        expect(changed.code).toBe(2);
        expect(sentences(changed.result.models)).toEqual([
          'comments: table comments is in the models but not in the migrations',
          'posts: column content (text) is in the migrations but not in the models',
          'posts: column title: text in the models, character varying(255) in the migrations',
          'profiles: foreign key (userId): REFERENCES public.users(id) ON UPDATE CASCADE ON DELETE CASCADE in the models, REFERENCES public.users(id) ON UPDATE CASCADE ON DELETE SET NULL in the migrations',
          'users: column fullName (character varying(255)) is in the models but not in the migrations',
          'users: column name (character varying(255)) is in the migrations but not in the models',
          'users: column phone (character varying(20)) is in the models but not in the migrations',
        ]);
        const written = await keel([...generate, '--rename', 'users.name:users.fullName']);
        expect(written.stderr).toBe('');
        const file = readdirSync(path.join(root, 'migrations')).at(-1) ?? '';
        expect(file).toMatch(/-catch-up\.ts$/);
        expect((await keel(['db:migrate'])).stderr).toBe('');
        expect((await check(project)).code).toBe(0);
        expect((await keel(['db:migrate:undo'])).stderr).toBe('');
        expect((await check(project)).code).toBe(8);
      }),
    180_000,
  );
});

describe('migration:generate --from-database', () => {
  it(
    'writes the first migration of a database that is there, and records it',
    () =>
      withDatabaseProject(
        { 'models/user.js': model('User', `{ name: DataTypes.STRING }`) },
        async (project) => {
          const { keel, database, root } = project;
          await withClient(database.connection, (client) =>
            client.query(`CREATE TYPE mood AS ENUM ('sad', 'ok');
          CREATE TABLE "Users" (id serial PRIMARY KEY, name varchar(255), mood mood DEFAULT 'ok', "createdAt" timestamptz NOT NULL, "updatedAt" timestamptz NOT NULL);
          CREATE TABLE notes (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "userId" int REFERENCES "Users" ON DELETE CASCADE DEFERRABLE, body text CHECK (length(body) > 1), at date DEFAULT CURRENT_DATE);
          CREATE INDEX notes_body ON notes (lower(body)) INCLUDE (at) WHERE at IS NOT NULL;
          CREATE VIEW happy AS SELECT id FROM "Users" WHERE mood = 'ok'; CREATE VIEW first AS SELECT min(id) AS id FROM happy;
          CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
          COMMENT ON TABLE notes IS 'it''s';`),
          );
          const made = await keel(['migration:generate', '--from-database', '--name', 'baseline']);
          expect(made.stderr).toBe('');
          expect(made.stdout).toContain('recorded as applied');
          expect(readdirSync(path.join(root, 'migrations'))).toHaveLength(1);
          const { result } = await check(project);
          expect(result).toMatchObject({ database: [], pending: [] });
          const dump = await keel(['db:schema:dump']);
          await keel(['db:migrate:undo']);
          await keel(['db:migrate']);
          expect((await keel(['db:schema:dump'])).stdout).toBe(dump.stdout);
        },
      ),
    180_000,
  );
});
