import type { ClientBase } from 'pg';
import { dependents, targets } from './dependents-sql';

/**
 * What stands in the way of another type for columns and cannot step aside, all of it: PostgreSQL names one object at a
 * time.
 *
 * @param names as `targets` takes them
 * @param client inside a transaction that is made ready for reading the catalogs
 */
export async function readBlockers(
  client: ClientBase,
  names: readonly (readonly string[])[],
): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(query, [...names]);
  return rows.map(({ what }) => what);
}

/** Partition keys are no dependencies of the catalog. */
const query = `WITH ${targets}
  SELECT format('generated column %I.%I.%I', n.nspname, c.relname, a.attname) AS what
  FROM (${dependents('pg_attrdef')}) d JOIN pg_attrdef f ON f.oid = d.objid
  JOIN pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum
  JOIN pg_class c ON c.oid = f.adrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE NOT EXISTS (SELECT FROM targets t WHERE t.oid = f.adrelid AND t.num = f.adnum)
  UNION
  SELECT format('function %s', d.objid::regprocedure) FROM (${dependents('pg_proc')}) d
  UNION
  SELECT format('publication %I, its WHERE for %I.%I', p.pubname, n.nspname, c.relname)
  FROM (${dependents('pg_publication_rel')}) d JOIN pg_publication_rel r ON r.oid = d.objid
  JOIN pg_publication p ON p.oid = r.prpubid
  JOIN pg_class c ON c.oid = r.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  UNION
  SELECT format('partition key of %I.%I', n.nspname, c.relname)
  FROM targets t JOIN pg_partitioned_table p ON p.partrelid = t.oid AND t.num = ANY (p.partattrs)
  JOIN pg_class c ON c.oid = t.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  ORDER BY 1`;
