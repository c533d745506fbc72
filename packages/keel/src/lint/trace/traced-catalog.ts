/** Number of an object in the catalog; it stays while names change. */
export type Oid = number;

export interface CatalogColumn {
  readonly number: number;
  readonly name: string;
  readonly type: string;
  /** Two types may have had the same name, one after the other. */
  readonly typeOid?: Oid;
  readonly notNull: boolean;
  /** The default's expression; of a generated column, what generates it. */
  readonly default: string | null;
  readonly generated: 'stored' | 'virtual' | null;
  /** Whether it is an identity, or numbered by a sequence of its own (SERIAL). */
  readonly numbered: boolean;
}

export type ConstraintKind =
  'check' | 'foreign key' | 'primary key' | 'unique' | 'exclusion' | 'not null' | 'trigger';

export interface CatalogConstraint {
  readonly oid: Oid;
  readonly name: string;
  readonly kind: ConstraintKind;
  readonly validated: boolean;
  readonly definition: string;
  /** The table that a foreign key points at. */
  readonly references: Oid | null;
}

export type RelationKind = 'table' | 'partitioned' | 'index' | 'view' | 'matview' | 'sequence';

export interface NamedRelation {
  readonly oid: Oid;
  /** With its schema, unquoted: `public.users`. */
  readonly name: string;
  readonly kind: RelationKind;
}

/** A table, an index or another relation, as it is at one moment. */
export interface CatalogRelation extends NamedRelation {
  /** The file that holds its rows: another one after a rewrite. */
  readonly filenode: number | null;
  /** Of an index: its table. */
  readonly table: Oid | null;
  /** Of an index: how it would be made again. */
  readonly definition: string | null;
  readonly unique: boolean;
  /** Of an index: the constraint that it serves. */
  readonly ofConstraint: Oid | null;
  /** Of a partition: its table. */
  readonly partitionOf: Oid | null;
  readonly columns: readonly CatalogColumn[];
  readonly constraints: readonly CatalogConstraint[];
}

export type Catalog = ReadonlyMap<Oid, CatalogRelation>;
