import type { Sequelize } from 'sequelize';
import { DataTypes } from 'sequelize';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { findHazards } from '../../src/diff/find-hazards';
import { SchemaLab, writeGenerated } from '../support/schema-lab';

interface Case {
  readonly name: string;
  readonly tables: readonly string[];
  readonly models: (sequelize: Sequelize) => void;
  /** Rows that the change takes. */
  readonly good: readonly string[];
  /** Rows that it does not take, and how many are counted. */
  readonly bad: readonly [string, number][];
}

const plain = { timestamps: false } as const;

function define(sequelize: Sequelize, table: string, attributes: Record<string, object>): void {
  sequelize.define(table, attributes as never, { ...plain, tableName: table });
}

const cases: readonly Case[] = [
  {
    name: 'a CHECK that sees rounded values',
    tables: [
      'CREATE TABLE prices (id serial PRIMARY KEY, "netPrice" numeric(10,2), CHECK ("netPrice" > 0 AND "netPrice" < 100))',
    ],
    models: (sequelize) => {
      define(sequelize, 'prices', { netPrice: DataTypes.INTEGER });
    },
    good: ['INSERT INTO prices ("netPrice") VALUES (0.5), (99.49), (NULL)'],
    bad: [
      ['INSERT INTO prices ("netPrice") VALUES (0.4), (99.5), (5)', 2],
      ['INSERT INTO prices ("netPrice") VALUES (99.7)', 1],
    ],
  },
  {
    name: 'a CHECK over two columns, one of which is converted',
    tables: [
      'CREATE TABLE spans (id serial PRIMARY KEY, a double precision, b integer, CHECK (a < b))',
    ],
    models: (sequelize) => {
      define(sequelize, 'spans', { a: DataTypes.INTEGER, b: DataTypes.INTEGER });
    },
    good: ['INSERT INTO spans (a, b) VALUES (0.4, 1), (NULL, 1)'],
    bad: [['INSERT INTO spans (a, b) VALUES (0.6, 1), (1.7, 2), (1.2, 2)', 2]],
  },
  {
    name: 'a column that becomes unique with another type',
    tables: ['CREATE TABLE codes (id serial PRIMARY KEY, code double precision)'],
    models: (sequelize) => {
      define(sequelize, 'codes', { code: { type: DataTypes.INTEGER, unique: true } });
    },
    good: ['INSERT INTO codes (code) VALUES (1.2), (2.2), (NULL), (NULL)'],
    bad: [['INSERT INTO codes (code) VALUES (1.2), (1.3), (1.4), (3)', 2]],
  },
  {
    name: 'a key of two columns that both get another type',
    tables: ['CREATE TABLE pairs (id serial PRIMARY KEY, a numeric, b numeric, UNIQUE (a, b))'],
    models: (sequelize) => {
      define(sequelize, 'pairs', {
        a: { type: DataTypes.INTEGER, unique: 'both' },
        b: { type: DataTypes.INTEGER, unique: 'both' },
      });
    },
    good: ['INSERT INTO pairs (a, b) VALUES (1.2, 1), (2.2, 1), (1.3, NULL), (1.4, NULL)'],
    bad: [['INSERT INTO pairs (a, b) VALUES (1.2, 1.3), (1.1, 1.1), (1, 2)', 2]],
  },
  {
    name: 'a foreign key to a column that loses its fractions',
    tables: [
      'CREATE TABLE rates (rate numeric(6,2) PRIMARY KEY)',
      'CREATE TABLE uses (id serial PRIMARY KEY, rate numeric(6,2) REFERENCES rates)',
    ],
    models: (sequelize) => {
      define(sequelize, 'rates', { rate: { type: DataTypes.DECIMAL(6, 0), primaryKey: true } });
      define(sequelize, 'uses', { rate: DataTypes.DECIMAL(6, 2) });
      sequelize.model('uses').belongsTo(sequelize.model('rates'), { as: 'of', foreignKey: 'rate' });
    },
    good: ['INSERT INTO rates VALUES (1), (2.4)', 'INSERT INTO uses (rate) VALUES (1), (NULL)'],
    bad: [['INSERT INTO rates VALUES (1), (2.4); INSERT INTO uses (rate) VALUES (2.4), (1)', 1]],
  },
  {
    name: 'a new foreign key between columns that get another type',
    tables: [
      'CREATE TABLE parents (id serial PRIMARY KEY)',
      'CREATE TABLE children (id serial PRIMARY KEY, "parentId" text)',
    ],
    models: (sequelize) => {
      define(sequelize, 'parents', {});
      define(sequelize, 'children', { parentId: DataTypes.INTEGER });
      sequelize.model('children').belongsTo(sequelize.model('parents'), { foreignKey: 'parentId' });
    },
    good: [
      'INSERT INTO parents VALUES (7)',
      `INSERT INTO children ("parentId") VALUES ('7'), (NULL)`,
    ],
    bad: [
      [`INSERT INTO parents VALUES (7); INSERT INTO children ("parentId") VALUES ('7'), ('8')`, 1],
    ],
  },
];

describe('what rules make of rows that are converted', () => {
  let lab: SchemaLab;

  beforeAll(async () => {
    lab = await SchemaLab.open();
  });

  afterAll(() => lab.close());

  /** The number of rows that may make the change fail, and whether it does. */
  async function judge(one: Case, rows: readonly string[]): Promise<[number, boolean]> {
    return lab.inTransaction(async () => {
      const { client, read } = lab.migrations;
      for (const sql of [...one.tables, ...rows]) await client.query(sql);
      const before = await read();
      const side = await lab.build(one.models, before);
      const { operations } = compareSchemas(before, side.schema, {
        mode: 'models',
        facts: side.facts,
      });
      let count = 0;
      for (const { kind, countSql } of findHazards(operations, { tables: before.tables })) {
        if (kind !== 'may fail') continue;
        const found = await client.query<{ count: string }>(countSql ?? 'SELECT NULL');
        count += Number(found.rows[0]?.count);
      }
      await client.query('SAVEPOINT change');
      const fails = await lab.run(writeGenerated(before, side.schema, operations), 'up').then(
        () => false,
        (error: unknown) => {
          expect((error as { original?: { code?: string } }).original?.code).toMatch(/^23/);
          return true;
        },
      );
      return [count, fails];
    });
  }

  it.each(cases)('$name', async (one) => {
    expect(await judge(one, one.good)).toEqual([0, false]);
    for (const [rows, count] of one.bad) expect(await judge(one, [rows])).toEqual([count, true]);
  });
});
