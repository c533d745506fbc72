import type { ClientBase } from 'pg';
import {
  compareText,
  given,
  isOwn,
  isUserNamespace,
  joinComment,
  numberedColumnsOf,
} from './catalog';
import type { EnumType, Extension, QualifiedName, Sequence } from './schema';

export async function readNamespaces(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(`
    SELECT n.nspname AS name FROM pg_namespace n
    WHERE n.nspname <> 'public' AND ${isUserNamespace('n')} AND ${isOwn('pg_namespace', 'n.oid')}`);
  return rows.map((row) => row.name).sort(compareText);
}

/** Without plpgsql, which every database has. */
export async function readExtensions(client: ClientBase): Promise<Extension[]> {
  const { rows } = await client.query<Extension>(`
    SELECT e.extname AS name, n.nspname AS schema
    FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql'`);
  return rows
    .map(({ name, schema }) => ({ name, schema }))
    .sort((a, b) => compareText(a.name, b.name));
}

export async function readEnums(client: ClientBase): Promise<EnumType[]> {
  const { rows } = await client.query<{
    schema: string;
    name: string;
    labels: string[];
    comment: string | null;
  }>(`
    SELECT n.nspname AS schema, t.typname AS name, comment.description AS comment,
           ARRAY(SELECT e.enumlabel::text FROM pg_enum e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder) AS labels
    FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
    ${joinComment('pg_type', 't.oid')}
    WHERE t.typtype = 'e' AND ${isUserNamespace('n')} AND ${isOwn('pg_type', 't.oid')}`);
  return rows
    .map((row) => ({
      schema: row.schema,
      name: row.name,
      values: row.labels,
      ...given('comment', row.comment),
    }))
    .sort(byName);
}

/** Sequences that number no column as SERIAL and IDENTITY do. */
export async function readSequences(client: ClientBase): Promise<Sequence[]> {
  const { rows } = await client.query<
    Omit<Sequence, 'owner'> & { owner: Sequence['owner'] | null }
  >(`
    SELECT n.nspname AS schema, c.relname AS name, c.relpersistence = 'u' AS unlogged,
           format('AS %s INCREMENT BY %s MINVALUE %s MAXVALUE %s START WITH %s CACHE %s%s',
             format_type(s.seqtypid, NULL), s.seqincrement, s.seqmin, s.seqmax, s.seqstart, s.seqcache,
             CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) AS definition,
           (SELECT json_build_object('schema', tn.nspname, 'name', t.relname, 'column', a.attname)
            FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass
              AND d.deptype = 'a') AS owner
    FROM pg_sequence s
    JOIN pg_class c ON c.oid = s.seqrelid
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE NOT EXISTS (SELECT 1 FROM ${numberedColumnsOf('c.oid')} u)
      AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}`);
  return rows
    .map(({ schema, name, definition, unlogged, owner }) => ({
      schema,
      name,
      definition,
      unlogged,
      ...given('owner', owner),
    }))
    .sort(byName);
}

function byName(a: QualifiedName, b: QualifiedName): number {
  return compareText(a.schema, b.schema) || compareText(a.name, b.name);
}
