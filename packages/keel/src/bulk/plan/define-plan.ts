import type { Attributes, Model, ModelStatic } from 'sequelize';
import { EPOCH_DAYS, MICROSECONDS_A_DAY } from '../generators/format-values';
import type { Distribution } from '../generators/distribution';
import type { Generator, TextForm } from '../generators/generator';
import type { CustomGenerator } from '../generators/values-of';

/** A generator for a column, or a function of the row that makes its value. */
export type ColumnGenerator = Generator | CustomGenerator;

/** How a column is filled; a bare generator stands for `{ generator }`. */
export interface ColumnOptions {
  readonly generator?: ColumnGenerator;
  /** The part of the rows, 0 to 1, in which the column is NULL. */
  readonly nullRate?: number;
  /** Each value at most once. */
  readonly unique?: boolean;
}

/** How the rows choose their parent in another table. */
export interface ReferenceOptions {
  /** Each parent that takes part has at least this many rows. */
  readonly min?: number;
  /** And at most this many. */
  readonly max?: number;
  /** The part of the parents that have rows at all. */
  readonly share?: number;
  /** The part of the rows, 0 to 1, that have no parent. */
  readonly nullRate?: number;
  readonly distribution?:
    | 'uniform'
    | 'zipf'
    | { readonly zipf: number }
    | { readonly weighted: readonly { readonly share: number; readonly weight: number }[] };
}

/** How a model's table is filled. `Name` is the names of its attributes. */
export interface ModelOptions<Name extends string = string> {
  /** How many rows there shall be in all. */
  readonly rows?: number;
  /** Makes no rows: those that are there already are the parents of other tables' rows. */
  readonly existing?: boolean;
  /** By attribute. */
  readonly columns?: { readonly [K in Name]?: ColumnGenerator | ColumnOptions };
  /** By the attribute that holds the foreign key. */
  readonly references?: { readonly [K in Name]?: ReferenceOptions };
  /** Combinations of attributes that shall be distinct, besides the table's own uniques. */
  readonly unique?: readonly (readonly Name[])[];
  /** Values of the first rows; what is left out is generated. */
  readonly fixed?: readonly { readonly [K in Name]?: unknown }[];
}

type AttributeOf<M> =
  M extends ModelStatic<infer I extends Model> ? Extract<keyof Attributes<I>, string> : string;

/** A plan file's content. `Models` is the type of the project's models, by name. */
export interface PlanFile<Models = Record<string, unknown>> {
  /** Another seed makes other rows; 1 where absent. */
  readonly seed?: number;
  readonly models?: {
    readonly [
      K in keyof Models as Models[K] extends ModelStatic<Model>
        ? K
        : string extends keyof Models
          ? K
          : never
    ]?: ModelOptions<AttributeOf<Models[K]>>;
  };
  /** Junction tables that have no model of their own, by the name in `through`. */
  readonly junctions?: Readonly<Record<string, ModelOptions>>;
}

/** Gives a plan its type: the compiler then knows the models and their attributes. */
export function definePlan<Models = Record<string, unknown>>(
  plan: PlanFile<Models>,
): PlanFile<Models> {
  return plan;
}

const MICROSECONDS_A_SECOND = 1_000_000;

const dayOf = (date: string | Date): number =>
  Math.floor(new Date(date).getTime() / 86_400_000) - EPOCH_DAYS;

/** Generators for plan files. */
export const generate = {
  /** Whole numbers from `min` to `max`, both included. */
  integer: (min: number, max: number): Generator => ({ kind: 'integer', min, max }),
  /** Decimals from `min` to `max` with `scale` digits after the point. */
  decimal: (min: number, max: number, scale: number): Generator => ({
    kind: 'decimal',
    min: Math.round(min * 10 ** scale),
    max: Math.round(max * 10 ** scale),
    scale,
  }),
  float: (min: number, max: number): Generator => ({ kind: 'float', min, max }),
  /** True in the given part of the rows. */
  boolean: (rate = 0.5): Generator => ({
    kind: 'choice',
    values: ['t', 'f'],
    weights: [rate, 1 - rate],
  }),
  /** Days from `from` to `to`, for a DATE column. */
  date: (from: string | Date, to: string | Date): Generator => ({
    kind: 'integer',
    min: dayOf(from),
    max: dayOf(to),
  }),
  /** Instants from `from` to `to`, to the second, for a timestamp column. */
  timestamp: (from: string | Date, to: string | Date): Generator => ({
    kind: 'integer',
    min: (new Date(from).getTime() - EPOCH_DAYS * 86_400_000) * 1000,
    max: (new Date(to).getTime() - EPOCH_DAYS * 86_400_000) * 1000,
    unit: MICROSECONDS_A_SECOND,
  }),
  /** An instant at most `days` after the one in another column (named as in the database). */
  after: (column: string, days: number): Generator => ({
    kind: 'after',
    column,
    spread: Math.round((days * MICROSECONDS_A_DAY) / MICROSECONDS_A_SECOND),
    unit: MICROSECONDS_A_SECOND,
  }),
  /** Readable text of a form, at most `max` characters. */
  text: (form: TextForm, max = 255, min = 0): Generator => ({ kind: 'text', form, min, max }),
  /** Sentences of `min` to `max` characters. */
  prose: (min: number, max: number): Generator => ({ kind: 'text', form: 'prose', min, max }),
  /** One of some values, with weights if they are not equally likely. */
  choice: (
    values: readonly (string | number | boolean)[],
    weights?: readonly number[],
  ): Generator => ({
    kind: 'choice',
    values: values.map(String),
    weights,
  }),
  /** The same value in every row. */
  constant: (value: string | number | boolean | null): Generator => ({
    kind: 'constant',
    value: value === null ? null : String(value),
  }),
  uuid: (): Generator => ({ kind: 'uuid' }),
  /** Random bytes, `min` to `max` of them. */
  bytes: (min: number, max: number): Generator => ({ kind: 'bytes', min, max }),
  /** Arrays of `min` to `max` elements. */
  array: (element: Generator, min: number, max: number): Generator => ({
    kind: 'array',
    element,
    min,
    max,
  }),
  /** Text parts and ranges of whole numbers, one after the other: `['A-', [1, 999]]`. */
  pattern: (...parts: (string | readonly [number, number])[]): Generator => ({
    kind: 'pattern',
    parts,
  }),
} as const;

/** A distribution as the plan keeps it. */
export function distributionOf(given: ReferenceOptions['distribution']): Distribution {
  if (given === undefined || given === 'uniform') return { kind: 'uniform' };
  if (given === 'zipf') return { kind: 'zipf', exponent: 1 };
  if ('zipf' in given) return { kind: 'zipf', exponent: given.zipf };
  return { kind: 'weighted', classes: given.weighted };
}
