import { writeMigrationFile, type Layout } from '../codegen/write-migration-file';
import { writeStatements } from '../codegen/write-statements';
import { describeHazard, type Hazard } from '../diff/hazard';
import type { Operation } from '../diff/operation';
import { reverseAll } from '../diff/reverse';
import type { Step } from '../diff/safe-steps';
import type { Project } from '../project/project';
import { byKey } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';
import type { StepText } from './plan-files';
import { readCodegenContext } from './read-codegen-context';

/** What stands in them besides the statements. */
interface RenderInput {
  readonly before: Schema;
  readonly models: ModelSide;
  readonly hazards: readonly Hazard[];
  readonly rows: ReadonlyMap<Hazard, number>;
}

const layout: Layout = { printWidth: 80 };

/** The texts of the files. */
export function renderSteps(
  project: Project,
  steps: readonly Step[],
  input: RenderInput,
): StepText[] {
  const context = readCodegenContext(project);
  const remarks = new Map<Operation, string[]>();
  for (const hazard of input.hazards) {
    remarks.set(hazard.operation, [
      ...(remarks.get(hazard.operation) ?? []),
      `${describeHazard(hazard, input.rows.get(hazard))}.`,
    ]);
  }
  for (const [operation, note] of steps.flatMap(({ notes }) => [...(notes ?? [])]))
    remarks.set(operation, [note, ...(remarks.get(operation) ?? [])]);
  return steps.map(({ suffix, transaction, operations, later, safe }) => ({
    suffix,
    later: later === true ? later : undefined,
    extension: context.extension,
    text: writeMigrationFile(
      context,
      {
        up: writeStatements(context, operations, byKey(input.models.schema.enums)),
        down: writeStatements(context, reverseAll(operations), byKey(input.before.enums)),
        remarks,
        emptyDown: 'Nothing to undo.',
        withoutTransaction: !transaction,
        safe,
      },
      layout,
    ),
  }));
}
