import { existsSync } from 'node:fs';
import { isKeelError, KeelError, SYNCED_TABLES } from '../errors';
import { ledgerTables } from '../project/ledger-tables';
import type { Project } from '../project/project';
import { requireNamedFolder } from '../project/require-named-folder';
import { withProjectClient } from '../project/with-project-client';
import type { RunEvent } from '../runner/results';
import { run } from '../runner/run';
import type { RunOptions } from '../runner/with-plan';
import { readSchema, type ReadSchemaOptions } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import { leastHandMade, makeByHand, mostHandMade, withoutOne, type HandMade } from './hand-made';
import { sqlErrorOf } from './sql-error-of';
import { scratchInterrupted, type Scratch } from './with-scratch';
import { withoutOutput } from './without-output';

/** What makes a replay. */
export interface ReplayOptions {
  /** Lists of names, each applied in their order and then read; one of all migrations where undefined. */
  readonly stages?: readonly (readonly string[])[];
  /** Whether the process is keel's own. */
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
  /** What happens in the scratch databases' runs. A second attempt tells of all files again. */
  readonly onEvent?: (event: RunEvent) => void;
  /** Reads what a stage has built; all of it where undefined, nothing where false. Not called again for a stage of no files. */
  readonly read?: ((scratch: Project, stage: number) => Promise<Schema>) | false;
  /** Who looks at the files of a stage while they run; asked anew in each attempt. */
  readonly watchStage?: (stage: number, scratch: Project) => Pick<RunOptions, 'tracer' | 'onEvent'>;
  /**
   * Which files of a stage run after one that failed; undefined where its error counts. Asked in one more attempt, when no
   * other has succeeded.
   */
  readonly afterFailure?: (stage: number, error: unknown) => readonly string[] | undefined;
}

/** Where a replay takes place. */
export type ReplayScratch = Pick<Scratch, 'create' | 'surroundings'>;

export interface Replay {
  /** The scratch database as the last stage left it. */
  readonly project: Project;
  /** What each stage built. */
  readonly schemas: readonly Schema[];
}

/** An attempt that failed, and how far it came. */
interface Failure {
  readonly error: unknown;
  readonly files: number;
  readonly handMade: HandMade;
}

/** How many schemas and extensions may turn out to be a migration's own, each at the cost of one more attempt. */
const maxAttempts = 12;

/**
 * Applies the project's migrations to a scratch database. Where one of them fails, it may miss a schema or an extension
 * that somebody made in the live database by hand: then all are applied once more, to another database that has them.
 *
 * @throws KeelError REPLAY_FAILED of the attempt that came furthest
 */
export async function replay(scratch: ReplayScratch, options: ReplayOptions): Promise<Replay> {
  const { surroundings } = scratch;
  const least = leastHandMade(surroundings);
  const most = mostHandMade(surroundings);
  const failures: Failure[] = [];
  let next: HandMade | undefined = least;
  while (next !== undefined && failures.length < maxAttempts) {
    const handMade: HandMade = next;
    const outcome = await attempt(scratch, handMade, { ...options, afterFailure: undefined });
    if ('schemas' in outcome) return outcome;
    failures.push(outcome);
    if (isKeelError(outcome.error, 'INTERRUPTED')) throw scratchInterrupted();
    const own = createdAlready(outcome.error);
    const isMore = failures.length === 1 && sqlErrorOf(outcome.error) !== undefined;
    next = own === undefined ? undefined : withoutOne(handMade, own);
    if (next === undefined && isMore && sizeOf(most) > sizeOf(handMade)) next = most;
  }
  const best = furthest(failures);
  if (best === undefined || options.afterFailure === undefined) throw notReplayed(best?.error);
  const outcome = await attempt(scratch, best.handMade, options);
  if ('schemas' in outcome) return outcome;
  throw isKeelError(outcome.error, 'INTERRUPTED')
    ? scratchInterrupted()
    : notReplayed(outcome.error);
}

/** Of attempts that came equally far the later had more of what it needs, unless that was what it failed at. */
function furthest(failures: readonly Failure[]): Failure | undefined {
  const isInTheWay = ({ error }: Failure): number => Number(createdAlready(error) !== undefined);
  return [...failures]
    .reverse()
    .sort((a, b) => b.files - a.files || isInTheWay(a) - isInTheWay(b))[0];
}

function sizeOf({ namespaces, extensions }: HandMade): number {
  return namespaces.length + extensions.length;
}

async function attempt(
  scratch: ReplayScratch,
  handMade: HandMade,
  {
    stages = [undefined],
    exclusive,
    signal,
    onEvent,
    watchStage,
    afterFailure,
    read = readProjectSchema,
  }: Omit<ReplayOptions, 'stages'> & {
    readonly stages?: readonly (readonly string[] | undefined)[];
  },
): Promise<Replay | Failure> {
  const project = await scratch.create();
  requireNamedFolder(project.paths, 'migrations');
  await makeByHand(project, handMade);
  let files = 0;
  const schemas: Schema[] = [];
  try {
    for (const [stage, names] of stages.entries()) {
      if (names?.length !== 0 && existsSync(project.paths.migrations)) {
        const watched = watchStage?.(stage, project);
        const options: RunOptions = {
          exclusive,
          signal,
          tracer: watched?.tracer,
          onEvent: (event) => {
            if (event.type === 'done') files += 1;
            onEvent?.(event);
            watched?.onEvent?.(event);
          },
        };
        const apply = () =>
          runAll(project, names, options, (error) => afterFailure?.(stage, error));
        // What the migrations print was said when they ran, and would hide what the replay is for.
        await (project.debug ? apply() : withoutOutput(apply));
      }
      const last = names?.length === 0 ? schemas.at(-1) : undefined;
      if (read) schemas.push(last ?? (await read(project, stage)));
    }
    return { project, schemas };
  } catch (error) {
    return { error, files, handMade };
  }
}

/** @param next what to run after an error; undefined to let it out */
async function runAll(
  project: Project,
  names: readonly string[] | undefined,
  options: RunOptions,
  next: (error: unknown) => readonly string[] | undefined,
): Promise<void> {
  try {
    await run(project, { kind: 'migration', direction: 'up', names }, options);
  } catch (error) {
    const left = next(error);
    if (left === undefined) throw error;
    if (left.length > 0) await runAll(project, left, options, next);
  }
}

/** The schema or extension that a migration creates although it is there: 42P06 and 42710. */
function createdAlready(error: unknown): string | undefined {
  const sql = sqlErrorOf(error);
  if (sql?.code !== '42P06' && sql?.code !== '42710') return undefined;
  return /"([^"]+)"/.exec(sql.message)?.[1];
}

/** 42P01 and 3F000: a table, or the schema that it is in. */
function lacksTable(error: unknown): boolean {
  return ['42P01', '3F000'].includes(sqlErrorOf(error)?.code ?? '');
}

function notReplayed(error: unknown): unknown {
  if (!isKeelError(error)) return error;
  return new KeelError(`The migrations cannot be replayed on an empty database: ${error.message}`, {
    code: 'REPLAY_FAILED',
    state: 'Nothing was changed; the scratch database is dropped.',
    hint: [
      'Correct the one that fails, so that these migrations by themselves make a new database.',
      ...(lacksTable(error) ? [SYNCED_TABLES] : []),
    ].join('\n'),
    details: error.details,
    cause: error,
  });
}

/** Reads the schema of a project's database, without the ledgers. */
export async function readProjectSchema(project: Project): Promise<Schema> {
  return withProjectClient(project, (client) => readSchema(client, readingOf(project)));
}

function readingOf(project: Project): ReadSchemaOptions {
  return { ignore: ledgerTables(project), patterns: project.settings.ignore };
}
