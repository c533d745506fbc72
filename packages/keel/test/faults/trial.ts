import { isDeepStrictEqual } from 'node:util';
import { databaseUrl, serverConnection } from '../support/server';
import {
  copyDatabase,
  dropDatabase,
  readRecords,
  readSequences,
  readSnapshot,
  waitForSessions,
  type Records,
  type Snapshot,
} from './database';
import type { Fault } from './fault-kinds';
import { startKeel, type Ended, type RunnerProcess } from './runner-process';
import { startProxy, type Phase, type WireProxy, type WireStatement } from './wire-proxy';

/** A command on a prepared database, run once undisturbed so that there is something to compare with. */
export interface Scenario {
  readonly name: string;
  readonly root: string;
  readonly args: readonly string[];
  readonly direction: 'up' | 'down';
  readonly ledger: 'migrations' | 'seeders';
  /** The database that each trial begins with a copy of. */
  readonly template: string;
  /** The statements of an undisturbed run. */
  readonly statements: readonly WireStatement[];
  /** What the database looks like with so much recorded, by {@link keyOf}. */
  readonly expected: ReadonlyMap<string, Snapshot>;
  readonly files: readonly string[];
  readonly withoutTransaction: readonly string[];
  readonly final: {
    readonly snapshot: Snapshot;
    readonly records: Records;
    readonly sequences: readonly string[];
  };
}

/** A point at which a fault strikes. */
export interface Point {
  readonly statement: number;
  readonly phase: Phase;
}

/** A moment at which a runner is killed, in milliseconds from its start. */
export interface Moment {
  readonly afterMs: number;
}

/** What came of one fault. */
export interface TrialResult {
  readonly fault: string;
  readonly scenario: string;
  readonly point: Point | Moment;
  readonly sql: string;
  /** The run was over before the point came. */
  readonly missed: boolean;
  /** What is wrong; empty where the fault was survived. */
  readonly problems: readonly string[];
  readonly ended: Ended;
}

/** Makes a scenario: runs its command file by file for the snapshots, then at once through a proxy. */
export async function prepareScenario(
  scenario: Pick<Scenario, 'name' | 'root' | 'args' | 'direction' | 'ledger' | 'template'>,
  steps: readonly (readonly string[])[],
): Promise<Scenario> {
  const { root, args, ledger, template } = scenario;
  const expected = new Map<string, Snapshot>();
  const stepped = await copyDatabase(template);
  const note = async (): Promise<void> => {
    expected.set(keyOf((await readRecords(stepped))[ledger]), await readSnapshot(stepped));
  };
  await note();
  for (const step of steps) {
    await succeed(startKeel(root, databaseUrl(stepped), step));
    await note();
  }
  await dropDatabase(stepped);
  const whole = await copyDatabase(template);
  const { host, port } = serverConnection(whole);
  const proxy = await startProxy({ host, port });
  await succeed(startKeel(root, urlThrough(proxy, whole), args));
  await proxy.close();
  const records = await readRecords(whole);
  const final = {
    snapshot: await readSnapshot(whole),
    records,
    sequences: await readSequences(whole),
  };
  await dropDatabase(whole);
  const before = [...expected.keys()].flatMap((key) => JSON.parse(key) as string[]);
  return {
    ...scenario,
    statements: [...proxy.statements],
    expected,
    files: [...new Set(before)].sort(),
    withoutTransaction: records.withoutTransaction,
    final,
  };
}

/** Runs the scenario's command with one fault at one point, then once more, and looks whether all is well. */
export async function runTrial(
  scenario: Scenario,
  fault: Fault,
  point: Point,
): Promise<TrialResult> {
  const database = await copyDatabase(scenario.template);
  const { host, port } = serverConnection(database);
  const struck: { by?: WireStatement } = {};
  const run: { runner?: RunnerProcess } = {};
  const proxy: WireProxy = await startProxy({ host, port }, async (statement, phase) => {
    if (struck.by || statement.number !== point.statement || phase !== point.phase)
      return undefined;
    struck.by = statement;
    return fault.strike({ runner: run.runner as RunnerProcess, proxy, database, statement });
  });
  try {
    run.runner = startKeel(scenario.root, urlThrough(proxy, database), [
      ...scenario.args,
      '--json',
    ]);
    const ended = await run.runner.ended;
    const problems = ended.hung ? [`it hung: ${ended.stderr}`] : [];
    if (struck.by) problems.push(...(await judge(scenario, fault, database, ended)));
    problems.push(...(await goOn(scenario, database)));
    const { name } = scenario;
    const sql = struck.by?.sql ?? '';
    return { fault: fault.name, scenario: name, point, sql, missed: !struck.by, problems, ended };
  } finally {
    await proxy.close();
    await dropDatabase(database);
  }
}

/** Kills the scenario's runner at some moment of its life, then runs it once more, and looks whether all is well. */
export async function killAt(scenario: Scenario, moment: Moment): Promise<TrialResult> {
  const database = await copyDatabase(scenario.template);
  try {
    const runner = startKeel(scenario.root, databaseUrl(database), [...scenario.args, '--json']);
    const timer = setTimeout(() => runner.child.kill('SIGKILL'), moment.afterMs);
    const ended = await runner.ended;
    clearTimeout(timer);
    const fault = { name: 'SIGKILL at a random moment', codes: [null] };
    const problems = await judge(scenario, fault, database, ended);
    problems.push(...(await goOn(scenario, database)));
    const missed = ended.signal === null;
    const { name } = scenario;
    return { fault: fault.name, scenario: name, point: moment, sql: '', missed, problems, ended };
  } finally {
    await dropDatabase(database);
  }
}

/** Schema and ledger agree, no session is left, and what keel said is so. */
async function judge(
  scenario: Scenario,
  fault: Pick<Fault, 'codes'>,
  database: string,
  ended: Ended,
): Promise<string[]> {
  const problems: string[] = [];
  const left = await waitForSessions(database);
  if (left.length > 0) problems.push(`sessions are left: ${left.join('; ')}`);
  const records = await readRecords(database);
  const ledger = records[scenario.ledger];
  const expected = scenario.expected.get(keyOf(ledger));
  const next = nextFile(scenario, ledger);
  const halfway = next !== undefined && scenario.withoutTransaction.includes(next);
  if (!expected) problems.push(`the ledger holds what no run leaves: ${keyOf(ledger)}`);
  else if (!halfway && !isDeepStrictEqual(await readSnapshot(database), expected))
    problems.push(`schema and ledger disagree after ${keyOf(ledger)}`);
  problems.push(...doubled(records.history));
  const complete = next === undefined;
  if (!fault.codes.includes(ended.code) && !(complete && ended.code === 0))
    problems.push(`exit code ${String(ended.code)}`);
  if (ended.code === 0 && !complete) problems.push('exit code 0, and files are pending');
  if (ended.code !== null && ended.code !== 0) problems.push(...untruths(scenario, ended, ledger));
  return problems;
}

interface ErrorDocument {
  readonly error?: { readonly code: string; readonly message: string; readonly state?: string };
}

/** What keel's error says against what is the case. */
function untruths(scenario: Scenario, ended: Ended, ledger: readonly string[]): string[] {
  let document: ErrorDocument;
  try {
    document = JSON.parse(ended.stdout) as ErrorDocument;
  } catch {
    return [`no error document: ${ended.stdout}${ended.stderr}`];
  }
  const { code = '', message = '', state = '' } = document.error ?? {};
  const untouched = keyOf(ledger) === [...scenario.expected.keys()][0];
  // Before there is anything to undo, Ctrl-C ends it without further words.
  if (message === 'Interrupted.' && untouched) return [];
  const said = `${code}: ${message} ${state}`;
  const problems: string[] = [];
  if (code === 'UNEXPECTED') problems.push(`an unexplained error: ${said}`);
  if (state === '') problems.push(`no word on the state: ${said}`);
  // The first line is about the file at hand, the second about those before it.
  const [atHand = '', before = ''] = state.split('\n');
  const named = scenario.files.find((name) => atHand.includes(name));
  const kept = scenario.files.filter((name) => before.includes(name));
  if (kept.some((name) => ledger.includes(name) !== (scenario.direction === 'up')))
    problems.push(`untrue: ${said}`);
  if (kept.length !== changedFiles(scenario, ledger).filter((name) => name !== named).length)
    problems.push(`not all that the run did is told: ${said}`);
  const done = named !== undefined && ledger.includes(named) === (scenario.direction === 'up');
  const claimsNot = /rolled back|none of its statements|not begun|not recorded/.test(state);
  if (claimsNot && (named === undefined || done)) problems.push(`untrue: ${said}`);
  if (/committed all the same|is committed/.test(state) && !done) problems.push(`untrue: ${said}`);
  if (/Nothing was changed|No file was run/.test(state) && !untouched)
    problems.push(`untrue: ${said}`);
  return problems;
}

/** The same command again finishes, and nothing tells the result from that of an undisturbed run. */
async function goOn(scenario: Scenario, database: string): Promise<string[]> {
  const again = await startKeel(scenario.root, databaseUrl(database), scenario.args).ended;
  if (again.code !== 0) return [`the next run failed: ${again.stdout}${again.stderr}`];
  const { final } = scenario;
  const problems: string[] = [];
  if (!isDeepStrictEqual(await readSnapshot(database), final.snapshot))
    problems.push('the result differs from that of an undisturbed run');
  if (!isDeepStrictEqual(await readSequences(database), final.sequences))
    problems.push('the sequences differ from those of an undisturbed run');
  const records = await readRecords(database);
  if (!isDeepStrictEqual(records[scenario.ledger], final.records[scenario.ledger]))
    problems.push('the ledger differs from that of an undisturbed run');
  if (!isDeepStrictEqual([...records.history].sort(), [...final.records.history].sort()))
    problems.push('the history differs from that of an undisturbed run');
  return problems;
}

function nextFile({ files, direction }: Scenario, ledger: readonly string[]): string | undefined {
  return direction === 'up'
    ? files.find((name) => !ledger.includes(name))
    : [...files].reverse().find((name) => ledger.includes(name));
}

/** The files that a run has applied or undone so far: all of them began on the other side. */
function changedFiles({ files, direction }: Scenario, ledger: readonly string[]): string[] {
  return files.filter((name) => ledger.includes(name) === (direction === 'up'));
}

function doubled(history: readonly string[]): string[] {
  const twice = history.filter((line, index) => history.indexOf(line) !== index);
  return twice.map((line) => `recorded twice: ${line}`);
}

function keyOf(ledger: readonly string[]): string {
  return JSON.stringify(ledger);
}

/** The URL of a database with a proxy before it. */
export function urlThrough(proxy: WireProxy, database: string): string {
  const url = new URL(databaseUrl(database));
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  return url.href;
}

async function succeed(runner: RunnerProcess): Promise<void> {
  const { code, stdout, stderr } = await runner.ended;
  if (code !== 0) throw new Error(`An undisturbed run failed:\n${stdout}${stderr}`);
}
