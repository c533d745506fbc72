import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** The SQL of migration `i`: what Sequelize 6 sends for the `createTable` of {@link writeHistory}. */
export function historySql(i: number): { readonly up: string; readonly down: string } {
  const table = tableName(i);
  return {
    up:
      `CREATE TABLE IF NOT EXISTS "${table}" ("id"   SERIAL , "name" VARCHAR(255) NOT NULL, "email" VARCHAR(255), ` +
      '"age" INTEGER DEFAULT 0, "createdAt" TIMESTAMP WITH TIME ZONE NOT NULL, PRIMARY KEY ("id"));',
    down: `DROP TABLE IF EXISTS "${table}";`,
  };
}

function tableName(i: number): string {
  return `table_${String(i).padStart(5, '0')}`;
}

const sequelizeBody = (i: number): string => `
    await queryInterface.createTable('${tableName(i)}', {
      id: { type: Sequelize.INTEGER, primaryKey: true, autoIncrement: true },
      name: { type: Sequelize.STRING, allowNull: false },
      email: Sequelize.STRING,
      age: { type: Sequelize.INTEGER, defaultValue: 0 },
      createdAt: { type: Sequelize.DATE, allowNull: false },
    });`;

/** The text of migration `i` for each kind of tool. */
const FORMS = {
  js: (i: number) => `'use strict';
module.exports = {
  async up(queryInterface, Sequelize) {${sequelizeBody(i)}
  },
  async down(queryInterface) {
    await queryInterface.dropTable('${tableName(i)}');
  },
};
`,
  ts: (i: number) => `import type { QueryInterface } from 'sequelize';
type Types = typeof import('sequelize');

export default {
  async up(queryInterface: QueryInterface, Sequelize: Types): Promise<void> {${sequelizeBody(i)}
  },
  async down(queryInterface: QueryInterface): Promise<void> {
    await queryInterface.dropTable('${tableName(i)}');
  },
};
`,
  knex: (i: number) => `exports.up = (knex) => knex.raw(${JSON.stringify(historySql(i).up)});
exports.down = (knex) => knex.raw(${JSON.stringify(historySql(i).down)});
`,
  nodePgMigrate: (i: number) => `exports.up = (pgm) => pgm.sql(${JSON.stringify(historySql(i).up)});
exports.down = (pgm) => pgm.sql(${JSON.stringify(historySql(i).down)});
`,
} as const;

/** In which form a history is written. */
export type HistoryForm = keyof typeof FORMS;

/** Writes a folder of `count` migrations, one table each. */
export function writeHistory(folder: string, form: HistoryForm, count: number): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (let i = 1; i <= count; i += 1) {
    const stamp =
      form === 'nodePgMigrate' ? String(1_600_000_000_000 + i) : String(20_200_101_000_000 + i);
    const name = `${stamp}${form === 'nodePgMigrate' ? '_' : '-'}create-${tableName(i).replaceAll('_', '-')}`;
    writeFileSync(path.join(folder, `${name}.${form === 'ts' ? 'ts' : 'js'}`), FORMS[form](i));
  }
}
