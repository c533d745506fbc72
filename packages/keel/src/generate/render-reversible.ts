import { writeMigrationFile } from '../codegen/write-migration-file';
import { writeStatements } from '../codegen/write-statements';
import type { Operation } from '../diff/operation';
import { reverseAll } from '../diff/reverse';
import type { Project } from '../project/project';
import { byKey } from '../schema/read-schema';
import type { Schema } from '../schema/schema';
import type { StepText } from './plan-files';
import { readCodegenContext } from './read-codegen-context';

/**
 * The text of one migration whose `down` is the reverse of its `up`.
 *
 * @param remarks stand above the first statement
 * @param live has the enums that the operations name
 */
export function renderReversible(
  project: Project,
  operations: readonly Operation[],
  remarks: readonly string[],
  { enums }: Schema,
): StepText {
  const context = readCodegenContext(project);
  const [first] = operations;
  const text = writeMigrationFile(
    context,
    {
      up: writeStatements(context, operations, byKey(enums)),
      down: writeStatements(context, reverseAll(operations), byKey(enums)),
      remarks: new Map(first === undefined ? [] : [[first, remarks]]),
      withoutTransaction: false,
    },
    { printWidth: 80 },
  );
  return { suffix: '', text, extension: context.extension };
}
