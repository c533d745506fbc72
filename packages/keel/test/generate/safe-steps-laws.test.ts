import fc from 'fast-check';
import { writeMigrationFile } from '../../src/codegen/write-migration-file';
import { writeStatements } from '../../src/codegen/write-statements';
import { compareSchemas } from '../../src/diff/compare-schemas';
import { describeOperations } from '../../src/diff/describe-operations';
import type { Operation } from '../../src/diff/operation';
import { reverseAll } from '../../src/diff/reverse';
import { markSplitColumns, planSteps } from '../../src/diff/safe-steps';
import { renderDump } from '../../src/schema/render-dump';
import { keyOf } from '../../src/schema/object-names';
import { byKey } from '../../src/schema/read-schema';
import type { QualifiedName, Schema } from '../../src/schema/schema';
import type { ModelSide } from '../../src/scratch/model-side';
import { defineSet, modelSet, type ModelSet } from '../support/model-sets';
import { SchemaLab, type Generated } from '../support/schema-lab';

const pairs = Number(process.env.KEEL_PROPERTY_STEPS ?? 40);
const anySeed = process.env.CI ? 20261128 : Date.now() % 2 ** 31;
const seed = Number(process.env.KEEL_PROPERTY_SEED ?? anySeed);

/** The files of the careful steps, as they are where every table is big. */
function generateSteps(before: Schema, { schema, facts }: ModelSide): Generated[] {
  const plan = compareSchemas(before, schema, { mode: 'models', facts });
  const isBig = (): boolean => true;
  const operations = markSplitColumns(plan.operations, isBig, { fill: true });
  const isPartitioned = (table: QualifiedName): boolean =>
    before.tables.some((one) => keyOf(one) === keyOf(table) && one.kind === 'partitioned');
  return planSteps(operations, isBig, isPartitioned).map((step) =>
    write(before, schema, step.operations),
  );
}

function write(before: Schema, after: Schema, operations: readonly Operation[]): Generated {
  const context = { language: 'commonjs', sequelizeMajor: 6 } as const;
  const text = writeMigrationFile(
    context,
    {
      up: writeStatements(context, operations, byKey(after.enums)),
      down: writeStatements(context, reverseAll(operations), byKey(before.enums)),
      remarks: new Map(),
      emptyDown: 'Nothing to undo.',
      withoutTransaction: false,
    },
    { printWidth: 80 },
  );
  // The laboratory is one transaction, in which PostgreSQL refuses to build an index so.
  const without = text.replaceAll(/CONCURRENTLY |concurrently: true,?/g, '');
  // There are no rows to fill in it, and batches commit.
  return {
    operations,
    text: without.replace(/^const { backfill } = .*$/m, 'const backfill = () => undefined;'),
  };
}

describe(`laws of the steps for big tables (${pairs} pairs of model sets, KEEL_PROPERTY_SEED=${seed})`, () => {
  let lab: SchemaLab;

  beforeAll(async () => {
    lab = await SchemaLab.open();
  });

  afterAll(() => lab.close());

  it('build what the models describe, and lead back, last first', async () => {
    const law = fc.asyncProperty(fc.tuple(modelSet, modelSet), (pair) =>
      lab.inTransaction(() => requireLaw(pair)),
    );
    await fc.assert(law, { numRuns: pairs, seed, endOnFailure: true });
  }, 600_000);

  async function requireLaw([first, second]: readonly [ModelSet, ModelSet]): Promise<void> {
    const empty = await lab.migrations.read();
    const [start] = await apply(empty, first);
    const [end, files] = await apply(start, second);
    for (const file of [...files].reverse()) await lab.run(file, 'down');
    const back = await lab.migrations.read();
    expect({ back: renderDump(back), end }).toEqual({ back: renderDump(start), end });
  }

  async function apply(before: Schema, set: ModelSet): Promise<[Schema, Generated[]]> {
    const side = await lab.build((sequelize) => {
      defineSet(sequelize, set);
    }, before);
    const files = generateSteps(before, side);
    for (const file of files) await lab.run(file, 'up');
    const after = await lab.migrations.read();
    const options = { mode: 'models', facts: side.facts } as const;
    const { operations } = compareSchemas(after, side.schema, options);
    const sides = { before: 'the steps', after: 'the models' };
    const left = describeOperations(operations, sides).map(({ text }) => text);
    const text = files.map((file) => file.text).join('\n');
    expect({ left, text }).toEqual({ left: [], text });
    return [after, files];
  }
});
