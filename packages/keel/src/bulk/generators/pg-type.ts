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
