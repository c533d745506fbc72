import type { ClientBase } from 'pg';
import { keySql } from '../schema/catalog';

/** What of a database is needed by something else in it, by `keyOf`. */
export interface Uses {
  /** Indexes, those of constraints among them, that a foreign key, the replica identity or CLUSTER rests on. */
  readonly indexes: ReadonlySet<string>;
  /** Enum types that a column, a function, a domain or another object has, or whose name a function's text holds. */
  readonly enums: ReadonlySet<string>;
  /** Tables whose columns have an enum type, by the key of the type. */
  readonly enumTables: ReadonlyMap<string, readonly string[]>;
}

/** Reads them. */
export async function readUses(client: ClientBase): Promise<Uses> {
  const indexes = await client.query<{ key: string }>(`
    SELECT ${keySql('n.nspname', 'c.relname')} AS key
      FROM pg_catalog.pg_index i
      JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
     WHERE i.indisreplident OR i.indisclustered
        OR EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.contype = 'f' AND k.conindid = i.indexrelid)`);
  const enums = await client.query<{ key: string; used: boolean; columns: string[] | null }>(`
    SELECT ${keySql('n.nspname', 't.typname')} AS key,
           EXISTS (SELECT FROM pg_catalog.pg_depend d
                    WHERE d.refclassid = 'pg_catalog.pg_type'::regclass AND d.refobjid IN (t.oid, t.typarray)
                      AND NOT (d.classid = 'pg_catalog.pg_type'::regclass AND d.objid IN (t.oid, t.typarray)))
        OR EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE pg_catalog.strpos(p.prosrc, t.typname) > 0
                      AND p.pronamespace <> 'pg_catalog'::regnamespace) AS used,
           (SELECT pg_catalog.array_agg(pg_catalog.format('%s.%s', a.attrelid::regclass, a.attname))
              FROM pg_catalog.pg_attribute a
              JOIN pg_catalog.pg_class c ON c.oid = a.attrelid AND c.relkind IN ('r', 'p')
             WHERE a.atttypid IN (t.oid, t.typarray) AND NOT a.attisdropped) AS columns
      FROM pg_catalog.pg_type t
      JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
     WHERE t.typtype = 'e'`);
  return {
    indexes: new Set(indexes.rows.map(({ key }) => key)),
    enums: new Set(enums.rows.filter(({ used }) => used).map(({ key }) => key)),
    enumTables: new Map(enums.rows.map(({ key, columns }) => [key, columns ?? []])),
  };
}
