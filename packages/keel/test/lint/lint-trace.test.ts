import { readFileSync } from 'node:fs';
import path from 'node:path';
import { lintTrace, type LintedFile } from '../../src/lint/lint-trace';
import { allRules } from '../../src/lint/rules/all-rules';
import { RULE_IDS } from '../../src/lint/rules/rule-ids';
import type { TableSizes } from '../../src/lint/table-sizes';
import type { RelationRef } from '../../src/lint/trace/catalog-change';
import type { FileTrace, TracedStatement } from '../../src/lint/trace/trace';
import type { Threshold } from '../../src/lint/views/run-view';

const users: RelationRef = { oid: 1, name: 'public.users' };
const posts: RelationRef = { oid: 2, name: 'public.posts' };

/** 1 MB is read in 10 ms and written in 20, so that a GB takes 10 s. */
const speed = { scanBytesPerMs: 100_000, writeBytesPerMs: 50_000, indexRowsPerMs: 1000 };

const sizes: TableSizes = {
  tables: {
    'public.users': { rows: 10_000_000, bytes: 1_000_000_000 },
    'public.posts': { rows: 40, bytes: 8192 },
  },
  trusted: true,
  invalidIndexes: ['public.users_email'],
};

function statement(parts: Partial<TracedStatement>): TracedStatement {
  return {
    sql: 'SELECT 1',
    values: undefined,
    call: undefined,
    source: { file: 'migrations/1.ts', line: 3, column: 5 },
    durationMs: 1,
    codeMs: 0,
    inTransaction: true,
    transaction: 0,
    locks: [],
    changes: [],
    scans: [],
    error: undefined,
    ...parts,
  };
}

function file(statements: readonly TracedStatement[], parts: Partial<FileTrace> = {}): FileTrace {
  return {
    name: '1.ts',
    path: 'migrations/1.ts',
    mode: 'transaction',
    asksNoTransaction: false,
    statements,
    codeMs: 0,
    rollsBack: false,
    backfills: false,
    session: undefined,
    error: undefined,
    without: [],
    safe: {},
    ...parts,
  };
}

const addIndex = (table: RelationRef): TracedStatement =>
  statement({
    sql: `CREATE INDEX ON ${table.name} (email)`,
    locks: [{ relation: table, mode: 'SHARE', written: true }],
    scans: [table],
    changes: [
      {
        type: 'index-created',
        table,
        index: { oid: 9, name: `${table.name}_email` },
        definition: `CREATE INDEX x ON ${table.name} USING btree (email)`,
        unique: false,
        ofConstraint: false,
      },
    ],
  });

const lock = (table: RelationRef): TracedStatement =>
  statement({
    sql: `ALTER TABLE ${table.name} ADD COLUMN a integer`,
    locks: [{ relation: table, mode: 'ACCESS EXCLUSIVE', written: true }],
  });

function lint(files: readonly FileTrace[], known = sizes, threshold: Threshold = {}): LintedFile[] {
  return lintTrace({ files, sizes: known, speed, threshold });
}

const rulesOf = (linted: LintedFile | undefined): string[] =>
  (linted?.findings ?? []).map(({ rule }) => rule);

test('each rule stands once, and the documentation has a row for it', () => {
  expect(allRules.map(({ id }) => id).sort()).toEqual([...RULE_IDS].sort());
  const page = readFileSync(path.join(__dirname, '..', '..', 'docs', 'lint.md'), 'utf8');
  expect(RULE_IDS.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
});

test('how long others wait is worked out from the size and the speed', () => {
  const [linted] = lint([file([addIndex(users)])]);
  expect(linted?.locks).toMatchObject([
    { table: 'public.users', reads: false, writes: true, ms: 20_001, rows: 10_000_000 },
  ]);
});

test('a small table is none of the worries, unless the threshold is lower still', () => {
  expect(lint([file([addIndex(posts)])])).toMatchObject([{ findings: [], locks: [] }]);
  const strict = lint([file([addIndex(posts)])], sizes, { rows: 10 });
  expect(strict[0]?.findings).toMatchObject([{ rule: 'add-index' }]);
  expect(lint([file([addIndex(users)])], sizes, { milliseconds: 60_000 })[0]?.locks).toEqual([]);
});

test('a size that is not known may be any', () => {
  const untrusted = { ...sizes, trusted: false };
  const [linted] = lint([file([addIndex(posts)])], untrusted);
  expect(linted?.locks).toMatchObject([{ ms: null, rows: null }]);
});

test('a table that the run has made is empty, in the files after it too', () => {
  const made = file([
    statement({ changes: [{ type: 'table-created', table: users, columns: [] }] }),
  ]);
  const after = file([addIndex(users)], { name: '2.ts' });
  expect(lint([made, after]).map(({ locks }) => locks)).toEqual([[], []]);
});

test('a lock is held while later statements work on other tables', () => {
  const [linted] = lint([
    file([lock(posts), statement({ sql: 'SELECT max(id) FROM users', scans: [users] })]),
  ]);
  expect(linted?.locks).toMatchObject([{ table: 'public.posts', reads: true, ms: 10_002 }]);
  expect(rulesOf(linted)).toEqual(['rows-through-code', 'scan-under-lock']);
});

test('without a transaction nothing is held after its statement', () => {
  const alone = [lock(posts), statement({ sql: 'SELECT max(id) FROM users', scans: [users] })].map(
    (each) => ({ ...each, inTransaction: false }),
  );
  expect(lint([file(alone, { mode: 'none', asksNoTransaction: true })])[0]?.locks).toEqual([]);
});

test('what a file calls safe is told as such, and an id that is none is named', () => {
  const safe = { 'add-index': 'at night', 'add-indices': 'x' };
  const [linted] = lint([file([addIndex(users)], { safe })], { ...sizes, invalidIndexes: [] });
  expect(linted?.findings).toMatchObject([
    {
      rule: 'unknown-rule',
      message: '`safe` names "add-indices", which is no rule; perhaps "add-index"',
    },
    { rule: 'add-index', safe: 'at night' },
  ]);
  expect(linted?.locks).toMatchObject([{ safe: 'at night' }]);
});

test('two files that lock tables in opposite orders are named', () => {
  const [, second] = lint([
    file([lock(users), lock(posts)]),
    file([lock(posts), lock(users)], { name: '2.ts' }),
  ]);
  expect(second?.findings).toMatchObject([
    {
      rule: 'lock-order',
      message: 'public.posts is locked before public.users, which 1.ts does the other way round',
    },
  ]);
});

test('an invalid index of the database is named by the file that builds it again', () => {
  expect(rulesOf(lint([file([addIndex(users)])])[0])).toEqual(['add-index', 'invalid-index']);
});

test('the safe form repeats the call with what makes it safe', () => {
  const call = { method: 'addIndex', args: ['users', ['email'], { unique: true }] };
  const traced = file([{ ...addIndex(users), call }], { name: '1.js' });
  const [finding] = lint([traced])[0]?.findings ?? [];
  expect(finding?.safeForm?.split('\n')).toEqual([
    'module.exports = {',
    '  transaction: false,',
    '  async up(queryInterface) {',
    "    await queryInterface.addIndex('users', [ 'email' ], { unique: true, concurrently: true });",
    '  },',
    '};',
  ]);
});

/** The safe form of what a statement does, for a file of that name. */
function formOf(parts: Partial<TracedStatement>, name: string): string[] {
  const [finding] = lint([file([statement(parts)], { name })])[0]?.findings ?? [];
  return finding?.safeForm?.split('\n') ?? [];
}

test('the safe forms of renames and drops call keel for these very columns', () => {
  const odd = { oid: 1, name: 'odd.users' };
  const renamed = {
    type: 'column-renamed',
    table: odd,
    column: 'name',
    to: 'full.name',
    columnType: 'text',
  } as const;
  expect(formOf({ changes: [renamed] }, '1.ts')).toEqual([
    expect.stringContaining(
      `keel migration:generate --from-models --expand 'odd.users.name:odd.users."full.name"' writes`,
    ),
    "import { Sequelize } from 'sequelize';",
    "import { syncColumns } from 'sequelize-keel';",
    'export async function up(queryInterface) {',
    `  await queryInterface.sequelize.query('ALTER TABLE "odd"."users" ADD COLUMN "full.name" text');`,
    `  await syncColumns(queryInterface, { table: { tableName: 'users', schema: 'odd' }, forward: { 'full.name': Sequelize.col('name') }, back: { name: Sequelize.literal('"full.name"') } });`,
    '}',
    '',
    '// Second file:',
    "import { Sequelize } from 'sequelize';",
    "import { backfill } from 'sequelize-keel';",
    'export const transaction = false;',
    'export async function up(queryInterface) {',
    `  await backfill(queryInterface, { table: { tableName: 'users', schema: 'odd' }, set: { 'full.name': Sequelize.col('name') }, where: Sequelize.literal('"full.name" IS DISTINCT FROM "name"') });`,
    '}',
    '',
    '// Third file, with a later release:',
    "import { Sequelize } from 'sequelize';",
    "import { requireRelease, unsyncColumns } from 'sequelize-keel';",
    "export const safe = { 'drop-column': 'requireRelease waits for the end of older releases' };",
    'export async function up(queryInterface) {',
    "  await requireRelease(queryInterface, { application: '<name>', atLeast: '<first release without it>' });",
    `  await unsyncColumns(queryInterface, { table: { tableName: 'users', schema: 'odd' }, forward: { 'full.name': Sequelize.col('name') } });`,
    "  await queryInterface.removeColumn({ tableName: 'users', schema: 'odd' }, 'name');",
    '}',
  ]);
  const dropped = {
    type: 'column-dropped',
    table: users,
    column: `it's`,
    columnType: 'text',
  } as const;
  expect(formOf({ changes: [dropped] }, '1.js')).toContain(
    `    await queryInterface.removeColumn('users', "it's");`,
  );
});

test('the safe form of a change of rows is a backfill, in the words of the statement', () => {
  const locks = [{ relation: users, mode: 'ROW EXCLUSIVE', written: true } as const];
  const form = (parts: Partial<TracedStatement>): string =>
    formOf({ locks, scans: [users], ...parts }, '1.js').find((line) => line.includes('await')) ??
    '';
  expect(
    form({
      sql: `UPDATE "users" SET name = concat(name, ', where '), "n" = 1 WHERE kind = 'set a = b';`,
    }),
  ).toBe(
    `    await backfill(queryInterface, { table: 'users', set: { name: Sequelize.literal("concat(name, ', where ')"), n: Sequelize.literal('1') }, where: Sequelize.literal("kind = 'set a = b'") });`,
  );
  const call = { method: 'bulkUpdate', args: ['users', { age: 1 }, {}] };
  expect(form({ sql: 'UPDATE "users" SET "age"=$1', values: [1], call })).toBe(
    `    await backfill(queryInterface, { table: 'users', set: { age: 1 } });`,
  );
  for (const sql of [
    'UPDATE users SET a = 1 FROM posts',
    'UPDATE users SET (a, b) = (1, 2)',
    'DELETE FROM users',
  ])
    expect(form({ sql })).toMatch(/WHERE (users\.)?id BETWEEN 1 AND 5000/);
});

test('a busy machine makes no finding, and a statement that sleeps is one', () => {
  const slow = (durationMs: number): FileTrace =>
    file([lock(users), statement({ sql: 'SELECT work()', durationMs })]);
  expect(lint([slow(400)])[0]?.locks).toEqual([]);
  expect(lint([slow(5000)])[0]?.locks).toMatchObject([{ table: 'public.users', ms: 5001 }]);
});
