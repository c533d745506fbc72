import type { CatalogColumn, ConstraintKind, Oid } from './traced-catalog';

/** A relation as a trace names it: by its number, and by the name that it had when the statement began. */
export interface RelationRef {
  readonly oid: Oid;
  readonly name: string;
}

/** What one statement changed in the catalog. */
export type CatalogChange =
  | {
      readonly type: 'table-created';
      readonly table: RelationRef;
      readonly columns: readonly CatalogColumn[];
    }
  | { readonly type: 'table-dropped'; readonly table: RelationRef }
  | { readonly type: 'table-renamed'; readonly table: RelationRef; readonly to: string }
  | { readonly type: 'table-rewritten'; readonly table: RelationRef }
  | {
      readonly type: 'column-added';
      readonly table: RelationRef;
      readonly column: CatalogColumn;
    }
  | {
      readonly type: 'column-dropped';
      readonly table: RelationRef;
      readonly column: string;
      readonly columnType: string;
    }
  | {
      readonly type: 'column-renamed';
      readonly table: RelationRef;
      readonly column: string;
      readonly to: string;
      readonly columnType: string;
    }
  | {
      readonly type: 'type-changed';
      readonly table: RelationRef;
      readonly column: string;
      readonly from: string;
      readonly to: string;
    }
  | {
      readonly type: 'not-null-set' | 'not-null-dropped';
      readonly table: RelationRef;
      readonly column: string;
    }
  | {
      readonly type: 'constraint-added' | 'constraint-validated' | 'constraint-dropped';
      readonly table: RelationRef;
      readonly name: string;
      readonly kind: ConstraintKind;
      readonly validated: boolean;
      readonly definition: string;
      readonly references: RelationRef | undefined;
    }
  | {
      readonly type: 'index-created' | 'index-dropped' | 'index-rebuilt';
      readonly table: RelationRef;
      readonly index: RelationRef;
      readonly definition: string;
      readonly unique: boolean;
      /** Whether a constraint made it, or goes with it. */
      readonly ofConstraint: boolean;
    }
  | {
      readonly type: 'partition-attached' | 'partition-detached';
      readonly table: RelationRef;
      readonly partition: RelationRef;
    };

type Matching<Change, Type> = Change extends { readonly type: infer Own }
  ? Type extends Own
    ? Change
    : never
  : never;

/** The changes of one type. */
export type ChangeOf<Type extends CatalogChange['type']> = Matching<CatalogChange, Type>;
