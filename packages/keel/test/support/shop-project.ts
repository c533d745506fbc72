import type { ProjectFiles } from './projects';

/** Of so many tables. */
export interface ShopOptions {
  readonly tables: number;
  /** How many tables one migration makes. */
  readonly perMigration: number;
}

/** A big project: tables in four schemas that refer to earlier ones, some to many, with models and migrations. */
export function shopProject({ tables, perMigration }: ShopOptions): ProjectFiles {
  const plans = Array.from({ length: tables }, (_, index) => planTable(index));
  const files: Record<string, string> = {
    'models/index.js': [
      `const { Sequelize, DataTypes } = require('sequelize');`,
      `const sequelize = new Sequelize('postgres://nobody@localhost:1/none', { logging: false });`,
      ...plans.map(modelCode),
      ...plans.flatMap(associationCode),
      `module.exports = { sequelize };`,
    ].join('\n'),
  };
  for (let start = 0; start < tables; start += perMigration) {
    const number = `${20240101000000 + start}`;
    files[`migrations/${number}-tables-${start}.js`] = migrationCode(
      plans.slice(start, start + perMigration),
      start === 0,
    );
  }
  return files;
}

const SCHEMAS = ['public', 'billing', 'stock', 'audit'];

interface TablePlan {
  readonly index: number;
  readonly schema: string;
  readonly name: string;
  readonly columns: readonly string[];
  readonly parents: readonly number[];
}

const nameOf = (index: number): string => `table_${index}`;
const schemaOf = (index: number): string => SCHEMAS[index % 7 < 4 ? index % 7 : 0] ?? 'public';

function planTable(index: number): TablePlan {
  // Spread without chance, so that each run has the same picture.
  const spread = (step: number): number => (index * 7919 + step * 104729) % 997;
  const parents = Array.from({ length: index === 0 ? 0 : spread(1) % 3 }, (_, step) =>
    Math.floor((spread(step + 2) / 997) ** 3 * index),
  );
  return {
    index,
    schema: schemaOf(index),
    name: nameOf(index),
    columns: Array.from({ length: 3 + (spread(9) % 12) }, (_, column) => `field_${column}`),
    parents: [...new Set(parents)],
  };
}

function modelCode({ index, schema, name, columns }: TablePlan): string {
  const fields = columns.map(
    (column, at) => `${column}: DataTypes.${at % 2 ? 'INTEGER' : 'STRING'}`,
  );
  return `const M${index} = sequelize.define('Model${index}', { ${fields.join(', ')} }, { schema: '${schema}', tableName: '${name}', timestamps: false });`;
}

function associationCode({ index, parents }: TablePlan): string[] {
  return parents.flatMap((parent) => [
    `M${parent}.hasMany(M${index}, { foreignKey: 'parent_${parent}_id' });`,
    `M${index}.belongsTo(M${parent}, { foreignKey: 'parent_${parent}_id' });`,
  ]);
}

function migrationCode(plans: readonly TablePlan[], isFirst: boolean): string {
  const schemas = SCHEMAS.slice(1).map((schema) => `await q.createSchema('${schema}');`);
  const tables = plans.map(({ schema, name, columns, parents }) => {
    const fields = columns.map((column, at) => `${column}: S.${at % 2 ? 'INTEGER' : 'STRING'}`);
    const keys = parents.map(
      (parent) =>
        `parent_${parent}_id: { type: S.INTEGER, onDelete: 'SET NULL', onUpdate: 'CASCADE', references: { model: { schema: '${schemaOf(parent)}', tableName: '${nameOf(parent)}' }, key: 'id' } }`,
    );
    const id = `id: { type: S.INTEGER, primaryKey: true, autoIncrement: true, allowNull: false }`;
    return `await q.createTable({ schema: '${schema}', tableName: '${name}' }, { ${[id, ...fields, ...keys].join(', ')} });`;
  });
  return `module.exports = { up: async (q, S) => {\n${[...(isFirst ? schemas : []), ...tables].join('\n')}\n}, down: async () => {} };\n`;
}
