import { trialSql } from '../codegen/trial-sql';
import { compareSchemas } from '../diff/compare-schemas';
import type { Operation, OperationOf } from '../diff/operation';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { emptyFacts } from '../schema/model-facts';
import type { OtherObject, Schema } from '../schema/schema';

/**
 * What went away with a column, a type or an index and did not come back with it when the migration was undone: the storage
 * of a column, statistics on it, the index of a CLUSTER, and that of a partition which one of its parent took over. Such SQL
 * ends the way back. It has been run on the scratch database,
 * which is as it was before.
 *
 * @returns undefined where nothing of that kind is lost
 */
export async function readLost(
  replayed: Project,
  back: Schema,
  before: Schema,
): Promise<Operation | undefined> {
  const { operations } = compareSchemas(back, before, { mode: 'exact', facts: emptyFacts() });
  const parts = operations.filter(
    (one): one is OperationOf<'runSql' | 'createIndex'> =>
      (one.type === 'runSql' && one.up.length > 0) || one.type === 'createIndex',
  );
  const there = new Set(back.others.map(nameOf));
  const others = before.others.filter((object) => !there.has(nameOf(object)));
  const down = [
    ...parts.flatMap((part) => trialSql(part)),
    ...others.flatMap(({ create }) => create),
  ];
  if (down.length === 0) return undefined;
  await withProjectClient(replayed, async (client) => {
    for (const sql of down) await client.query(sql).catch(() => undefined);
  });
  const table = parts[0]?.table ?? { schema: 'public', name: '' };
  return { type: 'runSql', table, what: 'what goes with it', up: [], down };
}

function nameOf({ kind, schema, identity }: OtherObject): string {
  return JSON.stringify([kind, schema, identity]);
}
