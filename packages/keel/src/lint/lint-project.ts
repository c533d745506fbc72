import path from 'node:path';
import type { Project } from '../project/project';
import { listNames } from '../runner/files/list-names';
import { ReplayCache } from '../scratch/replay-cache';
import { withScratch } from '../scratch/with-scratch';
import { changedSince } from './changed-since';
import { SEVERITIES, type Finding, type Severity } from './finding';
import { lintTrace, type LintedFile } from './lint-trace';
import { readFacts, type DatabaseFacts } from './read-facts';
import { readStatsFile } from './read-sizes';
import { planTrace, type LintSelection, type TracePlan } from './select-traced';
import type { TableSizes } from './table-sizes';
import type { Trace } from './trace/trace';
import { traceFiles, type TraceRequest } from './trace/trace-files';

/** What to look at, and how. */
export interface LintOptions extends LintSelection {
  /** Only those that are new or changed since this branch left another one, such as `origin/main`. */
  readonly since?: string;
  /** A file of sizes, in place of those of the database. */
  readonly stats?: string;
  /** False to trace anew although nothing has changed. */
  readonly cache?: boolean;
  /** Whether the process is keel's own. */
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

/** What migrations lock, rewrite and break. */
export interface LintResult {
  /** In the order in which they run. */
  readonly files: readonly LintedFile[];
  /** How many findings there are of each severity, those that a file calls safe left out. */
  readonly counts: Readonly<Record<Severity, number>>;
  /** Where the sizes of tables are from. */
  readonly sizes: 'database' | 'file' | 'unknown';
  /** What is worth knowing and no finding. */
  readonly notices: readonly string[];
}

/**
 * Runs migrations on a scratch database, notes what each statement locks, rewrites and reads, and judges it by the sizes of
 * the real tables. The real database is only read.
 *
 * @throws KeelError where the migrations before them cannot be replayed, or nothing says which are pending
 */
export async function lintProject(project: Project, options: LintOptions): Promise<LintResult> {
  const facts = await readFacts(project);
  const names =
    options.since === undefined
      ? options.names
      : await namesSince(project, facts, options.since, options.names);
  const asked = names !== undefined || options.all === true;
  if (facts.failure && !asked) throw facts.failure;
  const plan = planTrace(facts.states, { names, all: options.all });
  const stats = options.stats ?? project.settings.lint.stats;
  const sizes =
    stats === undefined
      ? facts.sizes
      : await readStatsFile(path.resolve(project.paths.root, stats));
  const source = stats !== undefined ? 'file' : sizes.trusted ? 'database' : 'unknown';
  if (plan.runs.length === 0)
    return { files: [], counts: countsOf([]), sizes: source, notices: [] };
  const trace = await traceOf(project, facts, plan, { ...options, goOn: true });
  const files = judge(trace, plan, sizes, project);
  return {
    files,
    counts: countsOf(files.flatMap(({ findings }) => findings)),
    sizes: source,
    notices: noticesOf(trace, plan, facts),
  };
}

async function namesSince(
  project: Project,
  { states }: DatabaseFacts,
  ref: string,
  names: readonly string[] = [],
): Promise<string[]> {
  const changed = new Set(await changedSince(project.paths.migrations, ref));
  const files = states.filter(({ name, file }) => file !== undefined && changed.has(name));
  return [...names, ...files.map(({ name }) => name)];
}

/** The trace that was kept of the same files, or a new one. */
export async function traceOf(
  project: Project,
  { server }: Pick<DatabaseFacts, 'server'>,
  plan: TracePlan,
  options: Pick<LintOptions, 'cache' | 'exclusive' | 'signal'> & Pick<TraceRequest, 'goOn'>,
): Promise<Trace> {
  const kept = await keptTrace(project, server, plan);
  if (options.cache !== false && kept.trace) return kept.trace;
  const { before, files } = plan;
  const { exclusive, signal, goOn } = options;
  const trace = await withScratch(project, signal, (scratch) =>
    traceFiles(scratch, { before, files, exclusive, signal, goOn }),
  );
  await kept.keep(trace);
  return trace;
}

/** Changes with the form of a trace. */
const TRACE_FORMAT = 'trace 5';

/** The trace that an earlier command has kept of these files, and what keeps another. */
export async function keptTrace(
  project: Project,
  server: DatabaseFacts['server'],
  { before, files }: TracePlan,
): Promise<{
  readonly trace: Trace | undefined;
  readonly keep: (trace: Trace) => Promise<void>;
}> {
  if (server === undefined) return { trace: undefined, keep: () => Promise.resolve() };
  const cache = await ReplayCache.open(project, server);
  const key = [
    TRACE_FORMAT,
    ...before.map(({ name }) => name),
    '|',
    ...files.map(({ name }) => name),
  ];
  return {
    trace: await cache.read<Trace>(key),
    keep: async (trace) => {
      // What fails may fail for a reason outside of the files.
      if (trace.files.every(({ error }) => error === undefined)) await cache.write(key, trace);
    },
  };
}

/** What the rules say, without those that the config has turned off. */
export function judge(
  trace: Trace,
  { runs }: TracePlan,
  sizes: TableSizes,
  { settings }: Pick<Project, 'settings'>,
): LintedFile[] {
  const { rows, milliseconds, ignore } = settings.lint;
  const linted = runs.flatMap((names) => {
    const files = trace.files.filter(({ name }) => names.includes(name));
    const threshold = { rows, milliseconds };
    return lintTrace({ files, sizes, speed: trace.speed, threshold });
  });
  return linted.map((file) => ({
    ...file,
    findings: file.findings.filter(({ rule }) => !ignore.includes(rule)),
  }));
}

function countsOf(findings: readonly Finding[]): Record<Severity, number> {
  const open = findings.filter(({ safe }) => safe === undefined);
  const count = (severity: Severity): number =>
    open.filter((finding) => finding.severity === severity).length;
  const [notice, warning, error] = SEVERITIES.map(count);
  return { error: error ?? 0, warning: warning ?? 0, notice: notice ?? 0 };
}

function noticesOf(trace: Trace, { runs }: TracePlan, { failure }: DatabaseFacts): string[] {
  const reported = new Set(runs.flat());
  const failed = trace.files.filter(({ error }) => error !== undefined).map(({ name }) => name);
  const after = trace.files.filter(
    ({ name, error, without }) => reported.has(name) && error === undefined && without.length > 0,
  );
  return [
    ...(trace.notice === undefined ? [] : [trace.notice]),
    ...(failure
      ? [`the database was not reached, so that no size is known (${failure.message})`]
      : []),
    ...(after.length === 0
      ? []
      : [
          `looked at without what ${listNames(failed)} should have done: ${listNames(after.map(({ name }) => name))}`,
        ]),
  ];
}
