import fc from 'fast-check';
import { compareSchemas } from '../../src/diff/compare';
import { describeOperations } from '../../src/diff/describe-all';
import { renderDump } from '../../src/schema/dump';
import { emptyFacts } from '../../src/schema/model-facts';
import type { Schema } from '../../src/schema/types';
import { defineSet, isAcyclic, modelSet, type ModelSet } from '../support/model-sets';
import { readSharedRows, writeRows } from '../support/sample-rows';
import { generate, SchemaLab, type Generated } from '../support/schema-lab';

const pairs = Number(process.env.KEEL_PROPERTY_PAIRS ?? 200);
const seed = Number(process.env.KEEL_PROPERTY_SEED ?? Date.now() % 2 ** 31);

describe(`laws of generated migrations (${pairs} pairs of model sets, KEEL_PROPERTY_SEED=${seed})`, () => {
  let lab: SchemaLab;
  let empty: Schema;

  beforeAll(async () => {
    lab = await SchemaLab.open();
    empty = await lab.inTransaction(() => lab.migrations.read());
  });

  afterAll(() => lab.close());

  it('build what the models describe, lead back, and keep the rows', async () => {
    const law = fc.asyncProperty(modelSet, modelSet, (first, second) =>
      lab.inTransaction(() => requireLaws(first, second)),
    );
    await fc.assert(law, {
      numRuns: pairs,
      seed,
      endOnFailure: process.env.KEEL_PROPERTY_SHRINK === undefined,
    });
  }, 600_000);

  async function requireLaws(first: ModelSet, second: ModelSet): Promise<void> {
    const initial = await apply(empty, first);
    if (isAcyclic(first)) {
      const synced = await lab.sync((sequelize) => {
        defineSet(sequelize, first);
      });
      requireSame(synced, initial.schema, 'sync() and what generate builds from nothing');
    }
    await writeRows(lab.migrations.client, initial.schema);
    const change = await apply(initial.schema, second, initial.schema);
    await lab.run(change.generated, 'down');
    const back = await lab.migrations.read();
    requireSame(initial.schema, back, 'before, and after up and down');
    expect(renderDump(back)).toBe(renderDump(initial.schema));
    await lab.run(initial.generated, 'down');
    requireSame(empty, await lab.migrations.read(), 'the empty database, and after undoing all');
  }

  /** Generates the migration to the models of `set`, applies it, and requires that nothing is left to do. */
  async function apply(
    before: Schema,
    set: ModelSet,
    withRows?: Schema,
  ): Promise<{ schema: Schema; generated: Generated }> {
    const side = await lab.build((sequelize) => {
      defineSet(sequelize, set);
    }, before);
    const generated = generate(before, side);
    await runWithRows(generated, side.schema, withRows);
    const schema = await lab.migrations.read();
    const { operations } = compareSchemas(schema, side.schema, {
      mode: 'models',
      facts: side.facts,
    });
    expect({ left: describe_(operations), text: generated.text }).toEqual({
      left: [],
      text: generated.text,
    });
    return { schema, generated };
  }

  /** Rows that stand in the way of a change make it fail; then it is made without them. */
  async function runWithRows(
    generated: Generated,
    after: Schema,
    withRows: Schema | undefined,
  ): Promise<void> {
    const { client } = lab.migrations;
    if (withRows === undefined) return lab.run(generated, 'up');
    await client.query('SAVEPOINT with_rows');
    try {
      const before = await readSharedRows(client, withRows, after);
      await lab.run(generated, 'up');
      expect(await readSharedRows(client, withRows, after)).toEqual(before);
      await client.query('SAVEPOINT undo');
      await lab.run(generated, 'down');
      expect(await readSharedRows(client, withRows, after)).toEqual(before);
      await client.query('ROLLBACK TO SAVEPOINT undo');
    } catch (error) {
      if (!isAboutRows(error)) throw error;
      await client.query('ROLLBACK TO SAVEPOINT with_rows');
      for (const table of withRows.tables)
        await client.query(`DELETE FROM "${table.schema}"."${table.name}"`);
      await lab.run(generated, 'up');
    }
  }
});

/** PostgreSQL's classes for data that cannot be converted and for violated constraints. */
function isAboutRows(error: unknown): boolean {
  const { code } = (error as { original?: { code?: string } }).original ?? {};
  return code !== undefined && /^(22|23)/.test(code);
}

const sides = { before: 'one', after: 'the other' };

function describe_(operations: Parameters<typeof describeOperations>[0]): string[] {
  return describeOperations(operations, sides).map(({ table, text }) => `${table ?? ''}: ${text}`);
}

function requireSame(before: Schema, after: Schema, what: string): void {
  const { operations } = compareSchemas(before, after, { mode: 'exact', facts: emptyFacts() });
  expect({ what, differences: describe_(operations) }).toEqual({ what, differences: [] });
}
