import path from 'node:path';
import { compareOthers } from '../diff/compare-others';
import { compareSchemas } from '../diff/compare-schemas';
import { describeOperation } from '../diff/describe-operation';
import { isKeelError, KeelError } from '../errors';
import type { Project } from '../project/project';
import { run } from '../runner/run';
import { renderDump } from '../schema/render-dump';
import { emptyFacts } from '../schema/model-facts';
import type { Schema } from '../schema/schema';
import { readProjectSchema } from '../scratch/replay';
import { scratchInterrupted } from '../scratch/with-scratch';
import { withoutOutput } from '../scratch/without-output';
import { keepFiles, saveDrafts, withProofFolder, type NewFile } from './plan-files';

export interface Proof {
  /** The schema of the database that the steps are run on, and that undoing has to lead back to. */
  readonly before: Schema;
  /** What may keep PostgreSQL from changing types, for the error. */
  readonly blockers?: readonly string[];
  /** What differs after the steps from what they should build, a sentence each. */
  readonly differences: (after: Schema) => readonly string[];
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Runs new migrations up and down on a replayed scratch database, after all others: the very files that will run.
 * They are written into the migrations once they have done what they should.
 *
 * @returns what `mend` makes of the files where they cannot be undone, and nothing is written
 * @throws KeelError MIGRATION_NOT_PROVED with the difference, and where the draft is
 */
export async function proveFiles<T = never>(
  replayed: Project,
  files: readonly NewFile[],
  proof: Proof,
  mend: (back: Schema) => Promise<T | undefined> = () => Promise.resolve(undefined),
): Promise<T | undefined> {
  try {
    const mended = await withProofFolder(replayed, files, async (folder) => {
      const project = { ...replayed, paths: { ...replayed.paths, migrations: folder } };
      const after = await runAndRead(project, 'up', files, proof);
      const differences = proof.differences(after);
      if (differences.length > 0) throw notProved('applied', differences);
      const back = await runAndRead(project, 'down', files, proof);
      const found = await mend(back);
      if (found === undefined) requireSame(back, proof.before);
      return found;
    });
    if (mended !== undefined) return mended;
  } catch (error) {
    if (!isKeelError(error, 'MIGRATION_NOT_PROVED')) throw error;
    throw withDrafts(error, saveDrafts(replayed, files), proof.blockers);
  }
  keepFiles(files);
  return undefined;
}

async function runAndRead(
  project: Project,
  direction: 'up' | 'down',
  files: readonly NewFile[],
  { exclusive, signal }: Proof,
): Promise<Schema> {
  // Undone the other way round, last first.
  const names = files.map((file) => path.basename(file.path));
  try {
    const prove = () =>
      run(project, { kind: 'migration', direction, names }, { exclusive, signal });
    await (project.debug ? prove() : withoutOutput(prove));
  } catch (error) {
    if (!isKeelError(error)) throw error;
    if (isKeelError(error, 'INTERRUPTED')) throw scratchInterrupted();
    const what = direction === 'up' ? 'applied' : 'undone';
    throw notProved(what, [error.message, ...error.details], error);
  }
  return readProjectSchema(project);
}

function requireSame(back: Schema, before: Schema): void {
  const { operations } = compareSchemas(before, back, { mode: 'exact', facts: emptyFacts() });
  const sides = { before: 'the migrations before it', after: 'what is left after undoing it' };
  const differences = [
    ...operations.map((operation) => describeOperation(operation, sides)),
    ...compareOthers(before, back, sides, { definitions: true }),
  ].map(({ text }) => text);
  const lines = differences.length > 0 ? [] : differingLines(renderDump(before), renderDump(back));
  if (differences.length === 0 && lines.length === 0) return;
  throw notProved('undone', [...differences, ...lines]);
}

/** What the comparison has no words for. */
function differingLines(before: string, back: string): string[] {
  const [old, now] = [before, back].map((dump) => dump.split('\n'));
  const without = (some: readonly string[] = [], others: readonly string[] = []): string[] => {
    const known = new Set(others);
    return some.filter((line) => !known.has(line));
  };
  const lines = [
    ...without(old, now).map((line) => `only before it: ${line}`),
    ...without(now, old).map((line) => `only after undoing it: ${line}`),
  ];
  return lines.length === 0 && before !== back ? ['the order of the parts of the schema'] : lines;
}

function notProved(
  what: 'applied' | 'undone',
  differences: readonly string[],
  cause?: unknown,
): KeelError {
  return new KeelError(
    `The generated migration does not do what it should when it is ${what} on a scratch database:`,
    { code: 'MIGRATION_NOT_PROVED', details: differences, cause },
  );
}

function withDrafts(
  error: KeelError,
  drafts: readonly string[],
  blockers: readonly string[] = [],
): KeelError {
  const all =
    blockers.length === 0
      ? []
      : [
          'All that uses columns whose type changes, and has to go first and come back afterwards:',
          ...blockers.map((what) => `  ${what}`),
        ];
  return new KeelError(error.message, {
    code: 'MIGRATION_NOT_PROVED',
    details: [...error.details, ...all],
    state: `Nothing was written into the migrations; the draft is ${drafts.join(', ')}.`,
    hint: 'Correct the draft by hand and move it into the migrations, or change the models.',
    cause: error.cause,
  });
}
