import { keyOf } from '../../schema/object-names';
import type { QualifiedName, Schema, Table } from '../../schema/schema';
import type { ColumnSide } from './expansion';

export function tableIn({ tables }: Schema, table: QualifiedName): Table {
  const found = tables.find((one) => keyOf(one) === keyOf(table));
  if (found === undefined) throw new Error(`There is no table ${keyOf(table)}.`);
  return found;
}

/** Columns of a table with all that stands on one of them. */
export function sideOf(table: Table, names: readonly string[]): ColumnSide {
  const isOne = (name: string): boolean => names.includes(name);
  return {
    columns: table.columns.filter(({ name }) => isOne(name)),
    constraints: table.constraints.filter(({ columns }) => columns.some(isOne)),
    indexes: table.indexes.filter(({ dependsOn }) => dependsOn.some(isOne)),
  };
}
