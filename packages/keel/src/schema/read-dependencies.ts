import type { ClientBase } from 'pg';
import { addTo, isUserNamespace, keySql } from './catalog';
import { keyOf } from './object-names';
import { prepareCatalogReads } from './prepare-catalog-reads';
import { readOtherRows } from './read-others';
import { readServerVersion } from './read-schema';
import type { OtherObject } from './schema';

/** The key of an object: what {@link readDependencies} calls it. */
export function objectKey({
  kind,
  schema,
  identity,
}: Pick<OtherObject, 'kind' | 'schema' | 'identity'>): string {
  const isRelation = kind === 'view' || kind === 'materialized view';
  return isRelation ? keyOf({ schema, name: identity }) : `${kind} ${schema}.${identity}`;
}

/**
 * What must be there before an object can be made, by the object's key: `keyOf` for tables, views, enums and
 * sequences, {@link objectKey} for the rest. Foreign keys are left out: they are added when all tables are there.
 *
 * Source: https://www.postgresql.org/docs/current/catalog-pg-depend.html
 */
export async function readDependencies(
  client: ClientBase,
): Promise<ReadonlyMap<string, readonly string[]>> {
  await client.query('BEGIN READ ONLY');
  await prepareCatalogReads(client);
  const serverVersion = await readServerVersion(client);
  const keys = new Map<string, string>();
  for (const object of await readOtherRows(client, serverVersion)) {
    if (object.kind !== 'comment' && object.kind !== 'security label')
      keys.set(`${object.class}/${object.oid}`, objectKey(object));
  }
  const parts = await client.query<{ part: string; owner: string; key: string | null }>(partsQuery);
  for (const { part, owner, key } of parts.rows) {
    const found = keys.get(owner) ?? key;
    if (found !== null && !keys.has(part)) keys.set(part, found);
  }
  const edges = await client.query<{ object: string; needs: string }>(edgesQuery);
  await client.query('ROLLBACK');
  const needs = new Map<string, string[]>();
  for (const { object, needs: needed } of edges.rows) {
    const [from, to] = [keys.get(object), keys.get(needed)];
    if (from !== undefined && to !== undefined && from !== to) addTo(needs, from, to);
  }
  return needs;
}

const address = (catalog: string, oid: string): string =>
  `'${catalog}'::regclass::oid || '/' || ${oid}`;

/** Each part of an object (a default, a constraint, a view's rule, an owned sequence, an array) counts as the object. */
const partsQuery = `
  WITH relation AS (
    SELECT c.oid, c.reltype, c.relkind, ${keySql('n.nspname', 'c.relname')} AS key
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm', 'S') AND ${isUserNamespace('n')}
  )
  SELECT ${address('pg_class', 'oid')} AS part, ${address('pg_class', 'oid')} AS owner, key FROM relation WHERE relkind <> 'S'
  UNION ALL SELECT ${address('pg_class', 's.oid')}, ${address('pg_class', 's.oid')}, coalesce(r.key, s.key)
  FROM relation s LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype = 'i'
    AND d.refclassid = 'pg_class'::regclass
  LEFT JOIN relation r ON r.oid = d.refobjid WHERE s.relkind = 'S'
  UNION ALL SELECT ${address('pg_type', 'r.reltype')}, ${address('pg_class', 'r.oid')}, r.key FROM relation r WHERE r.reltype <> 0
  UNION ALL SELECT ${address('pg_type', 't.oid')}, ${address('pg_type', 't.oid')}, ${keySql('n.nspname', 't.typname')}
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = 'e' AND ${isUserNamespace('n')}
  UNION ALL SELECT ${address('pg_type', 't.typarray')}, ${address('pg_type', 't.oid')},
    coalesce(r.key, CASE WHEN t.typtype = 'e' THEN ${keySql('n.nspname', 't.typname')} END)
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN relation r ON r.oid = t.typrelid
  WHERE t.typarray <> 0 AND ${isUserNamespace('n')}
  UNION ALL SELECT ${address('pg_class', 'c.oid')}, ${address('pg_type', 'c.reltype')}, NULL FROM pg_class c WHERE c.relkind = 'c'
  UNION ALL SELECT ${address('pg_attrdef', 'a.oid')}, ${address('pg_class', 'a.adrelid')}, r.key
  FROM pg_attrdef a JOIN relation r ON r.oid = a.adrelid
  UNION ALL SELECT ${address('pg_constraint', 'k.oid')}, CASE WHEN k.conrelid <> 0 THEN ${address('pg_class', 'k.conrelid')}
    ELSE ${address('pg_type', 'k.contypid')} END, r.key
  FROM pg_constraint k LEFT JOIN relation r ON r.oid = k.conrelid WHERE k.contype <> 'f'
  UNION ALL SELECT ${address('pg_rewrite', 'w.oid')}, ${address('pg_class', 'w.ev_class')}, r.key
  FROM pg_rewrite w JOIN relation r ON r.oid = w.ev_class WHERE w.rulename = '_RETURN'
  UNION ALL SELECT ${address('pg_proc', 'd.objid')}, ${address('pg_type', 'd.refobjid')}, NULL
  FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_type'::regclass AND d.deptype = 'i'
  UNION ALL SELECT ${address('pg_proc', 'd.refobjid')}, ${address('pg_type', 'd.objid')}, NULL
  FROM pg_depend d JOIN pg_type t ON t.oid = d.objid AND t.typtype = 'b'
  WHERE d.classid = 'pg_type'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid >= 16384`;

/** Without the tie of a sequence to the column that owns it, which is made when both are there. */
const edgesQuery = `
  SELECT DISTINCT d.classid || '/' || d.objid AS object, d.refclassid || '/' || d.refobjid AS needs
  FROM pg_depend d WHERE d.deptype IN ('n', 'a') AND d.objid >= 16384 AND d.refobjid >= 16384
    AND NOT (d.deptype = 'a' AND d.classid = 'pg_class'::regclass
      AND EXISTS (SELECT 1 FROM pg_class s WHERE s.oid = d.objid AND s.relkind = 'S'))
  ORDER BY 1, 2`;
