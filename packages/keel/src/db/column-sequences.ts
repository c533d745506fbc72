import type pg from 'pg';

/** A column that takes numbers from a sequence, and that sequence. */
export interface ColumnSequence {
  readonly tableOid: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  /** Whether the column's type is a number or a text; `other` can hold no number of a sequence. */
  readonly holds: 'numbers' | 'texts' | 'other';
  /** Quoted and qualified. */
  readonly sequence: string;
  readonly start: number;
  /** Below zero for a sequence that counts down. */
  readonly step: number;
  /** The bounds of the sequence, as decimals: they may be beyond 2^53. */
  readonly least: string;
  readonly most: string;
  /** Starts again at its end, and so promises no new number. */
  readonly cycles: boolean;
  /** Whether other columns take their numbers from it too. */
  readonly shared: boolean;
  /**
   * The column's default with {@link NUMBER} in place of the sequence's next number, where it is more than
   * that number: `('PO-'::text || $number)`.
   */
  readonly pattern: string | undefined;
  /** Whether the default calls functions of the user's, which nothing is known of. */
  readonly callsFunctions: boolean;
}

/** Stands for the number of the sequence in {@link ColumnSequence.pattern}. */
export const NUMBER = '$number';

interface Row extends Omit<ColumnSequence, 'pattern'> {
  readonly expression: string | null;
}

// A default names its sequence by oid, which pg_depend records, or in dumps of before PostgreSQL 8.1 by a text.
// A SERIAL column owns its sequence ('a'), and an identity column has one inside ('i').
const COLUMN_SEQUENCES = `
  SELECT a.attrelid::int8::float8 AS "tableOid", n.nspname AS schema, c.relname AS "table", a.attname AS column,
         CASE WHEN t.typcategory = 'N' AND t.typname !~ '^(money|oid|reg)' THEN 'numbers'
              WHEN t.typcategory = 'S' THEN 'texts' ELSE 'other' END AS holds,
         pg_catalog.format('%I.%I', sn.nspname, sc.relname) AS sequence,
         q.seqstart::float8 AS start, q.seqincrement::float8 AS step,
         q.seqmin::text AS least, q.seqmax::text AS most, q.seqcycle AS cycles,
         (SELECT pg_catalog.count(DISTINCT d.objid) > 1 FROM pg_catalog.pg_depend d
           WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass
             AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = q.seqrelid) AS shared,
         CASE WHEN used.by_default THEN e.expression END AS expression,
         EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
                    AND d.refclassid = 'pg_catalog.pg_proc'::regclass) AS "callsFunctions"
    FROM pg_catalog.pg_attribute a
    JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
    LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
    CROSS JOIN LATERAL (SELECT pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS expression) e
    CROSS JOIN LATERAL (
      SELECT d.refobjid AS oid, true AS by_default FROM pg_catalog.pg_depend d
       WHERE d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.objid = f.oid
         AND d.refclassid = 'pg_catalog.pg_class'::regclass AND pg_catalog.strpos(e.expression, 'nextval(') > 0
      UNION
      SELECT pg_catalog.to_regclass(pg_catalog.substring(e.expression, $$nextval\\(\\('((?:[^']|'')*)'::text\\)::regclass\\)$$))::oid, true
      UNION
      SELECT d.objid, false FROM pg_catalog.pg_depend d
       WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
         AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype IN ('a', 'i')) used
    JOIN pg_catalog.pg_sequence q ON q.seqrelid = used.oid
    JOIN pg_catalog.pg_class sc ON sc.oid = q.seqrelid
    JOIN pg_catalog.pg_namespace sn ON sn.oid = sc.relnamespace
   WHERE a.attrelid = ANY ($1::float8[]::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped
   ORDER BY a.attrelid, a.attnum, used.by_default DESC`;

/** Reads which columns of some tables take numbers from sequences: by default, as identity, or as the owner. */
export async function readColumnSequences(
  client: pg.Client | pg.ClientBase,
  tableOids: readonly number[],
): Promise<ColumnSequence[]> {
  const { rows } = await client.query<Row>(COLUMN_SEQUENCES, [tableOids]);
  const seen = new Set<string>();
  return rows.flatMap(({ expression, ...row }) => {
    // The default of a SERIAL column names the sequence that the column owns: once is enough.
    const name = JSON.stringify([row.tableOid, row.column, row.sequence]);
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ ...row, pattern: expression === null ? undefined : patternOf(expression) }];
  });
}

const CALL = /\bnextval\((?:'(?:[^']|'')*'::regclass|\('(?:[^']|'')*'::text\)::regclass)\)/g;
const BARE = new RegExp(`^\\(*${NUMBER.replace('$', '\\$')}\\)*(::[\\w ".]+(\\(\\d+\\))?)?$`);

function patternOf(expression: string): string | undefined {
  const pattern = expression.replace(CALL, () => NUMBER);
  return BARE.test(pattern) ? undefined : pattern;
}
