import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { checkPeers, CHECK_PACKAGES } from './support/check-peers';
import type { CheckPeer, ProgramCall } from './support/check-peers';
import { installPeers, PEERS } from './support/peers';
import { median } from './support/processes';
import { duration, markdownTable } from './support/table';

const FOLDER = path.join(PEERS, 'check');

/** A project of one tool, with a database whose tables it made. */
interface Prepared {
  readonly peer: CheckPeer;
  readonly folder: string;
  readonly url: string;
  readonly times: number[];
}

/**
 * Measures `db:check` with nothing changed beside what other tools have for it, on the same schema in the
 * words of each. Each must say nothing there, and must find a column that is then added to its models.
 */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      tables: { type: 'string', default: '1000' },
      runs: { type: 'string', default: '5' },
      python: { type: 'string', default: 'python3' },
      tools: { type: 'string' },
    },
  });
  const log = (text: string): void => void process.stderr.write(`${text}\n`);
  const tables = Number(values.tables);
  log('Installing the peers…');
  installPeers(CHECK_PACKAGES);
  const server = await startTemporaryServer();
  const base = `postgres://${server.user}:${server.password}@${server.host}:${server.port}/postgres`;
  const admin = new Client({ connectionString: base });
  try {
    await admin.connect();
    const prepared: Prepared[] = [];
    for (const [i, peer] of checkPeers(values.python).entries()) {
      if (values.tools !== undefined && !peer.name.includes(values.tools)) continue;
      if (!peer.installed()) {
        log(`LEFT OUT, not installed: ${peer.name} (--python names another Python)`);
        continue;
      }
      log(`Preparing ${peer.name}`);
      prepared.push(await prepare(admin, base, peer, i, tables));
    }
    for (let turn = 1; turn <= Number(values.runs); turn += 1) {
      for (const one of prepared) one.times.push(measureCheck(one));
      log(`turn ${turn} of ${values.runs}`);
    }
    for (const one of prepared) requireFinding(one, tables);
    process.stdout.write(render(prepared, tables));
  } finally {
    await admin.end();
    await server.stop();
    rmSync(FOLDER, { recursive: true, force: true });
  }
}

async function prepare(
  admin: Client,
  base: string,
  peer: CheckPeer,
  number: number,
  tables: number,
): Promise<Prepared> {
  const folder = path.join(FOLDER, `peer${number}`);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  peer.write(folder, tables);
  await admin.query(`CREATE DATABASE peer${number}`);
  const url = new URL(base);
  url.pathname = `/peer${number}`;
  const prepared = { peer, folder, url: url.href, times: [] };
  for (const call of peer.migrate) requireQuiet(prepared, call);
  return prepared;
}

/** Milliseconds of all calls of a check. */
function measureCheck(one: Prepared): number {
  const start = performance.now();
  for (const call of one.peer.check) requireQuiet(one, call);
  return performance.now() - start;
}

function requireQuiet(one: Prepared, call: ProgramCall): void {
  const { ok, output } = run(one, call);
  if (!ok) throw new Error(`${one.peer.name}: ${call.args.join(' ')} failed:\n${output}`);
}

/** A check that is fast because it compares nothing must not win. */
function requireFinding(one: Prepared, tables: number): void {
  one.peer.change(one.folder, tables);
  const results = one.peer.check.map((call) => run(one, call));
  // `drizzle-kit generate` writes what is missing instead of failing.
  if (!results.some(({ ok, output }) => !ok || output.includes('Your SQL migration file')))
    throw new Error(`${one.peer.name} did not find the added column:\n${results[0]?.output ?? ''}`);
}

function run(one: Prepared, { program, args }: ProgramCall): { ok: boolean; output: string } {
  const env = { ...process.env, DATABASE_URL: one.url, MIKRO_ORM_CLI_USE_TS_NODE: '0' };
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd: one.folder,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  if (error) throw error;
  return { ok: status === 0, output: `${stdout}\n${stderr}`.slice(-4000) };
}

function render(results: readonly Prepared[], tables: number): string {
  const head = [
    `${tables.toLocaleString('en-US')} tables`,
    'looks at the database',
    'least',
    'median',
  ];
  const rows = results.map(({ peer, times }) => [
    peer.name,
    peer.looksAtDatabase ? 'yes' : 'no',
    duration(Math.min(...times)),
    duration(median(times)),
  ]);
  return `${markdownTable(head, rows)}\n`;
}
