import { DataTypes, Sequelize } from 'sequelize';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { planBuild, type BuildPlan } from '../../src/schema/plan-build';
import type { AnySequelize } from '../../src/schema/sequelize-internals';
import type { Schema, Table } from '../../src/schema/schema';
import { emptyTable } from '../support/tables';

function plan(define: (sequelize: Sequelize) => void, unavailable: string[] = []): BuildPlan {
  const sequelize = new Sequelize({ dialect: 'postgres', logging: false });
  define(sequelize);
  return planBuild(sequelize as unknown as AnySequelize, { unavailableExtensions: unavailable });
}

function failureOf(use: () => unknown): unknown {
  try {
    return use();
  } catch (error) {
    return error;
  }
}

describe('planBuild()', () => {
  it('makes tables without foreign keys first, then each foreign key once', () => {
    const { tables, foreignKeys } = plan((s) => {
      const A = s.define('A', {}, { tableName: 'a' });
      const B = s.define('B', {}, { tableName: 'b' });
      A.belongsTo(B);
      B.belongsTo(A);
    });
    expect(tables.map(({ sql }) => sql).join()).not.toContain('REFERENCES');
    expect(foreignKeys.map(({ sql }) => sql)).toEqual([
      'ALTER TABLE "a" ADD FOREIGN KEY ("BId") REFERENCES "b" ("id") ON DELETE SET NULL ON UPDATE CASCADE',
      'ALTER TABLE "b" ADD FOREIGN KEY ("AId") REFERENCES "a" ("id") ON DELETE SET NULL ON UPDATE CASCADE',
    ]);
  });

  it('knows which columns Sequelize fills itself', () => {
    const { facts } = plan((s) => {
      s.define(
        'A',
        {
          id: { type: DataTypes.UUID, primaryKey: true, defaultValue: DataTypes.UUIDV4 },
          at: { type: DataTypes.DATE, defaultValue: DataTypes.NOW },
          code: { type: DataTypes.STRING, defaultValue: () => 'x' },
          born: { type: DataTypes.DATE, defaultValue: new Date(0) },
          name: { type: DataTypes.STRING, defaultValue: 'x' },
          full: DataTypes.VIRTUAL,
        },
        { tableName: 'a', underscored: true },
      );
    });
    expect([...facts.clientDefaults].sort()).toEqual(
      ['at', 'born', 'code', 'created_at', 'id', 'updated_at'].map((name) => `public.a.${name}`),
    );
    expect(facts.notices).toEqual([
      expect.objectContaining({
        column: 'born',
        message: expect.stringContaining('fixed when the model is loaded'),
      }),
    ]);
    expect([...facts.attributes.keys()]).not.toContain('public.a.full');
  });

  it('names the models that it cannot plan, and why', () => {
    const define = (schema: unknown) => (s: Sequelize) => {
      for (const name of ['A', 'B', 'C'])
        s.define(name, {}, { schema: (name === 'C' ? 'c' : schema) as string });
    };
    expect(failureOf(() => plan(define(DataTypes)))).toMatchObject({
      code: 'MODEL_NOT_BUILDABLE',
      details: ['A: Sequelize or its DataTypes', 'B: Sequelize or its DataTypes'],
    });
    expect(failureOf(() => plan(define(7)))).toMatchObject({
      details: [expect.stringMatching(/^A: .*number/), expect.stringMatching(/^B: /)],
    });
    const broken = (s: Sequelize): void => {
      s.define('A', { a: { type: DataTypes.JSON, defaultValue: { big: 1n } } });
      s.define('B', {});
    };
    expect(failureOf(() => plan(broken))).toMatchObject({
      code: 'MODEL_NOT_BUILDABLE',
      message: expect.stringMatching(/^Sequelize cannot build the model A: ./),
    });
  });

  it('names the extensions that types need, and leaves out the columns of one that is not there', () => {
    const define = (s: Sequelize): void => {
      s.define(
        'A',
        { place: DataTypes.GEOMETRY('POINT', 4326), mails: DataTypes.ARRAY(DataTypes.CITEXT) },
        { tableName: 'a' },
      );
    };
    expect(plan(define).extensions).toEqual(['citext', 'postgis']);
    const { extensions, tables, facts } = plan(define, ['postgis']);
    expect(extensions).toEqual(['citext']);
    expect(Object.keys(tables[0]?.columns ?? {})).not.toContain('place');
    expect(facts.notices[0]?.message).toBe(
      'A.place needs the extension postgis, which the server does not have: the column is not compared',
    );
    const table = emptyTable('a');
    const schema = (columns: Table['columns']): Schema => ({
      serverVersion: 180000,
      namespaces: [],
      extensions: [],
      enums: [],
      sequences: [],
      others: [],
      tables: [{ ...table, columns }],
    });
    const before = schema([{ name: 'place', type: 'text', notNull: false }]);
    expect(compareSchemas(before, schema([]), { mode: 'models', facts }).operations).toEqual([]);
  });

  it('takes two models of one table for one', () => {
    const { tables, indexes } = plan((s) => {
      for (const name of ['A', 'B'])
        s.define(name, { x: DataTypes.STRING }, { tableName: 'a', indexes: [{ fields: ['x'] }] });
    });
    expect(tables).toHaveLength(1);
    expect(indexes).toHaveLength(1);
  });
});
