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
