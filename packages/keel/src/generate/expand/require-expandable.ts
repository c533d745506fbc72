import type { ClientBase } from 'pg';
import { incrementOf } from '../../diff/column-types';
import type { Operation } from '../../diff/operation';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { displayName, keyOf } from '../../schema/object-names';
import type { Column, Table } from '../../schema/schema';
import type { ExpandRequest } from './read-expands';

/**
 * Refuses columns with something that cannot be had twice for a while, by its name.
 *
 * @throws KeelError EXPAND_REFUSED
 */
export async function requireExpandable(
  client: ClientBase,
  table: Table,
  request: ExpandRequest,
  { own, all }: { readonly own: readonly Operation[]; readonly all: readonly Operation[] },
): Promise<void> {
  const columns = table.columns.filter(({ name }) => request.olds.includes(name));
  const reasons = [
    ...tableReasons(table),
    ...columns.flatMap((column) => columnReasons(column, request)),
    ...enumReasons(table, request, all),
    ...(await readHolders(client, table, request)),
    ...(await readUncomparable(client, table, request, own)),
  ];
  if (reasons.length === 0) return;
  throw new KeelError(
    `${displayName(table)}.${request.olds.join(', ')} cannot be changed beside the old column:`,
    {
      code: 'EXPAND_REFUSED',
      details: [...new Set(reasons)],
      state: NOTHING_WRITTEN,
      hint: hintOf(request),
    },
  );
}

function hintOf({ kind, olds, news }: ExpandRequest): string {
  if (kind === 'rename')
    return `Change that in a migration of its own first, or leave the column and let the model call it so (${news[0] ?? ''}: { field: '${olds[0] ?? ''}' }), or rename at once with --rename.`;
  return 'Change that in a migration of its own first, or leave --expand away: the change is then made at once.';
}

function tableReasons({ kind, partitionOf, inherits, constraints }: Table): string[] {
  const isKeyed = constraints.some(({ kind: one }) => one === 'primary key' || one === 'unique');
  return [
    ...(kind === 'foreign' ? ['its table is a foreign table'] : []),
    ...(partitionOf === undefined ? [] : ['its table is a partition: name the partitioned table']),
    ...(inherits.length === 0 ? [] : ['its table inherits from another one']),
    ...(isKeyed ? [] : ['its table has no primary key, by which a backfill could go through it']),
  ];
}

function columnReasons(column: Column, { kind }: ExpandRequest): string[] {
  const { name, generated, sequence } = column;
  return [
    ...(generated === undefined ? [] : [`${name} is generated`]),
    ...(kind === 'type' || (incrementOf(column) === 'none' && sequence === undefined)
      ? []
      : [`${name} is numbered by a sequence`]),
  ];
}

/** An enum is changed in all of its columns at once. */
function enumReasons(
  table: Table,
  { olds, news }: ExpandRequest,
  all: readonly Operation[],
): string[] {
  return all.flatMap((one) => {
    if (one.type !== 'replaceEnum' && one.type !== 'addEnumValues') return [];
    const isUsed = one.columns.some(
      (use) =>
        keyOf(use.table) === keyOf(table) && [...olds, ...news].some((name) => name === use.column),
    );
    return isUsed ? [`the values of its enum ${displayName(one.after)} change as well`] : [];
  });
}

/**
 * Whatever hangs on a column in the catalog, but for its own default, and the indexes and constraints of its table that
 * can be made again for another column.
 */
async function readHolders(
  client: ClientBase,
  table: Table,
  { olds, kind }: ExpandRequest,
): Promise<string[]> {
  const { rows } = await client.query<{ readonly text: string }>(
    `WITH targets AS (
       SELECT a.attrelid AS oid, a.attnum AS num, a.attname AS name, c.relkind AS kind, a.attacl
       FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       WHERE n.nspname = $1 AND c.relname = $2 AND a.attname = ANY ($3::text[]))
     SELECT CASE WHEN d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = t.oid
                 THEN format('%s is part of the partition key', t.name)
                 WHEN f.oid IS NOT NULL THEN format('a generated column is computed from %s', t.name)
                 ELSE format('%s uses %s', pg_catalog.pg_describe_object(d.classid, d.objid, d.objsubid), t.name) END AS text
     FROM targets t JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass
       AND d.refobjid = t.oid AND d.refobjsubid = t.num
     LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
     LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
     LEFT JOIN pg_catalog.pg_index i ON d.classid = 'pg_catalog.pg_class'::regclass AND i.indexrelid = d.objid
     LEFT JOIN pg_catalog.pg_class o ON d.classid = 'pg_catalog.pg_class'::regclass AND o.oid = d.objid
     LEFT JOIN pg_catalog.pg_class r ON r.oid = k.conrelid
     WHERE NOT ($4 AND t.kind = 'r' AND (k.contype = 'p' AND k.conrelid = t.oid OR o.relkind = 'S'
                OR k.contype = 'f' AND k.conrelid <> t.oid AND r.relkind = 'r' AND NOT r.relispartition) IS TRUE)
       AND NOT (f.adnum IS NOT DISTINCT FROM t.num AND f.oid IS NOT NULL)
       AND NOT (k.oid IS NOT NULL AND k.conrelid = t.oid AND t.num = ANY (k.conkey)
                AND (k.contype IN ('c', 'n') OR (t.kind = 'r' AND k.contype IN ('f', 'u')))
                AND NOT (k.confrelid = t.oid AND t.num = ANY (coalesce(k.confkey, '{}'))))
       AND NOT (i.indexrelid IS NOT NULL AND i.indrelid = t.oid AND NOT i.indisreplident
                AND NOT i.indisclustered AND NOT (i.indisunique AND t.kind = 'p'))
     UNION SELECT format('the columns of a table that inherits from it would differ: %s', h.inhrelid::regclass)
     FROM targets t JOIN pg_catalog.pg_inherits h ON h.inhparent = t.oid WHERE t.kind = 'r'
     UNION SELECT format('rights are granted on %s alone', name) FROM targets WHERE attacl IS NOT NULL
     ORDER BY 1`,
    [table.schema, table.name, olds, kind === 'type'],
  );
  return rows.map(({ text }) => text);
}

/** The trigger asks whether a value has changed, and json for one has no equality. */
async function readUncomparable(
  client: ClientBase,
  { columns }: Table,
  { olds }: ExpandRequest,
  own: readonly Operation[],
): Promise<string[]> {
  const wanted = own.flatMap((operation): Column[] => {
    if (operation.type === 'addColumn') return [operation.column];
    return operation.type === 'changeType' ? [operation.after] : [];
  });
  const old = columns.filter(({ name }) => olds.includes(name));
  const reasons: string[] = [];
  for (const { name, type } of [...old, ...wanted]) {
    await client.query('SAVEPOINT equality');
    try {
      await client.query(`SELECT ROW(NULL::${type}) IS DISTINCT FROM ROW(NULL::${type})`);
    } catch (error) {
      // 42883: no such operator. Anything else is a type that is only made by this change.
      if ((error as { readonly code?: string }).code === '42883')
        reasons.push(`values of ${name} (${type}) cannot be compared`);
      await client.query('ROLLBACK TO SAVEPOINT equality');
    }
  }
  return reasons;
}
