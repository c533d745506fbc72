import type { ColumnSequence } from '../../db/column-sequences';
import type { PgType } from '../generators/pg-type';

/** A column of a table in the database. */
export interface CatalogColumn {
  readonly name: string;
  readonly type: PgType;
  readonly notNull: boolean;
  readonly hasDefault: boolean;
  /** What it is generated from; undefined for one that is not generated. */
  readonly generated: { readonly expression: string; readonly from: readonly string[] } | undefined;
  /** The sequence that its default or identity takes numbers from. */
  readonly sequence: ColumnSequence | undefined;
}

/** A foreign key in the database. */
export interface CatalogForeignKey {
  readonly name: string;
  readonly columns: readonly string[];
  /** The id of the table that it refers to. */
  readonly parent: string;
  readonly parentTable: { readonly schema: string; readonly table: string };
  readonly parentColumns: readonly string[];
  readonly definition: string;
  readonly comment: string | null;
}

/** A unique constraint or index. */
export interface CatalogUnique {
  readonly name: string;
  /** Those of an expression are all that occur in it. */
  readonly columns: readonly string[];
  /** Its definition where it has expressions or covers some rows only; else undefined. */
  readonly definition: string | undefined;
  /** The rows that it covers, as a condition; undefined stands for all. */
  readonly predicate: string | undefined;
}

/** A table in the database. */
export interface CatalogTable {
  readonly id: string;
  readonly oid: number;
  readonly schema: string;
  readonly table: string;
  /** `relkind`: an ordinary table, a partitioned one, a view, a materialized view, a foreign table. */
  readonly kind: string;
  /** Whether the search path finds it without its schema. */
  readonly visible: boolean;
  readonly columns: readonly CatalogColumn[];
  readonly primaryKey: readonly string[];
  readonly uniques: readonly CatalogUnique[];
  readonly constraints: readonly CatalogConstraint[];
  readonly foreignKeys: readonly CatalogForeignKey[];
  /** Triggers that can change a row, or leave it out, before it is inserted. */
  readonly insertTriggers: readonly string[];
  /** False for a partitioned table without a partition: no row has a place in it. */
  readonly hasPlace: boolean;
  readonly rowSecurity: boolean;
  readonly mayInsert: boolean;
  readonly owned: boolean;
}

/** A CHECK or an exclusion constraint of a table, or a CHECK of the domain that a column has. */
export interface CatalogConstraint {
  readonly name: string;
  /** `partition`: the bounds of all partitions. A row must fit one of them. */
  readonly kind: 'check' | 'exclusion' | 'partition';
  /** As in `ALTER TABLE … ADD`: `CHECK ((price > 0))`. */
  readonly definition: string;
  /** What a row has to satisfy; empty for an exclusion. */
  readonly expression: string;
  readonly columns: readonly string[];
}
