import { KeelError, NOTHING_CHANGED } from '../errors';
import type { Project } from '../project/project';
import type { DryRunResult } from '../runner/dry-run';
import type { MigrationFile } from '../runner/files/migration-state';
import { notAtomic } from '../runner/not-atomic';
import { selectUp, type UpRequest } from '../runner/files/select-files';
import { stronger, type LockMode } from '../runner/watch/lock-mode';
import { traceOf, type LintOptions } from './lint-project';
import { readFacts, type DatabaseFacts } from './read-facts';
import { planTrace } from './select-traced';
import type { FileTrace } from './trace/trace';
import { fileLocks } from './views/file-locks';
import { FileView } from './views/file-view';
import { RunView } from './views/run-view';

/**
 * What pending files would send and lock, from a run on a scratch database. The real one is asked what it has applied and
 * how big its tables are, and where it does not answer, everything is taken to be pending.
 *
 * @throws KeelError MIGRATION_FAILED where a file fails there
 */
export async function offlineRun(
  project: Project,
  request: UpRequest,
  options: Pick<LintOptions, 'exclusive' | 'signal'> & {
    /** What the real database tells, where it has been asked. */
    readonly database?: DatabaseFacts;
    /** Refuse what cannot be run in one transaction. */
    readonly atomic?: boolean;
  },
): Promise<DryRunResult> {
  const facts = options.database ?? (await readFacts(project));
  const selected = selectUp(facts.states, request, 'db:migrate:status');
  const warnings = facts.failure
    ? [
        `The database was not reached, so that every file counts as pending (${facts.failure.message}).`,
      ]
    : [];
  if (selected.length === 0) return { direction: 'up', files: [], locks: [], warnings };
  const files = selected.flatMap(({ file }) => file ?? []);
  const { before } = planTrace(facts.states, {});
  const trace = await traceOf(project, facts, { before, files, runs: [] }, options);
  requireSuccess(trace.files);
  if (options.atomic) requireAtomic(trace.files, files);
  const run = new RunView({
    ...trace,
    sizes: { ...facts.sizes, trusted: !facts.failure },
    threshold: {},
  });
  const done = trace.files.map((file) => ({
    name: file.name,
    statements: file.statements.map(({ sql, values }) => ({ sql, values, leftOut: false })),
    locks: fileLocks(new FileView(run, file)),
  }));
  const strongest = new Map<string, LockMode>();
  for (const { relation, mode } of done.flatMap(({ locks }) => locks))
    strongest.set(relation, stronger(strongest.get(relation), mode));
  const locks = [...strongest].map(([relation, mode]) => ({ relation, mode }));
  return { direction: 'up', files: done, locks, warnings };
}

function requireAtomic(traces: readonly FileTrace[], files: readonly MigrationFile[]): void {
  const refused = traces.find(({ mode }) => mode === 'none');
  const file = files.find(({ name }) => name === refused?.name);
  if (!refused || !file) return;
  const reason = refused.asksNoTransaction
    ? 'it asks for no transaction'
    : 'it runs without a transaction, as a scratch database shows';
  throw notAtomic({ file, reason, state: NOTHING_CHANGED });
}

function requireSuccess(files: readonly FileTrace[]): void {
  const failed = files.find(({ error }) => error !== undefined);
  if (!failed) return;
  throw new KeelError(`${failed.name} fails on a scratch database.`, {
    code: 'MIGRATION_FAILED',
    details: [failed.error ?? ''],
    state: NOTHING_CHANGED,
    hint: 'Correct the file. Where it needs rows that only the real database has: keel db:migrate --dry-run',
  });
}
