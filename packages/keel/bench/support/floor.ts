import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { historySql } from './histories';

/**
 * The same SQL, each migration in one transaction with its row in a ledger, or with `together` all in one.
 *
 * Its arguments: `up` or `down`, and `together`.
 */
export const FLOOR = `
const { Client } = require('pg');
const { readFileSync } = require('node:fs');
(async () => {
  const steps = JSON.parse(readFileSync('steps.json', 'utf8'));
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const up = process.argv[2] === 'up';
  const together = process.argv[3] === 'together';
  await client.query('CREATE TABLE IF NOT EXISTS ledger (name varchar(255) PRIMARY KEY)');
  const { rows } = await client.query('SELECT name FROM ledger');
  const done = new Set(rows.map((row) => row.name));
  if (together) await client.query('BEGIN');
  for (const step of up ? steps : steps.reverse()) {
    if (done.has(step.name) === up) continue;
    if (!together) await client.query('BEGIN');
    await client.query(up ? step.up : step.down);
    await client.query(up ? 'INSERT INTO ledger VALUES ($1)' : 'DELETE FROM ledger WHERE name = $1', [step.name]);
    if (!together) await client.query('COMMIT');
  }
  if (together) await client.query('COMMIT');
  await client.end();
})();
`;

/**
 * What Sequelize takes without any runner: keel's own files, each in a transaction with its row in a ledger, on one
 * connection, and two messages for each.
 */
export const SEQUELIZE_FLOOR = `
const Sequelize = require('sequelize');
const { readdirSync } = require('node:fs');
const path = require('node:path');
(async () => {
  const up = process.argv[2] === 'up';
  const sequelize = new Sequelize(process.env.DATABASE_URL, { logging: false });
  const connection = await sequelize.connectionManager.getConnection();
  sequelize.connectionManager.getConnection = async () => connection;
  sequelize.connectionManager.releaseConnection = async () => undefined;
  await connection.query('CREATE TABLE IF NOT EXISTS ledger (name varchar(255) PRIMARY KEY)');
  const { rows } = await connection.query('SELECT name FROM ledger');
  const done = new Set(rows.map((row) => row.name));
  const names = readdirSync('migrations').sort();
  await connection.query('BEGIN');
  for (const name of up ? names : names.reverse()) {
    if (done.has(name) === up) continue;
    const file = require(path.resolve('migrations', name));
    await (up ? file.up : file.down)(sequelize.getQueryInterface(), Sequelize);
    const record = up ? \`INSERT INTO ledger VALUES ('\${name}')\` : \`DELETE FROM ledger WHERE name = '\${name}'\`;
    await connection.query(\`\${record}; COMMIT; BEGIN\`);
  }
  await connection.query('COMMIT');
  process.exit(0);
})();
`;

/** Writes the steps that {@link FLOOR} reads, as many as there are migrations. */
export function writeSteps(folder: string, count: number): void {
  const steps = Array.from({ length: count }, (_, i) => ({
    name: `m${i + 1}`,
    ...historySql(i + 1),
  }));
  writeFileSync(path.join(folder, 'steps.json'), JSON.stringify(steps));
}
