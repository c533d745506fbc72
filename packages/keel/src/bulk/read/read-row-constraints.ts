import type pg from 'pg';
import type { CatalogConstraint } from '../plan/catalog-table';

interface ConstraintRow extends CatalogConstraint {
  readonly oid: number;
}

// Without a default partition, a row must fit the bounds of one of the others.
// NOT ENFORCED came with PostgreSQL 18; a domain may rest on another one.
const CONSTRAINTS = `
  WITH RECURSIVE domains(oid, attname, domain) AS (
    SELECT a.attrelid, a.attname, a.atttypid FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
     WHERE a.attrelid = ANY($1::float8[]::int8[]::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND t.typtype = 'd'
    UNION ALL
    SELECT d.oid, d.attname, t.typbasetype FROM domains d JOIN pg_type t ON t.oid = d.domain AND t.typtype = 'd')
  SELECT k.conrelid::int8::float8 AS oid, k.conname AS name, CASE k.contype WHEN 'c' THEN 'check' ELSE 'exclusion' END AS kind,
         pg_get_constraintdef(k.oid) AS definition, coalesce(pg_get_expr(k.conbin, k.conrelid), '') AS expression,
         ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY c(num, at)
                 JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num ORDER BY c.at) AS columns
    FROM pg_constraint k
   WHERE k.conrelid = ANY($1::float8[]::int8[]::oid[]) AND k.contype IN ('c', 'x')
     AND coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  UNION ALL
  SELECT d.oid::int8::float8, k.conname, 'check', pg_get_constraintdef(k.oid), pg_get_expr(k.conbin, 0), ARRAY[d.attname::text]
    FROM domains d JOIN pg_constraint k ON k.contypid = d.domain AND k.contype = 'c'
  UNION ALL
  SELECT p.partrelid::int8::float8, '', 'partition', 'PARTITION BY ' || pg_get_partkeydef(p.partrelid),
         (SELECT string_agg('(' || pg_get_partition_constraintdef(leaf.relid) || ')', ' OR ' ORDER BY leaf.relid)
            FROM pg_partition_tree(p.partrelid) leaf WHERE leaf.isleaf AND leaf.level > 0),
         ARRAY(SELECT DISTINCT a.attname::text FROM pg_partition_tree(p.partrelid) part
                 JOIN pg_partitioned_table x ON x.partrelid = part.relid
                 JOIN pg_attribute a ON a.attrelid = x.partrelid AND a.attnum = ANY (x.partattrs::int2[]))
    FROM pg_partitioned_table p
   WHERE p.partrelid = ANY($1::float8[]::int8[]::oid[])
     AND EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = p.partrelid)
     AND NOT EXISTS (SELECT FROM pg_partition_tree(p.partrelid) part JOIN pg_partitioned_table x ON x.partrelid = part.relid
                      WHERE x.partdefid <> 0 OR x.partstrat = 'h' OR 0 = ANY (x.partattrs::int2[]))
   ORDER BY 1, 2`;

/** Reads the constraints of tables that the values of a row have to satisfy, by the tables' ids. */
export async function readRowConstraints(
  client: pg.Client,
  oids: readonly number[],
): Promise<(oid: number) => CatalogConstraint[]> {
  const { rows } = await client.query<ConstraintRow>(CONSTRAINTS, [oids]);
  return (oid) =>
    rows
      .filter((row) => row.oid === oid)
      .map(({ name, kind, definition, expression, columns }) => ({
        name,
        kind,
        definition,
        expression: aboutColumn(expression, columns[0]),
        columns,
      }));
}

/** A domain's expression speaks of VALUE: the column. */
function aboutColumn(expression: string, column: string | undefined): string {
  return expression.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|\bVALUE\b/g, (token) =>
    token === 'VALUE' && column !== undefined ? `"${column.replaceAll('"', '""')}"` : token,
  );
}
