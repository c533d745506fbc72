import type { Assignment, OperationOf } from '../../diff/operation';
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
  /** The enums that nobody has when the old columns have gone. */
  readonly leftEnums: readonly OperationOf<'dropEnum'>[];
  /** Each by itself: new code that writes one of them says nothing about the others. */
  readonly syncs: readonly SyncedColumns[];
  /** Where the new columns have the same names in the end. */
  readonly swap?: Swap;
}

/** How a column of another type takes the place, and the name, of the old one. */
export interface Swap {
  readonly columns: readonly SwappedColumn[];
  readonly primaryKey: SwappedKey | undefined;
  /** The old columns with all that stands on them, under the names that they have after it. */
  readonly aside: ColumnSide;
  /** The names that constraints and indexes of the old columns have after it, by those of before. */
  readonly asideNames: ReadonlyMap<string, string>;
  /** The other way round: the old columns are kept in step, so that undoing finds their values. */
  readonly syncs: readonly SyncedColumns[];
  /** Foreign keys of other tables that point to the columns. */
  readonly references: readonly ForeignReference[];
}

export interface SwappedColumn {
  readonly before: Column;
  readonly after: Column;
  /** The new one's name until then, and the old one's from then on. */
  readonly freshName: string;
  readonly asideName: string;
}

/** The primary key, which goes to a new index: there is one at a time. */
export interface SwappedKey {
  readonly name: string;
  readonly freshName: string;
  readonly asideName: string;
  /** What follows the table's name in CREATE INDEX, with the names of the columns at each time. */
  readonly freshFields: string;
  readonly fields: string;
  readonly asideFields: string;
  readonly deferred: string;
}

export interface ForeignReference {
  readonly table: QualifiedName;
  readonly constraint: Constraint;
}
