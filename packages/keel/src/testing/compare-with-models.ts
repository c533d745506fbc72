import { buildModelSide, loadModelSide, requireBuilt } from '../scratch/model-side';
import { withScratch } from '../scratch/with-scratch';
import { compareSchemas } from '../diff/compare-schemas';
import { describeOperations } from '../diff/describe-operations';
import { KeelError } from '../errors';
import type { Project } from '../project/project';
import type { Schema } from '../schema/schema';
import { schemaOf, type TestDatabase } from './test-database';

/** How the models of the database's project differ from it, a sentence each. */
export async function compareWithModels(subject: unknown): Promise<string[]> {
  if (typeof subject !== 'object' || subject === null || !('project' in subject)) {
    throw new KeelError('toMatchModels() needs a database of createTestDatabase()', {
      code: 'NOT_A_DATABASE',
    });
  }
  return compareProjectModels((subject as TestDatabase).project, await schemaOf(subject));
}

/** How the models of a project differ from `schema`, a sentence each. */
export async function compareProjectModels(project: Project, schema: Schema): Promise<string[]> {
  const loaded = await loadModelSide(project, false);
  try {
    return await withScratch(project, undefined, async (scratch) => {
      const side = await buildModelSide(await scratch.create(), loaded, schema);
      requireBuilt(side);
      const { operations } = compareSchemas(schema, side.schema, {
        mode: 'models',
        facts: side.facts,
      });
      const differences = describeOperations(operations, {
        before: 'the database',
        after: 'the models',
      });
      return differences.map(({ table, text }) =>
        table === undefined ? text : `${table}: ${text}`,
      );
    });
  } finally {
    await loaded.close();
  }
}
