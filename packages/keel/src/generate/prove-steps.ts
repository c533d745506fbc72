import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { compareSchemas } from '../diff/compare-schemas';
import { describeOperation } from '../diff/describe-operation';
import { isKeelError, KeelError, NOTHING_WRITTEN } from '../errors';
import type { Project } from '../project/project';
import { run } from '../runner/run';
import { renderDump } from '../schema/render-dump';
import { emptyFacts } from '../schema/model-facts';
import type { Schema } from '../schema/schema';
import { readProjectSchema } from '../scratch/replay';
import { scratchInterrupted } from '../scratch/with-scratch';
import { withoutOutput } from '../scratch/without-output';
import { stepFileName, type StepText } from './write-steps';

export interface Proof {
  /** The schema of the database that the steps are run on, and that undoing has to lead back to. */
  readonly before: Schema;
  /** What differs after the steps from what they should build, a sentence each. */
  readonly differences: (after: Schema) => readonly string[];
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

const folderPrefix = '.keel-proof-';

/**
 * Runs new migrations up and down on a replayed scratch database, and compares.
 *
 * @throws KeelError MIGRATION_NOT_PROVED with the difference
 */
export async function proveSteps(
  replayed: Project,
  steps: readonly StepText[],
  proof: Proof,
): Promise<void> {
  const folder = makeProofFolder(replayed.paths.migrations);
  try {
    steps.forEach((step, position) => {
      writeFileSync(path.join(folder, stepFileName(step, position)), step.text);
    });
    const project: Project = {
      ...replayed,
      paths: { ...replayed.paths, migrations: folder },
      migrationLedger: { ...replayed.migrationLedger, table: 'keel_proof', schema: undefined },
    };
    const after = await runAndRead(project, 'up', steps, proof);
    const differences = proof.differences(after);
    if (differences.length > 0) throw notProved('applied', differences, steps);
    const back = await runAndRead(project, 'down', steps, proof);
    requireSame(back, proof.before, steps);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the migrations, so that the files find the same packages and the same module type. */
function makeProofFolder(migrations: string): string {
  mkdirSync(migrations, { recursive: true });
  for (const name of readdirSync(migrations)) {
    if (name.startsWith(folderPrefix))
      rmSync(path.join(migrations, name), { recursive: true, force: true });
  }
  return mkdtempSync(path.join(migrations, folderPrefix));
}

async function runAndRead(
  project: Project,
  direction: 'up' | 'down',
  steps: readonly StepText[],
  { exclusive, signal }: Proof,
): Promise<Schema> {
  const request =
    direction === 'up'
      ? ({ kind: 'migration', direction } as const)
      : ({ kind: 'migration', direction, all: true } as const);
  try {
    const prove = () => run(project, request, { exclusive, signal });
    await (project.debug ? prove() : withoutOutput(prove));
  } catch (error) {
    if (!isKeelError(error)) throw error;
    if (isKeelError(error, 'INTERRUPTED')) throw scratchInterrupted();
    throw notProved(
      direction === 'up' ? 'applied' : 'undone',
      [error.message, ...error.details],
      steps,
      error,
    );
  }
  return readProjectSchema(project);
}

function requireSame(back: Schema, before: Schema, steps: readonly StepText[]): void {
  const { operations } = compareSchemas(before, back, { mode: 'exact', facts: emptyFacts() });
  const sides = { before: 'the migrations before it', after: 'what is left after undoing it' };
  const differences = operations.map((operation) => describeOperation(operation, sides).text);
  if (differences.length === 0 && renderDump(back) === renderDump(before)) return;
  throw notProved('undone', differences, steps);
}

function notProved(
  what: 'applied' | 'undone',
  differences: readonly string[],
  steps: readonly StepText[],
  cause?: unknown,
): KeelError {
  return new KeelError(
    `The generated migration does not do what it should when it is ${what} on a scratch database:`,
    {
      code: 'MIGRATION_NOT_PROVED',
      details: [...differences, '', ...steps.flatMap(({ text }) => text.trimEnd().split('\n'))],
      state: NOTHING_WRITTEN,
      hint: 'Write this migration by hand, beginning with: keel migration:generate --name <name>',
      cause,
    },
  );
}
