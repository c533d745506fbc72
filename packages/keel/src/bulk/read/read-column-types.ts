import type pg from 'pg';
import type { PgType } from '../generators/pg-type';

/** Gives the type for an oid and a modifier. */
export type TypeReader = (oid: number, typmod: number) => PgType;

interface TypeRow {
  readonly oid: number;
  readonly name: string;
  readonly sql: string;
  readonly typtype: string;
  readonly category: string;
  readonly base: number;
  readonly typmod: number;
  readonly element: number;
  readonly labels: readonly string[] | null;
}

/** Arrays of the system catalogs, which are written in a way of their own. */
const VECTORS = new Set(['int2vector', 'oidvector']);

// Types below domains, elements of arrays and bounds of ranges are followed to the end.
const TYPES = `
  WITH RECURSIVE used(oid) AS (
    SELECT unnest($1::float8[]::int8[]::oid[])
    UNION
    SELECT below.oid FROM used JOIN pg_type t ON t.oid = used.oid
      LEFT JOIN pg_range r ON r.rngtypid = t.oid
      CROSS JOIN LATERAL (VALUES (t.typbasetype), (t.typelem), (r.rngsubtype)) AS below(oid)
     WHERE below.oid <> 0)
  SELECT t.oid::int8::float8 AS oid, t.typname AS name, format_type(t.oid, NULL) AS sql, t.typtype,
         t.typcategory AS category, t.typbasetype::int8::float8 AS base, t.typtypmod AS typmod,
         coalesce(r.rngsubtype, t.typelem)::int8::float8 AS element,
         ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
    FROM used JOIN pg_type t ON t.oid = used.oid LEFT JOIN pg_range r ON r.rngtypid = t.oid`;

/** Reads types, and those that they are made of. */
export async function readColumnTypes(
  client: pg.Client,
  oids: readonly number[],
): Promise<TypeReader> {
  const { rows } = await client.query<TypeRow>(TYPES, [[...new Set(oids)]]);
  const byOid = new Map(rows.map((row) => [row.oid, row]));
  const read: TypeReader = (oid, typmod) => {
    const row = byOid.get(oid);
    if (!row) throw new TypeError(`Unknown type ${oid}`);
    if (row.typtype === 'd') return read(row.base, typmod >= 0 ? typmod : row.typmod);
    const array = row.category === 'A' && row.element !== 0 && !VECTORS.has(row.name);
    return {
      name: row.name,
      sql: row.sql,
      oid,
      kind: kindOf(row, array),
      ...modifierOf(row.name, typmod),
      labels: row.typtype === 'e' ? (row.labels ?? []) : undefined,
      element: array || row.typtype === 'r' ? read(row.element, typmod) : undefined,
    };
  };
  return read;
}

function kindOf(row: TypeRow, array: boolean): PgType['kind'] {
  if (array) return 'array';
  const kinds: Readonly<Record<string, PgType['kind']>> = { e: 'enum', r: 'range', b: 'base' };
  return kinds[row.typtype] ?? 'other';
}

function modifierOf(name: string, typmod: number): Partial<PgType> {
  if (typmod < 0) return {};
  if (name === 'varchar' || name === 'bpchar') return { length: typmod - 4 };
  if (name === 'bit' || name === 'varbit') return { length: typmod };
  if (name !== 'numeric') return {};
  return {
    precision: ((typmod - 4) >> 16) & 0xffff,
    scale: (((typmod - 4) & 0x7ff) ^ 1024) - 1024,
  };
}
