/**
 * A database's schema as values: everything in PostgreSQL's own normal form, read with
 * `search_path = pg_catalog`, so that two schemas are equal exactly when their texts are.
 * All of it survives JSON, which is how a replay is cached.
 */

/** The name of an object that lives in a schema. */
export interface QualifiedName {
  readonly schema: string;
  readonly name: string;
}

/** The sequence behind a SERIAL or IDENTITY column. */
export interface OwnedSequence extends QualifiedName {
  /** `smallint`, `integer` or `bigint`. */
  readonly type: string;
}

export type Identity = 'always' | 'by default';

export interface Column {
  readonly name: string;
  /** As `format_type` writes it, for example `character varying(255)` or `public.enum_users_role[]`. */
  readonly type: string;
  /** The enum behind the type, also behind an array of it. */
  readonly enumType?: QualifiedName;
  /** Only where it is not the type's own. */
  readonly collation?: string;
  readonly notNull: boolean;
  /** True for a column that the table has only from the table that it inherits from. */
  readonly inherited?: true;
  /** As `pg_get_expr` writes it. */
  readonly default?: string;
  readonly identity?: Identity;
  /** The sequence that belongs to the column, of SERIAL or IDENTITY. */
  readonly sequence?: OwnedSequence;
  /** The expression of a generated column. */
  readonly generated?: { readonly expression: string; readonly kind: 'stored' | 'virtual' };
  readonly comment?: string;
}

export type ConstraintKind = 'primary key' | 'unique' | 'foreign key' | 'check' | 'exclude';

export type ReferentialAction = 'NO ACTION' | 'RESTRICT' | 'CASCADE' | 'SET NULL' | 'SET DEFAULT';

export interface ForeignKeyTarget extends QualifiedName {
  readonly columns: readonly string[];
  readonly onUpdate: ReferentialAction;
  readonly onDelete: ReferentialAction;
}

export type Deferrability = 'not' | 'immediate' | 'deferred';

export interface Constraint {
  readonly name: string;
  readonly kind: ConstraintKind;
  /** In the constraint's own order. Empty where only expressions are constrained. */
  readonly columns: readonly string[];
  /** As `pg_get_constraintdef` writes it, without NOT VALID: what follows `ADD CONSTRAINT name`. */
  readonly definition: string;
  readonly references?: ForeignKeyTarget;
  readonly deferrable: Deferrability;
  /** False for a constraint added NOT VALID and not validated since. */
  readonly validated: boolean;
  readonly comment?: string;
}

export interface IndexField {
  /** A column's name, or an expression as `pg_get_indexdef` writes it. */
  readonly text: string;
  readonly isExpression: boolean;
  readonly order: 'ASC' | 'DESC';
  /** Only where it is not the order's default. */
  readonly nulls?: 'FIRST' | 'LAST';
  /** Only where it is not the type's default. */
  readonly operatorClass?: string;
  /** Only where it is not the column's own. */
  readonly collation?: string;
}

/** An index that no constraint owns. */
export interface Index {
  readonly name: string;
  readonly unique: boolean;
  readonly method: string;
  readonly fields: readonly IndexField[];
  readonly predicate?: string;
  /** What follows the table's name in CREATE INDEX: two indexes do the same when this and `unique` are equal. */
  readonly tail: string;
  /** Whether the tail says more than fields, method and predicate (INCLUDE, NULLS NOT DISTINCT, WITH …). */
  readonly special: boolean;
  /** False for what a failed CREATE INDEX CONCURRENTLY left behind. */
  readonly valid: boolean;
  /** Every column that it reads, also in expressions and the predicate. */
  readonly dependsOn: readonly string[];
  readonly comment?: string;
}

export interface Trigger {
  readonly name: string;
  readonly definition: string;
}

export interface Policy {
  readonly name: string;
  readonly definition: string;
}

/** A fact about a table that models cannot declare, where it is not the default: `fillfactor`, the state of a trigger. */
export interface Setting {
  /** Names it within the table: `storage of column a`. */
  readonly what: string;
  readonly value: string;
  /** The statement that makes it so; undefined where there is none. */
  readonly set?: string;
  /** The statement that brings the default back; undefined where there is none. */
  readonly reset?: string;
}

export interface Table extends QualifiedName {
  readonly kind: 'table' | 'partitioned' | 'foreign';
  readonly unlogged: boolean;
  /** As `pg_get_partkeydef` writes it. */
  readonly partitionKey?: string;
  readonly partitionOf?: QualifiedName & { readonly bound: string };
  readonly inherits: readonly QualifiedName[];
  readonly rowSecurity: 'off' | 'on' | 'forced';
  /** In the table's own order. */
  readonly columns: readonly Column[];
  /** By name, as all that follow. */
  readonly constraints: readonly Constraint[];
  readonly indexes: readonly Index[];
  readonly triggers: readonly Trigger[];
  readonly policies: readonly Policy[];
  readonly settings: readonly Setting[];
  /** Of a foreign table. */
  readonly foreign?: { readonly server: string; readonly options: string };
  readonly comment?: string;
}

export interface EnumType extends QualifiedName {
  readonly values: readonly string[];
  readonly comment?: string;
}

/** A sequence that numbers no column as SERIAL and IDENTITY do. */
export interface Sequence extends QualifiedName {
  /** What follows the name in CREATE SEQUENCE. */
  readonly definition: string;
  readonly unlogged: boolean;
  /** The column with which it goes away (OWNED BY). */
  readonly owner?: QualifiedName & { readonly column: string };
}

/**
 * An object that models cannot declare: a view, a function, a domain, an operator, a publication … It is compared as a
 * whole, by the statements that make it.
 */
export interface OtherObject extends QualifiedName {
  /** As people say it: `materialized view`. */
  readonly kind: string;
  /** The name as people write it: of a function, with its arguments. */
  readonly identity: string;
  /** What makes it, its comment and its state included; empty where that cannot be read as SQL. */
  readonly create: readonly string[];
  readonly drop: string;
}

export interface Extension {
  readonly name: string;
  readonly schema: string;
}

export interface Schema {
  /** `server_version_num`, for example 180004. */
  readonly serverVersion: number;
  /** Schemas besides `public`. */
  readonly namespaces: readonly string[];
  readonly extensions: readonly Extension[];
  readonly enums: readonly EnumType[];
  readonly sequences: readonly Sequence[];
  readonly tables: readonly Table[];
  readonly others: readonly OtherObject[];
  /** The patterns of objects to leave out that some object matched. */
  readonly ignored?: readonly string[];
}
