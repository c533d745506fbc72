import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startTemporaryServer } from '../src/embedded/temporary-server';
import { GATE_GROUPS, type GateGroup, type GatePlace, type Turn } from './support/gate-groups';
import { PEERS } from './support/peers';
import { bestOf, describeLost, findLost, type KeptRatios, type Ratios } from './support/ratios';
import { markdownTable } from './support/table';

const KEPT = path.join(__dirname, 'ratios.json');
const FOLDER = path.join(PEERS, 'gate');
const KEEL = path.join(__dirname, '..', 'dist', 'bin.js');

/** How often a group is measured again that seems to have lost: a busy machine looks like a slow keel. */
const AGAIN = 2;

/** Measures a small form of each benchmark and compares its ratios with those that the repository keeps. */
export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({ args: argv, options: { write: { type: 'boolean' } } });
  const kept = JSON.parse(readFileSync(KEPT, 'utf8')) as KeptRatios;
  mkdirSync(FOLDER, { recursive: true });
  const server = await startTemporaryServer({ settings: { max_locks_per_transaction: '512' } });
  const { host, port, user, password } = server;
  const url = (database: string): string =>
    `postgres://${user}:${password}@${host}:${port}/${database}`;
  let now: Ratios = {};
  try {
    for (const group of GATE_GROUPS)
      now = { ...now, ...(await measureGroup(group, { url, folder: FOLDER, keel: KEEL }, kept)) };
  } finally {
    await server.stop();
    rmSync(FOLDER, { recursive: true, force: true });
  }
  const rows = Object.entries(now).map(([row, ratio]) => [
    row,
    kept.ratios[row]?.toFixed(2) ?? '–',
    ratio.toFixed(2),
  ]);
  process.stdout.write(`${markdownTable(['times as long', 'kept', 'now'], rows)}\n`);
  if (values.write) writeKept(kept, now);
  else judge(kept, now);
}

async function measureGroup(group: GateGroup, place: GatePlace, kept: KeptRatios): Promise<Ratios> {
  await group.prepare(place);
  let ratios = await measureTurns(group, place);
  // A row that is not kept yet is measured as often, so that a good turn is among them.
  for (let again = 0; again < AGAIN && findLost(kept, ratios).length > 0; again += 1)
    ratios = bestOf(ratios, await measureTurns(group, place));
  return ratios;
}

/** The best of the turns for each step: what disturbs a process only ever adds to its time. */
async function measureTurns({ turns, rows, turn }: GateGroup, place: GatePlace): Promise<Ratios> {
  const taken: Turn[] = [];
  for (let i = 0; i < turns; i += 1) taken.push(await turn(place));
  const best = (step: string): number => Math.min(...taken.map((each) => each[step] ?? Infinity));
  return Object.fromEntries(rows.map(([row, work, base]) => [row, best(work) / best(base)]));
}

function writeKept({ margin }: KeptRatios, now: Ratios): void {
  const ratios = Object.fromEntries(
    Object.entries(now).map(([row, ratio]) => [row, Number(ratio.toFixed(2))]),
  );
  writeFileSync(KEPT, `${JSON.stringify({ margin, ratios }, undefined, 2)}\n`);
}

function judge(kept: KeptRatios, now: Ratios): void {
  const lost = findLost(kept, now);
  if (lost.length === 0) return;
  process.exitCode = 1;
  const lines = [
    'Slower than it was, beside what it is compared with in the same turns:',
    ...lost.map((row) => `- ${describeLost(row, kept.margin)}`),
    'Find what was added: git stash, npm run build, measure again; then node --cpu-prof packages/keel/dist/bin.js …',
    'Where the cost is meant, keep the new ratios: npm run bench -- gate --write',
  ];
  process.stderr.write(`${lines.join('\n')}\n`);
}
