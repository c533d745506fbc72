import type { CodegenContext } from '../codegen/codegen-context';
import { writeMigrationFile, type Layout } from '../codegen/write-migration-file';
import { writeStatements } from '../codegen/write-statements';
import { describeHazard, type Hazard } from '../diff/hazard';
import type { Operation } from '../diff/operation';
import { reverseAll } from '../diff/reverse';
import type { Step } from '../diff/safe-steps';
import { sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { readFileStyle } from '../scaffold/file-style';
import { byKey } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { ModelSide } from '../scratch/model-side';
import type { StepText } from './plan-files';

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
  const style = readFileStyle(project.paths.migrations, project.paths.root);
  const major = sequelizeVersion(project.paths.root)?.major;
  const context: CodegenContext = { ...style, sequelizeMajor: major === 5 ? 5 : 6 };
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
    extension: style.extension,
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
