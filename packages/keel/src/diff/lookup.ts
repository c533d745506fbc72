import { keyOf } from '../schema/object-names';
import type { EnumType, QualifiedName, Schema, Table } from '../schema/schema';

/** A schema with its objects by key. */
export interface Lookup {
  readonly schema: Schema;
  readonly tables: ReadonlyMap<string, Table>;
  readonly enums: ReadonlyMap<string, EnumType>;
  /** Keys of views and materialized views. */
  readonly views: ReadonlySet<string>;
}

export function byName(schema: Schema): Lookup {
  return {
    schema,
    tables: new Map(schema.tables.map((table) => [keyOf(table), table])),
    enums: new Map(schema.enums.map((type) => [keyOf(type), type])),
    views: new Set(
      schema.others
        .filter(({ kind }) => kind === 'view' || kind === 'materialized view')
        .map(keyOf),
    ),
  };
}

export interface ColumnOfTable {
  readonly table: Table;
  readonly column: Table['columns'][number];
}

/** Every column whose type is the enum or an array of it. */
export function columnsOfEnum(lookup: Lookup, type: QualifiedName): ColumnOfTable[] {
  return lookup.schema.tables.flatMap((table) =>
    table.columns
      .filter(({ enumType }) => enumType !== undefined && keyOf(enumType) === keyOf(type))
      .map((column) => ({ table, column })),
  );
}
