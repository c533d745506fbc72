import type { RelationShape } from '../generators/relation-of';

/** Part of every plan: raised when the same plan would make other rows than before. */
export const GENERATOR_VERSION = 1;

/** A column's type as PostgreSQL has it; domains stand as the type below them. */
export interface PgType {
  /** As `format_type` writes it, usable in a cast: `character varying(40)`, `public.mood[]`. */
  readonly sql: string;
  /** The catalog's name without schema or modifier: `varchar`, `int4`, `mood`. */
  readonly name: string;
  readonly kind: 'base' | 'enum' | 'range' | 'array' | 'other';
  readonly oid: number;
  /** Characters of a `varchar(n)`, `char(n)` or `bit(n)`. */
  readonly length?: number;
  /** Digits of a `numeric(p, s)`. */
  readonly precision?: number;
  readonly scale?: number;
  /** Labels of an enum, in order. */
  readonly labels?: readonly string[];
  /** The type of an array's elements or of a range's bounds. */
  readonly element?: PgType;
}

/** Forms of readable text. */
export type TextForm =
  | 'firstName'
  | 'lastName'
  | 'fullName'
  | 'userName'
  | 'email'
  | 'url'
  | 'domain'
  | 'phone'
  | 'street'
  | 'city'
  | 'country'
  | 'postcode'
  | 'company'
  | 'colour'
  | 'word'
  | 'slug'
  | 'title'
  | 'prose'
  | 'code'
  | 'digits'
  | 'letters'
  | 'ip'
  | 'hex'
  | 'json';

/**
 * What fills a column: plain data, so that it can be stored with the plan and compared later.
 * Integers also stand for dates (days since 2000-01-01), instants and times (microseconds, of
 * PostgreSQL's epoch 2000-01-01) and booleans (0 or 1).
 */
export type Generator =
  | { readonly kind: 'serial'; readonly step: number }
  | { readonly kind: 'integer'; readonly min: number; readonly max: number; readonly unit?: number }
  | { readonly kind: 'decimal'; readonly min: number; readonly max: number; readonly scale: number }
  | { readonly kind: 'float'; readonly min: number; readonly max: number }
  | {
      readonly kind: 'text';
      readonly form: TextForm;
      readonly min: number;
      readonly max: number;
      readonly letters?: 'lower' | 'upper';
    }
  | {
      readonly kind: 'choice';
      readonly values: readonly string[];
      readonly weights?: readonly number[];
    }
  | { readonly kind: 'constant'; readonly value: string | null }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'bytes'; readonly min: number; readonly max: number }
  /** A time at most `spread` units after the one in another column of the same row. */
  | {
      readonly kind: 'after';
      readonly column: string;
      readonly spread: number;
      readonly unit: number;
    }
  | {
      readonly kind: 'array';
      readonly element: Generator;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'range'; readonly element: Generator; readonly spread: number }
  | { readonly kind: 'pattern'; readonly parts: readonly (string | readonly [number, number])[] }
  /** A function of the plan file; `source` is its text, compared like the rest. */
  | { readonly kind: 'custom'; readonly source: string };

/** A column of a table that is filled, other than by a relation. */
export interface ColumnPlan {
  readonly name: string;
  readonly attribute: string;
  readonly type: PgType;
  readonly notNull: boolean;
  /** The part of the rows in which it is NULL. */
  readonly nullRate: number;
  /** Each value at most once. */
  readonly unique: boolean;
  readonly generator: Generator;
}

/** Columns that refer to another table's key. */
export interface RelationPlan {
  readonly columns: readonly string[];
  readonly attributes: readonly string[];
  readonly types: readonly PgType[];
  readonly notNull: boolean;
  readonly parent: string;
  readonly parentColumns: readonly string[];
  readonly shape: RelationShape;
  readonly nullRate: number;
  /**
   * - `drawn`: by the shape;
   * - `paired`: the entries of a unique combination whose first relation is `drawn`;
   * - `tree`, `chain`: within the table itself.
   */
  readonly mode: 'drawn' | 'paired' | 'tree' | 'chain';
  /** Filled by a second pass, because the parent table comes later (a cycle). */
  readonly late: boolean;
}

/** Columns that together are distinct. */
export interface Combination {
  /** Names of columns; a relation is named by its first column. */
  readonly members: readonly string[];
  /** Whether the first member is a relation that draws by its shape, the others being told apart within it. */
  readonly leads: boolean;
  /** How many values the members have that are not relations. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** How one table is filled. Plain data. */
export interface TablePlan {
  /** `schema.table`, unquoted: its name in messages, keys and the state. */
  readonly id: string;
  readonly schema: string;
  readonly table: string;
  readonly model: string;
  readonly rows: number;
  readonly key: readonly string[];
  readonly columns: readonly ColumnPlan[];
  readonly relations: readonly RelationPlan[];
  readonly combinations: readonly Combination[];
  /** Values of the first rows, as PostgreSQL reads them, by column. */
  readonly fixed: readonly Readonly<Record<string, string | null>>[];
  /** Uses the rows that are there already instead of making any. */
  readonly existing: boolean;
}

/** Everything that is to be filled, parents before children. */
export interface BulkPlan {
  readonly seed: number;
  readonly generatorVersion: number;
  readonly tables: readonly TablePlan[];
}

/** One step of a table's growth as it was planned and recorded. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  /** The value of the first row of this segment in each `serial` column. */
  readonly bases: Readonly<Record<string, number>>;
  /** How many rows each parent table had then. */
  readonly parents: Readonly<Record<string, number>>;
}
