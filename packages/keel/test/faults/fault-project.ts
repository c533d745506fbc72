import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { NODE_MODULES } from '../support/paths';

const CONFIG = `module.exports = { development: {
  url: process.env.FAULT_URL, dialect: 'postgres', logging: false, seederStorage: 'sequelize' } };`;

/** Files by name; each the statements of `up` and `down`, with `q` as the query interface. */
export type Files = Readonly<Record<string, string>>;

/** A sequelize-cli project in a temporary folder. */
export interface FaultProject {
  readonly root: string;
  remove(): void;
}

/** Writes a project; its config takes the database's URL from FAULT_URL. */
export function makeProject(migrations: Files, seeders: Files = {}): FaultProject {
  const root = realpathSync(mkdtempSync(path.join(tmpdir(), 'keel-faults-')));
  for (const folder of ['config', 'migrations', 'seeders', 'models'])
    mkdirSync(path.join(root, folder));
  symlinkSync(NODE_MODULES, path.join(root, 'node_modules'));
  writeFileSync(path.join(root, 'package.json'), '{"private":true}');
  writeFileSync(path.join(root, 'config', 'config.js'), CONFIG);
  writeFileSync(
    path.join(root, '.sequelizerc'),
    `module.exports = { config: 'config/config.js' };`,
  );
  for (const [name, text] of Object.entries(migrations))
    writeFileSync(path.join(root, 'migrations', name), text);
  for (const [name, text] of Object.entries(seeders))
    writeFileSync(path.join(root, 'seeders', name), text);
  return {
    root,
    remove: () => {
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A file in the old manner: `up` and `down` with a query interface `q` and Sequelize `S`. */
export function file(up: string, down: string, head = ''): string {
  return `'use strict';\n${head}module.exports.up = async (q, S) => {\n${up}\n};\nmodule.exports.down = async (q, S) => {\n${down}\n};\n`;
}

const WITHOUT_TRANSACTION = 'module.exports.transaction = false;\n';

/**
 * One file for each way in which keel runs files. None that counts (`balance + 10`, a line in the log) can be
 * run twice without a trace. Those that have to do without a transaction are written to be run again.
 */
export const MIGRATIONS: Files = {
  '20250101000001-create-accounts.js': file(
    `await q.createTable('accounts', { id: { type: S.INTEGER, primaryKey: true, autoIncrement: true },
       owner: { type: S.STRING, unique: true }, balance: S.INTEGER, kind: S.ENUM('new', 'old') });
     await q.createTable('log', { line: S.TEXT });
     await q.addIndex('accounts', ['balance']);`,
    `await q.dropTable('log'); await q.dropTable('accounts');
     await q.sequelize.query('DROP TYPE "enum_accounts_kind"');`,
  ),
  '20250101000002-fill-accounts.js': file(
    `await q.bulkInsert('accounts', [1, 2, 3].map((id) => ({ id, owner: 'o' + id, balance: 100, kind: 'new' })));
     await q.sequelize.query('UPDATE accounts SET balance = balance + 10');
     await q.bulkInsert('log', [{ line: 'filled' }]);`,
    `await q.bulkDelete('log', { line: 'filled' }); await q.bulkDelete('accounts', { id: [1, 2, 3] });`,
  ),
  '20250101000003-own-transaction.js': file(
    `await q.sequelize.transaction(async (transaction) => {
       await q.addColumn('accounts', 'note', { type: S.STRING }, { transaction });
       await q.sequelize.query("UPDATE accounts SET note = 'n', balance = balance * 2", { transaction });
     });
     const t = await q.sequelize.transaction();
     await q.sequelize.query("INSERT INTO log VALUES ('own')", { transaction: t });
     await t.commit();`,
    `await q.sequelize.query('UPDATE accounts SET balance = balance / 2');
     await q.bulkDelete('log', { line: 'own' });
     await q.removeColumn('accounts', 'note');`,
  ),
  '20250101000004-index-concurrently.js': file(
    `await q.sequelize.query('DROP INDEX CONCURRENTLY IF EXISTS accounts_owner_kind');
     await q.sequelize.query('CREATE INDEX CONCURRENTLY accounts_owner_kind ON accounts (owner, kind)');`,
    `await q.sequelize.query('DROP INDEX CONCURRENTLY IF EXISTS accounts_owner_kind');`,
    WITHOUT_TRANSACTION,
  ),
  '20250101000005-new-enum-value.js': file(
    `await q.sequelize.query("ALTER TYPE enum_accounts_kind ADD VALUE IF NOT EXISTS 'archived'");
     await q.sequelize.query("UPDATE accounts SET kind = 'archived' WHERE id = 2");`,
    `await q.sequelize.query("UPDATE accounts SET kind = 'new' WHERE id = 2");`,
  ),
  '20250101000006-goes-on-after-an-error.js': file(
    `try { await q.addColumn('accounts', 'note', { type: S.STRING }); } catch {}
     await q.sequelize.query('UPDATE accounts SET balance = balance + 7');`,
    `await q.sequelize.query('UPDATE accounts SET balance = balance - 7');`,
  ),
  '20250101000007-many-at-once.js': file(
    `await Promise.all(['a', 'b', 'c'].map((name) => q.createTable(name, { id: { type: S.INTEGER, primaryKey: true } })));
     await q.bulkInsert('log', [{ line: 'many' }]);`,
    `await q.bulkDelete('log', { line: 'many' });
     await Promise.all(['a', 'b', 'c'].map((name) => q.dropTable(name)));`,
  ),
};

/** Seeders on top of {@link MIGRATIONS}, with explicit ids, so that sequences have to be advanced. */
export const SEEDERS: Files = {
  '20250102000001-more-accounts.js': file(
    `await q.bulkInsert('accounts', [11, 12].map((id) => ({ id, owner: 's' + id, balance: 1, kind: 'old' })));
     await q.bulkInsert('log', [{ line: 'seeded' }]);`,
    `await q.bulkDelete('log', { line: 'seeded' }); await q.bulkDelete('accounts', { id: [11, 12] });`,
  ),
  '20250102000002-interest.js': file(
    `await q.sequelize.query('UPDATE accounts SET balance = balance + 5');`,
    `await q.sequelize.query('UPDATE accounts SET balance = balance - 5');`,
  ),
};
