import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { findObject, columnScope, pathOf, readPaths, shellWord } from '../../src/diff/object-path';
import { dropScope, readDrops } from '../../src/diff/read-drop';
import { readRenames } from '../../src/diff/read-rename';
import type { RenameCandidate } from '../../src/diff/rename-candidate';
import {
  excludeEachOther,
  findRenameCandidates,
  impliedRenames,
} from '../../src/diff/rename-candidates';
import { emptyFacts } from '../../src/schema/model-facts';
import { keyOf } from '../../src/schema/object-names';
import type { Column, Schema, Table } from '../../src/schema/schema';
import { withClient } from '../support/database';
import { model } from '../support/drifted-project';
import { migration, withDatabaseProject, type DatabaseProject } from '../support/project';
import { emptyTable } from '../support/tables';

/** What a POSIX shell makes of a line of plain and single-quoted words. */
function shellSplit(line: string): string[] {
  return (line.match(/(?:[^\s'\\]|'[^']*'|\\.)+/g) ?? []).map((word) =>
    word.replace(
      /'([^']*)'|\\(.)/g,
      (_, quoted?: string, escaped?: string) => quoted ?? escaped ?? '',
    ),
  );
}

const letters = fc.constantFrom('a', 'B', '.', '"', ':', ' ', "'", '_', 'é', '\\', '1');
const oddName = fc.string({ unit: letters, minLength: 1, maxLength: 5 });
const plainName = fc.constantFrom('users', 'UserAccounts', 'user_accounts', 'a', 'b', 'a.b');
const name = fc.oneof(oddName, plainName);

function column(named: string): Column {
  return { name: named, type: 'text', notNull: false };
}

const table: fc.Arbitrary<Table> = fc
  .record({
    schema: fc.constantFrom('public', 'a', 'B.c', 'billing'),
    name,
    columns: fc.uniqueArray(name, { minLength: 1, maxLength: 3 }),
  })
  .map(({ schema, name: named, columns }) => ({
    ...emptyTable(named),
    schema,
    columns: columns.map(column),
  }));

const tables = fc.uniqueArray(table, { minLength: 1, maxLength: 3, selector: keyOf });

function schemaOf(all: readonly Table[]): Schema {
  return {
    serverVersion: 180000,
    namespaces: ['a', 'B.c', 'billing'],
    extensions: [],
    enums: [],
    sequences: [],
    tables: all,
    others: [],
  };
}

describe('the flags that keel prints', () => {
  it('name the one thing that they were printed for, after a shell has read them', () => {
    fc.assert(
      fc.property(tables, (all) => {
        const scope = columnScope(schemaOf(all));
        for (const one of all) {
          for (const part of [undefined, ...one.columns.map((each) => each.name)]) {
            const printed = shellWord(pathOf({ table: one, part }, scope));
            const [word = ''] = shellSplit(printed);
            expect(shellSplit(printed)).toHaveLength(1);
            const found = findObject(readPaths(word)?.[0] ?? { segments: [], quoted: true }, scope);
            expect([found?.table, found?.part]).toEqual([one, part]);
          }
        }
      }),
      { numRuns: 500 },
    );
  });

  it('are accepted, and lead to what they say, in any order and combination', () => {
    const renamed = fc.tuple(tables, fc.infiniteStream(name), fc.infiniteStream(fc.boolean()));
    let flags = 0;
    fc.assert(
      fc.property(renamed, fc.infiniteStream(fc.nat()), ([before, names, flips], order) => {
        const next = <T>(stream: Iterator<T>): T => stream.next().value as T;
        const after = before.map((one) => ({
          ...one,
          name: next(flips) ? next(names) : one.name,
          schema: next(flips) ? one.schema : 'billing',
          columns: one.columns.map((each) => column(next(flips) ? next(names) : each.name)),
        }));
        const isValid =
          new Set(after.map(keyOf)).size === after.length &&
          after.every(
            ({ columns }) => new Set(columns.map((one) => one.name)).size === columns.length,
          );
        fc.pre(isValid);
        const facts = emptyFacts();
        for (const one of after) facts.models.set(keyOf(one), 'Model');
        const sides = { before: schemaOf(before), after: schemaOf(after) };
        const comparison = compareSchemas(sides.before, sides.after, { mode: 'models', facts });
        const drop = new Set<string>();
        const found = findRenameCandidates({ ...sides, comparison, drop });
        const chosen: RenameCandidate[] = [];
        for (const one of [...found].sort(() => (next(order) % 3) - 1)) {
          if (!chosen.some((other) => excludeEachOther(other, one))) chosen.push(one);
        }
        const words = chosen
          .flatMap((one) => one.flags)
          .flatMap(shellSplit)
          .sort(() => (next(order) % 3) - 1);
        flags += words.length;
        const read = readRenames(words, { ...sides, isModel: (key) => facts.models.has(key) });
        const all = [...read, ...impliedRenames(read, { ...sides, drop })];
        const wanted = chosen.flatMap(({ renames }) => renames);
        const sorted = (list: readonly unknown[]): string[] =>
          list.map((one) => JSON.stringify(one)).sort();
        expect(sorted(all)).toEqual(sorted(wanted));
        for (const one of found) {
          const [word = ''] = shellSplit(one.drop);
          const [{ table: owner, part } = { table: undefined }] = readDrops(
            [word],
            sides.before,
            [],
          );
          const [rename] = one.renames;
          expect(owner && keyOf(owner)).toBe(rename && keyOf(rename.table));
          expect(part).toBe(rename?.kind === 'column' ? rename.column : undefined);
        }
      }),
      { numRuns: 500 },
    );
    expect(flags).toBeGreaterThan(100);
  });

  it('tell an index from a column, and refuse what is not there', () => {
    const index = { ...emptyTable('users'), indexes: [{ name: 'by.name' } as never] };
    expect(readDrops(['users."by.name"'], schemaOf([index]), [])[0]?.part).toBe('by.name');
    expect(dropScope(schemaOf([index])).parts(index)).toContain('by.name');
    expect(() => readDrops(['userz'], schemaOf([index]), [])).toThrow(/--drop userz/);
  });
});

const before = migration(
  `await q.createTable('Teams', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true }, fullName: S.STRING });
   await q.createTable('UserAccounts', {
     id: { type: S.INTEGER, primaryKey: true, autoIncrement: true },
     firstName: { type: S.STRING, allowNull: false },
     eMail: { type: S.STRING, unique: true },
     userRole: { type: S.ENUM('draft', 'published'), defaultValue: 'draft' },
     roleList: S.ARRAY(S.ENUM('a', 'b')),
     teamId: { type: S.INTEGER, references: { model: 'Teams', key: 'id' }, onDelete: 'SET NULL', onUpdate: 'CASCADE' },
   });
   await q.addIndex('UserAccounts', ['firstName'], { name: 'by_first' });
   await q.bulkInsert('Teams', [{ fullName: 'red' }]);
   await q.bulkInsert('UserAccounts', [{ firstName: 'Ada', eMail: 'a@b', userRole: 'published', teamId: 1 }]);`,
  `await q.dropTable('UserAccounts'); await q.dropTable('Teams');
   await q.sequelize.query('DROP TYPE "enum_UserAccounts_userRole"; DROP TYPE "enum_UserAccounts_roleList"');`,
);

function accounts(options: string, roles = `'draft', 'published'`): string {
  return model(
    'UserAccount',
    `{ firstName: { type: DataTypes.STRING, allowNull: false }, eMail: { type: DataTypes.STRING, unique: true },
       userRole: { type: DataTypes.ENUM(${roles}), defaultValue: 'draft' }, roleList: DataTypes.ARRAY(DataTypes.ENUM('a', 'b')) }`,
    `UserAccount.belongsTo(models.Team, { foreignKey: { name: 'teamId', ${options.includes('underscored') ? `field: 'team_id'` : ''} } });`,
    `timestamps: false, indexes: [{ name: 'by_first', fields: [${options.includes('underscored') ? `'first_name'` : `'firstName'`}] }], ${options}`,
  );
}

function teams(options: string): string {
  return model('Team', `{ fullName: DataTypes.STRING }`, '', `timestamps: false, ${options}`);
}

const index = `const { Sequelize, DataTypes } = require('sequelize');
const sequelize = new Sequelize(process.env.DATABASE_URL || 'postgres://localhost/none', { logging: false });
const db = { UserAccount: require('./account')(sequelize, DataTypes), Team: require('./team')(sequelize, DataTypes) };
for (const one of Object.values(db)) one.associate(db);
module.exports = { ...db, sequelize, Sequelize };`;

/** Generates as the hints of the refusals say until there is none, and migrates. */
async function follow(
  { root, keel }: DatabaseProject,
  name: string,
): Promise<{ flags: string[]; rounds: number; text: string; drops: string[] }> {
  const flags: string[] = [];
  for (let rounds = 0; rounds < 4; rounds += 1) {
    const generated = await keel([...generate, name, ...flags]);
    if (generated.code === 0) {
      expect(await keel(['db:migrate'])).toMatchObject({ code: 0 });
      const folder = path.join(root, 'migrations');
      const file = readdirSync(folder).find((one) => one.endsWith(`${name}.js`)) ?? '';
      const text = readFileSync(path.join(folder, file), 'utf8');
      const [up = ''] = text.split('async down');
      return { flags, rounds, text, drops: up.match(/DROP|remove\w+|dropTable/g) ?? [] };
    }
    const lines = generated.stderr.split('\n').filter((line) => line.includes(' --rename '));
    expect(lines.length > 0 ? '' : generated.stderr).toBe('');
    flags.push(...lines.flatMap((line) => shellSplit(line.slice(line.indexOf('--rename')))));
  }
  throw new Error('The questions do not end.');
}

async function readAccounts({ database }: DatabaseProject, sql: string): Promise<unknown> {
  return withClient(
    database.connection,
    async (client) => (await client.query(sql)).rows as unknown,
  );
}

const generate = ['migration:generate', '--from-models', '--name'];

describe('tables with rows', () => {
  it(
    'follow their models to other names, to another schema, and back',
    () =>
      withDatabaseProject(
        {
          'models/index.js': index,
          'models/account.js': accounts(`tableName: 'UserAccounts'`),
          'models/team.js': teams(`tableName: 'Teams'`),
          'migrations/20200101000000-init.js': before,
        },
        async (project) => {
          const { keel, write } = project;
          await keel(['db:migrate']);
          // underscored: every table and column has another name, in one answer for each table.
          write({
            'models/account.js': accounts('underscored: true'),
            'models/team.js': teams('underscored: true'),
          });
          const underscored = await follow(project, 'underscored');
          expect(underscored).toMatchObject({ rounds: 1, drops: [] });
          expect(underscored.flags.filter((flag) => flag !== '--rename').sort()).toEqual([
            'Teams:teams',
            'UserAccounts:user_accounts',
          ]);
          const rows = `SELECT first_name, e_mail, user_role::text, full_name FROM user_accounts JOIN teams ON team_id = teams.id`;
          const kept = {
            first_name: 'Ada',
            e_mail: 'a@b',
            user_role: 'published',
            full_name: 'red',
          };
          expect(await readAccounts(project, rows)).toEqual([kept]);
          const sequence = `SELECT pg_get_serial_sequence('user_accounts', 'id') AS name`;
          expect(await readAccounts(project, sequence)).toEqual([
            { name: 'public.user_accounts_id_seq' },
          ]);

          // Without a schema of its own the other model would be looked for in the new one.
          write({ 'models/team.js': teams(`underscored: true, schema: 'public'`) });
          // Another schema and another name, and a value of an enum at once.
          const options = `underscored: true, schema: 'billing', tableName: 'accounts'`;
          write({ 'models/account.js': accounts(options, `'draft', 'live'`) });
          const moved = await follow(project, 'moved');
          expect(moved.drops).toEqual([]);
          expect(moved.flags.filter((flag) => flag !== '--rename')).toEqual([
            'user_accounts:billing.accounts',
            'billing.accounts.user_role.published:live',
          ]);
          expect(moved.text).toContain(`CREATE SCHEMA "billing"`);
          const there = rows.replace('user_accounts', 'billing.accounts');
          expect(await readAccounts(project, there)).toEqual([{ ...kept, user_role: 'live' }]);

          // Back, by the short form.
          write({ 'models/account.js': accounts('underscored: true', `'draft', 'live'`) });
          const back = [...generate, 'back', '--rename', 'billing.accounts:user_accounts'];
          expect(await keel(back)).toMatchObject({ code: 0 });
          await keel(['db:migrate']);
          expect(await readAccounts(project, rows)).toEqual([{ ...kept, user_role: 'live' }]);
          expect(
            await keel(['db:migrate:undo:all', '--to', '20200101000000-init.js']),
          ).toMatchObject({
            code: 0,
          });
        },
      ),
    240_000,
  );

  it('keep the default of an enum that changes its name while the default goes', () =>
    withDatabaseProject(
      {
        'models/index.js': index,
        'models/account.js': accounts('underscored: true').replace(`, defaultValue: 'draft'`, ''),
        'models/team.js': teams('underscored: true'),
        'migrations/20200101000000-init.js': before,
      },
      async (project) => {
        await project.keel(['db:migrate']);
        await follow(project, 'renamed');
        expect(await project.keel(['db:migrate:undo'])).toMatchObject({ code: 0 });
        const insert = `INSERT INTO "UserAccounts" ("firstName") VALUES ('Bob') RETURNING "userRole"::text AS role`;
        expect(await readAccounts(project, insert)).toEqual([{ role: 'draft' }]);
      },
    ));
});
