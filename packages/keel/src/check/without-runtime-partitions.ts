import type { Difference } from '../diff/describe-operation';
import { displayName, keyOf } from '../schema/object-names';
import { byKey } from '../schema/read-schema';
import type { Schema, Table } from '../schema/schema';

/** Both sides without the partitions that are on one side only. */
export interface WithoutPartitions {
  readonly built: Schema;
  readonly live: Schema;
  readonly notices: readonly Difference[];
}

/**
 * Leaves out partitions that only one side has, of a table that both have: a partition manager makes and drops them at run
 * time. A partition that both have is compared as any table.
 */
export function withoutRuntimePartitions(built: Schema, live: Schema): WithoutPartitions {
  const onlyBuilt = partitionsOnlyIn(built, live);
  const onlyLive = partitionsOnlyIn(live, built);
  return {
    built: without(built, onlyBuilt),
    live: without(live, onlyLive),
    notices: [...describe(onlyBuilt, 'the migrations'), ...describe(onlyLive, 'the database')],
  };
}

interface Partition {
  readonly key: string;
  readonly root: Table;
}

function partitionsOnlyIn(schema: Schema, other: Schema): Partition[] {
  const [tables, others] = [byKey(schema.tables), byKey(other.tables)];
  const rootOf = (table: Table): Table | undefined => {
    if (table.partitionOf === undefined) return table;
    const parent = tables.get(keyOf(table.partitionOf));
    return parent === undefined ? undefined : rootOf(parent);
  };
  return schema.tables.flatMap((table) => {
    if (table.partitionOf === undefined || others.has(keyOf(table))) return [];
    const root = rootOf(table);
    const isShared = root !== undefined && others.get(keyOf(root))?.partitionKey !== undefined;
    return isShared ? [{ key: keyOf(table), root }] : [];
  });
}

function without(schema: Schema, partitions: readonly Partition[]): Schema {
  if (partitions.length === 0) return schema;
  const keys = new Set(partitions.map(({ key }) => key));
  return { ...schema, tables: schema.tables.filter((table) => !keys.has(keyOf(table))) };
}

function describe(partitions: readonly Partition[], side: string): Difference[] {
  const roots = new Map<string, number>();
  for (const { root } of partitions) {
    const name = displayName(root);
    roots.set(name, (roots.get(name) ?? 0) + 1);
  }
  return [...roots].map(([table, count]) => ({
    table,
    text: `${count === 1 ? 'one partition is' : `${count} partitions are`} only in ${side}, and not compared`,
  }));
}
