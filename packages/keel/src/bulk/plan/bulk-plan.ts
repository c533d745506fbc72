import type { Generator } from '../generators/generator';
import type { PgType } from '../generators/pg-type';
import type { RelationShape } from '../generators/relation-of';

/** Part of every plan: raised when the same plan would make other rows than before. */
export const GENERATOR_VERSION = 1;

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
   * - `tree`, `chain`: within the table itself. In a chain without NULL each row is its own parent.
   */
  readonly mode: 'drawn' | 'paired' | 'tree' | 'chain';
  /** Filled by a second pass, because the parent table comes later (a cycle). */
  readonly late: boolean;
}

/** Columns that together are distinct. */
export interface Combination {
  /** Names of columns; a relation is named by its first column. */
  readonly members: readonly string[];
  /** Whether the first member is a relation that draws its parents by its shape; the others differ within a parent. */
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
