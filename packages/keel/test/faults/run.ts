import { availableParallelism } from 'node:os';
import { withTemporaryServer } from '../../src/embedded/temporary-server';
import { buildIfStale } from '../support/build';
import { SERVER_VARIABLE } from '../support/server';
import { prepareBackfillScenarios } from './backfill-scenarios';
import { runBulkFaults } from './bulk';
import { FAULTS, type Fault } from './fault-kinds';
import { allPoints, prepareScenarios } from './scenarios';
import {
  killAt,
  runTrial,
  type Moment,
  type Point,
  type Scenario,
  type TrialResult,
} from './trial';

/**
 * `npm run faults`: strikes with every fault at every statement of every scenario, and prints how many points
 * were tried and survived. `--only <text>` keeps to faults or scenarios whose names hold the text, `--every <n>`
 * to each nth point, `--random <n>` says how many runners are killed at a random moment (60).
 *
 * `npm run faults -- backfill`: the same with a migration that backfills, and its undo.
 *
 * `npm run faults -- bulk`: strikes bulk runs, `--strikes <n>` times for each fault and way of writing (20).
 */
async function main(): Promise<void> {
  buildIfStale();
  if (process.argv[2] === 'bulk') {
    process.exitCode = (await runBulkFaults(Number(option('--strikes') ?? 20))) ? 0 : 1;
    return;
  }
  await withTemporaryServer({ settings: { max_connections: '300' } }, async (server) => {
    const { user, password, host, port } = server;
    process.env[SERVER_VARIABLE] = `postgres://${user}:${password}@${host}:${port}/postgres`;
    const { scenarios, dispose } = await prepare();
    const results: TrialResult[] = [];
    for (const fault of Object.values<Fault>(FAULTS)) {
      for (const scenario of scenarios) {
        if (!`${fault.name} ${scenario.name}`.includes(option('--only') ?? '')) continue;
        const found = await runAll(scenario, fault);
        results.push(...found);
        print(fault, scenario, found);
      }
    }
    const [first] = scenarios as readonly [Scenario];
    const moments = await killAtRandom(first);
    results.push(...moments);
    print({ name: 'SIGKILL at a random moment' }, first, moments);
    await dispose();
    const tried = results.filter(({ missed }) => !missed);
    const survived = tried.filter(({ problems }) => problems.length === 0);
    process.stdout.write(`in all: ${tried.length} points tried, ${survived.length} survived\n`);
    process.exitCode = survived.length === tried.length ? 0 : 1;
  });
}

async function prepare(): Promise<{ scenarios: readonly Scenario[]; dispose(): Promise<void> }> {
  if (process.argv[2] === 'backfill') return prepareBackfillScenarios();
  const { migrate, seed, undo, dispose } = await prepareScenarios();
  return { scenarios: [migrate, seed, undo], dispose };
}

function runAll(scenario: Scenario, fault: Fault): Promise<TrialResult[]> {
  const every = Number(option('--every') ?? 1);
  const points = allPoints(scenario, fault).filter((_, index) => index % every === 0);
  return inParallel(points, (point) => runTrial(scenario, fault, point));
}

async function killAtRandom(scenario: Scenario): Promise<TrialResult[]> {
  const started = Date.now();
  // One that lives to its end tells how long a life is.
  await killAt(scenario, { afterMs: 60_000 });
  const span = (Date.now() - started) / 2;
  const count = Number(option('--random') ?? 60);
  const moments = Array.from({ length: count }, () => ({ afterMs: Math.random() * span }));
  return inParallel(moments, (moment) => killAt(scenario, moment));
}

async function inParallel<T>(
  items: T[],
  use: (item: T) => Promise<TrialResult>,
): Promise<TrialResult[]> {
  const results: TrialResult[] = [];
  const work = async (): Promise<void> => {
    for (let item = items.shift(); item; item = items.shift()) results.push(await use(item));
  };
  await Promise.all(Array.from({ length: availableParallelism() + 1 }, work));
  return results;
}

function print(
  fault: Pick<Fault, 'name'>,
  scenario: Scenario,
  results: readonly TrialResult[],
): void {
  const tried = results.filter(({ missed }) => !missed);
  const bad = results.filter(({ problems }) => problems.length > 0);
  const survived = tried.filter(({ problems }) => problems.length === 0).length;
  process.stdout.write(
    `${fault.name} | ${scenario.name} | ${tried.length} points tried | ${survived} survived\n`,
  );
  for (const { point, sql, problems, ended } of bad) {
    process.stdout.write(`   ${describePoint(point)} ${sql.slice(0, 120).replace(/\s+/g, ' ')}\n`);
    for (const problem of problems) process.stdout.write(`      ${problem}\n`);
    if (option('--verbose') !== undefined)
      process.stdout.write(`      exit ${String(ended.code)}: ${ended.stdout}${ended.stderr}\n`);
  }
}

function describePoint(point: Point | Moment): string {
  return 'afterMs' in point
    ? `after ${point.afterMs.toFixed(0)} ms`
    : `${point.phase} statement ${String(point.statement)}`;
}

function option(name: string): string | undefined {
  const index = process.argv.indexOf(name);
  return index === -1 ? undefined : (process.argv[index + 1] ?? '');
}

void main();
