import vm from 'node:vm';
import * as babel from 'prettier/plugins/babel';
import * as estree from 'prettier/plugins/estree';
import * as typescript from 'prettier/plugins/typescript';
import { format } from 'prettier/standalone';
import { call, layOut, object, text, texts } from '../../src/codegen/code';
import { writeMigrationFile } from '../../src/codegen/write-migration-file';
import { writeStatements } from '../../src/codegen/write-statements';
import type { Operation } from '../../src/diff/operation';
import { reverseAll } from '../../src/diff/reverse';
import { planSteps } from '../../src/diff/safe-steps';
import type { Column, Constraint, Index, Table } from '../../src/schema/schema';
import { emptyTable } from '../support/tables';

const plugins = [babel, estree as unknown as typeof babel, typescript];

const users = emptyTable('users');
const column = (name: string, type: string, more: Partial<Column> = {}): Column => ({
  name,
  type,
  notNull: false,
  ...more,
});
const foreignKey: Constraint = {
  name: 'posts_userId_fkey',
  kind: 'foreign key',
  columns: ['userId'],
  definition: 'FOREIGN KEY ("userId") REFERENCES public.users(id) ON DELETE CASCADE',
  references: {
    schema: 'public',
    name: 'users',
    columns: ['id'],
    onUpdate: 'NO ACTION',
    onDelete: 'CASCADE',
  },
  deferrable: 'not',
  validated: true,
};
const index: Index = {
  name: 'users_lower',
  unique: true,
  method: 'btree',
  fields: [{ text: 'lower(name)', isExpression: true, order: 'ASC' }],
  predicate: "(name <> ''::text)",
  tail: "USING btree (lower(name)) WHERE (name <> ''::text)",
  special: false,
  valid: true,
  dependsOn: ['name'],
};
const posts: Table = {
  ...users,
  name: 'posts',
  columns: [
    column('id', 'integer', {
      notNull: true,
      default: "nextval('public.posts_id_seq'::regclass)",
      sequence: { schema: 'public', name: 'posts_id_seq', type: 'integer' },
    }),
    column('userId', 'integer'),
    column('body', 'text', {
      notNull: true,
      default: "'it''s'::text",
      comment: 'what "people" write, and it is a long comment',
    }),
    column('odd name', 'character varying(80)', { default: "'a\\b'::character varying" }),
  ],
  constraints: [
    {
      name: 'posts_pkey',
      kind: 'primary key',
      columns: ['id'],
      definition: 'PRIMARY KEY (id)',
      deferrable: 'not',
      validated: true,
    },
    {
      name: 'posts_userId_body_key',
      kind: 'unique',
      columns: ['userId', 'body'],
      definition: 'UNIQUE ("userId", body)',
      deferrable: 'not',
      validated: true,
    },
    foreignKey,
  ],
};
const operations: readonly Operation[] = [
  { type: 'createTable', table: posts },
  { type: 'addColumn', table: users, column: column('phone', 'character varying(255)') },
  {
    type: 'changeNull',
    table: users,
    before: column('name', 'text'),
    after: column('name', 'text', { notNull: true }),
  },
  { type: 'dropColumn', table: users, column: column('legacy', 'numeric(10,2)', { default: '0' }) },
  { type: 'createIndex', table: users, index },
  { type: 'addConstraint', table: posts, constraint: foreignKey },
];

/** The styles of a file. */
const STYLES = {
  typescript: { language: 'typescript' },
  'typescript with types of keel': { language: 'typescript', typesFrom: 'sequelize-keel' },
  'typescript with require': {
    language: 'typescript',
    typesFrom: 'sequelize-keel',
    requires: true,
  },
  'typescript with require and no types': { language: 'typescript', requires: true },
  commonjs: { language: 'commonjs', typesFrom: 'sequelize-cli' },
  esm: { language: 'esm', typesFrom: 'sequelize-keel' },
} as const;

function write(
  style: keyof typeof STYLES,
  list: readonly Operation[],
  printWidth: number,
  withoutTransaction = false,
): string {
  const context = { ...STYLES[style], sequelizeMajor: 6 } as const;
  const source = {
    up: writeStatements(context, list, new Map()),
    down: writeStatements(context, reverseAll(list), new Map()),
    remarks: new Map([[list[0] as Operation, ['A remark.']]]),
    withoutTransaction,
  };
  return writeMigrationFile(context, source, { printWidth });
}

describe('a generated migration', () => {
  it('reads as if a person had written it', () => {
    expect(write('typescript', operations, 100))
      .toBe(`import { DataTypes, Sequelize } from 'sequelize';
import type { QueryInterface } from 'sequelize';

export async function up(queryInterface: QueryInterface): Promise<void> {
  // A remark.
  await queryInterface.createTable(
    'posts',
    {
      id: { type: DataTypes.INTEGER, allowNull: false, primaryKey: true, autoIncrement: true },
      userId: {
        type: DataTypes.INTEGER,
        references: { model: 'users', key: 'id' },
        onDelete: 'CASCADE',
      },
      body: {
        type: DataTypes.TEXT,
        allowNull: false,
        defaultValue: "it's",
        comment: 'what "people" write, and it is a long comment',
      },
      'odd name': {
        type: DataTypes.STRING(80),
        defaultValue: Sequelize.literal("'a\\\\b'::character varying"),
      },
    },
    { uniqueKeys: { posts_userId_body_key: { fields: ['userId', 'body'] } } },
  );
  await queryInterface.addColumn('users', 'phone', DataTypes.STRING);
  await queryInterface.changeColumn('users', 'name', { type: DataTypes.TEXT, allowNull: false });
  await queryInterface.removeColumn('users', 'legacy');
  await queryInterface.addIndex('users', {
    fields: [Sequelize.literal('lower(name)')],
    name: 'users_lower',
    unique: true,
    where: Sequelize.literal("(name <> ''::text)"),
  });
}

export async function down(queryInterface: QueryInterface): Promise<void> {
  await queryInterface.removeIndex('users', 'users_lower');
  await queryInterface.addColumn('users', 'legacy', {
    type: DataTypes.DECIMAL(10, 2),
    defaultValue: 0,
  });
  await queryInterface.changeColumn('users', 'name', DataTypes.TEXT);
  await queryInterface.removeColumn('users', 'phone');
  await queryInterface.dropTable('posts');
}
`);
  });

  it.each([
    ['typescript', 80],
    ['typescript with types of keel', 80],
    ['typescript with require', 80],
    ['typescript with require and no types', 100],
    ['commonjs', 80],
    ['esm', 80],
    ['typescript', 100],
    ['commonjs', 120],
  ] as const)('is laid out as prettier lays it out (%s, %d columns)', async (style, printWidth) => {
    const onPartitions: Operation = {
      type: 'createIndex',
      table: users,
      index,
      onPartitions: true,
    };
    for (const withoutTransaction of [false, true]) {
      const list = withoutTransaction ? [...operations, onPartitions] : operations;
      const source = write(style, list, printWidth, withoutTransaction);
      const parser = STYLES[style].language === 'typescript' ? 'typescript' : 'babel';
      expect(await format(source, { parser, plugins, singleQuote: true, printWidth })).toBe(source);
    }
  });

  it('takes its types and its form from what the project has', () => {
    const [add] = operations.slice(1);
    const text = (style: keyof typeof STYLES): string =>
      write(style, [add as Operation], 100, true).replaceAll(/^ +(\/\/|await) .*\n/gm, '');
    expect(text('typescript with types of keel')).toBe(`import { DataTypes } from 'sequelize';
import type { Migration } from 'sequelize-keel';

export default {
  transaction: false,

  async up(queryInterface) {
  },

  async down(queryInterface) {
  },
} satisfies Migration;
`);
    expect(text('typescript with require')).toBe(`import Sequelize = require('sequelize');
import type { Migration } from 'sequelize-keel';

const { DataTypes } = Sequelize;

export = {
  transaction: false,

  async up(queryInterface) {
  },

  async down(queryInterface) {
  },
} satisfies Migration;
`);
    expect(text('esm')).toContain(`/** @type {import('sequelize-keel').Migration['down']} */
export async function down(queryInterface) {`);
    expect(text('commonjs')).toContain(`/** @type {import('sequelize-cli').Migration} */
module.exports = {`);
  });

  it('keeps big tables usable', () => {
    const steps = planSteps(
      operations,
      () => true,
      () => false,
    );
    expect(steps.map(({ suffix, transaction }) => [suffix, transaction])).toEqual([
      ['', true],
      ['-validate', false],
      ['-index-users_lower', false],
    ]);
    const [main = '', validate = '', concurrent = ''] = steps.map((step) =>
      write('esm', step.operations, 100),
    );
    expect(main).toContain(
      'ADD CONSTRAINT "users_name_not_null" CHECK ("name" IS NOT NULL) NOT VALID',
    );
    expect(validate).toContain('VALIDATE CONSTRAINT "users_name_not_null"');
    expect(validate.indexOf('VALIDATE')).toBeLessThan(
      !validate.includes('SET NOT NULL')
        ? validate.indexOf('changeColumn')
        : validate.indexOf('SET NOT NULL'),
    );
    expect(concurrent).toContain('concurrently: true');
  });
});

describe('text()', () => {
  it.each([
    "it's",
    'say "hi"',
    `both ' and "`,
    'back\\slash',
    'two\nlines',
    '${x} `y`',
    '\u0007',
    '',
  ])('survives being evaluated: %j', (value) => {
    expect(vm.runInThisContext(`(${text(value)})`)).toBe(value);
  });
});

describe('layOut()', () => {
  it('breaks all arguments where the last two are of one kind', () => {
    const code = call(
      'f',
      object([['a', text('x'.repeat(30))]]),
      object([['b', texts(['y'.repeat(30), 'z'.repeat(30)])]]),
    );
    expect(layOut(code, 80, 0, 0)).toBe(
      `f(\n  { a: '${'x'.repeat(30)}' },\n  { b: ['${'y'.repeat(30)}', '${'z'.repeat(30)}'] },\n)`,
    );
  });
});
