import type { Assignment } from '../../diff/operation';
import type { Column, Constraint, Index, QualifiedName } from '../../schema/schema';

/** Columns with all that stands on them. */
export interface ColumnSide {
  readonly columns: readonly Column[];
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
}

/** Columns that a trigger keeps in step. */
export interface SyncedColumns {
  readonly forward: readonly Assignment[];
  readonly back: readonly Assignment[];
}

/** The changes of one table's columns that are made beside them, while old code goes on. */
export interface Expansion {
  readonly table: QualifiedName;
  readonly isPartitioned: boolean;
  /** The old indexes whose parts have the names that PostgreSQL itself gives to them, by their own. */
  readonly plainParts: ReadonlySet<string>;
  /** What old sessions call themselves. */
  readonly application: string;
  readonly old: ColumnSide;
  /** Under the names that they have while both are there. */
  readonly fresh: ColumnSide;
  /** The names of constraints and indexes that are given in the end, by those that they have meanwhile. */
  readonly finalNames: ReadonlyMap<string, string>;
  /** Each by itself: new code that writes one of them says nothing about the others. */
  readonly syncs: readonly SyncedColumns[];
}
