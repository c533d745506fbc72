import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** One migration a table, each table with keys, a unique, an index and, mostly, a foreign key. */
export function writeSchemaProject(folder: string, tables: number): void {
  rmSync(folder, { recursive: true, force: true });
  for (const name of ['config', 'models', 'migrations'])
    mkdirSync(path.join(folder, name), { recursive: true });
  const config = { development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres' } };
  writeFileSync(path.join(folder, 'config', 'config.json'), JSON.stringify(config));
  for (let i = 0; i < tables; i += 1) {
    const number = String(i).padStart(5, '0');
    writeFileSync(path.join(folder, 'models', `m${number}.js`), modelText(i, ''));
    writeFileSync(path.join(folder, 'migrations', `202001010${number}-t.js`), migrationText(i));
  }
}

/**
 * The table that another refers to: the one before it, ten in a row. Some peers follow such a row to its
 * end for each table, so that one of a thousand would take them minutes.
 */
export function parentOf(i: number): number | undefined {
  return i % 10 === 0 ? undefined : i - 1;
}

/** @param more further attributes */
export function modelText(i: number, more: string): string {
  const parent = parentText(i, 'T');
  return `module.exports = (s, T) => s.define('M${i}', {
  name: { type: T.STRING, allowNull: false }, code: { type: T.STRING(40), unique: true },
  amount: { type: T.DECIMAL(10, 2), defaultValue: 0 }, note: T.TEXT${parent}${more}
}, { tableName: 't${i}', indexes: [{ name: 't${i}_name', fields: ['name'] }] });\n`;
}

function migrationText(i: number): string {
  const parent = parentText(i, 'S');
  return `module.exports = {
  up: async (q, S) => {
    await q.createTable('t${i}', {
      id: { type: S.INTEGER, allowNull: false, primaryKey: true, autoIncrement: true },
      name: { type: S.STRING, allowNull: false }, code: { type: S.STRING(40), unique: true },
      amount: { type: S.DECIMAL(10, 2), defaultValue: 0 }, note: S.TEXT${parent},
      createdAt: { type: S.DATE, allowNull: false }, updatedAt: { type: S.DATE, allowNull: false },
    });
    await q.addIndex('t${i}', ['name'], { name: 't${i}_name' });
  },
  down: (q) => q.dropTable('t${i}'),
};\n`;
}

function parentText(i: number, types: string): string {
  const parent = parentOf(i);
  if (parent === undefined) return '';
  return `, parentId: { type: ${types}.INTEGER, references: { model: 't${parent}', key: 'id' } }`;
}
