import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { historySql } from './histories';

/** The same SQL, each migration in one transaction with its row in a ledger. */
export const FLOOR = `
const { Client } = require('pg');
const { readFileSync } = require('node:fs');
(async () => {
  const steps = JSON.parse(readFileSync('steps.json', 'utf8'));
  const client = new Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  const up = process.argv[2] === 'up';
  await client.query('CREATE TABLE IF NOT EXISTS ledger (name varchar(255) PRIMARY KEY)');
  const { rows } = await client.query('SELECT name FROM ledger');
  const done = new Set(rows.map((row) => row.name));
  for (const step of up ? steps : steps.reverse()) {
    if (done.has(step.name) === up) continue;
    await client.query('BEGIN');
    await client.query(up ? step.up : step.down);
    await client.query(up ? 'INSERT INTO ledger VALUES ($1)' : 'DELETE FROM ledger WHERE name = $1', [step.name]);
    await client.query('COMMIT');
  }
  await client.end();
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
