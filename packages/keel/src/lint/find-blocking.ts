import type pg from 'pg';
import { readPassword } from '../db/connection';
import type { ConnectionTarget, Project } from '../project/project';
import type { MigrationFile } from '../runner/files/migration-state';
import type { Plan } from '../runner/with-plan';
import { readSurroundings } from '../scratch/surroundings';
import { judge, keptTrace } from './lint-project';
import type { LongLock } from './lint-trace';
import { planTrace, type TracePlan } from './select-traced';
import type { TableSizes } from './table-sizes';
import type { Trace } from './trace/trace';
import { traceInChild } from './trace-in-child';

/** A pending file that keeps others from their tables for long. */
export interface BlockingFile {
  readonly name: string;
  /** The longest first. */
  readonly locks: readonly LongLock[];
}

/** What is about to run, and where. */
export interface BlockingRequest {
  readonly plan: Pick<Plan, 'states' | 'selected'>;
  readonly sizes: TableSizes;
  /** Of the database that the files are to change. */
  readonly client: pg.Client;
  readonly signal?: AbortSignal;
}

/** The files that keep others from their tables for long, or in a sentence why that is not known. */
export async function findBlocking(
  project: Project,
  request: BlockingRequest,
): Promise<readonly BlockingFile[] | string> {
  const trace = await findTrace(project, request);
  if (typeof trace === 'string') return trace;
  return judge(trace, planOf(request.plan), request.sizes, project)
    .map(({ name, locks }) => ({ name, locks: locks.filter(({ safe }) => safe === undefined) }))
    .filter(({ locks }) => locks.length > 0);
}

function planOf({ states, selected }: Pick<Plan, 'states' | 'selected'>): TracePlan {
  const files = selected.flatMap(({ file }) => file ?? []);
  const { before } = planTrace(states, {});
  return { before, files, runs: [files.map(({ name }) => name)] };
}

/** A trace of the files, or why there is none. */
async function findTrace(
  project: Project,
  { plan, client, signal }: BlockingRequest,
): Promise<Trace | string> {
  const wanted = planOf(plan);
  const { rows } = await client.query<{ version: string }>(
    `SELECT pg_catalog.current_setting('server_version') AS version`,
  );
  const serverVersion = rows[0]?.version ?? '';
  const server = { serverVersion, surroundings: await readSurroundings(client) };
  const kept = await keptTrace(project, server, wanted);
  // What db:lint has looked at are all pending files; a run may be of the first of them.
  const trace = kept.trace ?? (await keptTrace(project, server, planTrace(plan.states, {}))).trace;
  if (trace) return trace;
  if (!project.settings.lint.isSet) return 'no trace is kept';
  const names = (files: readonly MigrationFile[]): string[] => files.map(({ name }) => name);
  const { flags } = project;
  const movedTo = await withPassword(project);
  const order = { flags, movedTo, before: names(wanted.before), files: names(wanted.files) };
  const answer = await traceInChild(order, signal);
  if ('failure' in answer)
    return `What the pending files lock was not looked at: ${answer.failure}`;
  await kept.keep(answer.trace);
  return answer.trace;
}

/** A password that is a function does not reach another process. */
async function withPassword({
  movedTo,
  connection,
}: Project): Promise<ConnectionTarget | undefined> {
  if (typeof movedTo?.password !== 'function') return movedTo;
  return { ...movedTo, password: await readPassword(connection) };
}
