import type { ClientBase } from 'pg';
import { isOwn, isUserNamespace } from './catalog';

/**
 * What a database has and {@link readSchema} does not read, by name: a migration that is written from the
 * schema leaves it out.
 */
export async function readUnread(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ what: string }>(
    `${parts.join('\nUNION ALL\n')}\nORDER BY 1`,
  );
  return rows.map(({ what }) => what);
}

function named(kind: string, catalog: string, prefix: string): string {
  return `SELECT format('${kind} %I.%I', n.nspname, o.${prefix}name) AS what
    FROM ${catalog} o JOIN pg_namespace n ON n.oid = o.${prefix}namespace
    WHERE ${isUserNamespace('n')} AND ${isOwn(catalog, 'o.oid')}`;
}

function onTables(what: string, condition: string, from = ''): string {
  return `SELECT format('${what} of %I.%I', n.nspname, c.relname) AS what
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace ${from}
    WHERE c.relkind IN ('r', 'p', 'm', 'v') AND ${isUserNamespace('n')} AND ${isOwn('pg_class', 'c.oid')}
      AND ${condition}`;
}

const parts = [
  named('collation', 'pg_collation', 'coll'),
  named('operator', 'pg_operator', 'opr'),
  named('operator class', 'pg_opclass', 'opc'),
  named('statistics', 'pg_statistic_ext', 'stx'),
  named('text search configuration', 'pg_ts_config', 'cfg'),
  onTables('storage settings', `c.relkind <> 'v' AND c.reloptions IS NOT NULL`),
  onTables('composite type', 'c.reloftype <> 0'),
  onTables('privileges', 'c.relacl IS NOT NULL'),
  onTables(
    'state of a trigger',
    `t.tgenabled <> 'O' AND NOT t.tgisinternal`,
    'JOIN pg_trigger t ON t.tgrelid = c.oid',
  ),
  onTables(
    'numbering from another start or by other steps',
    '(s.seqstart <> 1 OR s.seqincrement <> 1 OR s.seqcycle)',
    `JOIN pg_depend d ON d.refobjid = c.oid AND d.classid = 'pg_class'::regclass
       AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
     JOIN pg_sequence s ON s.seqrelid = d.objid`,
  ),
  onTables(
    'comment',
    `c.relkind IN ('m', 'v')`,
    `JOIN pg_description m ON m.objoid = c.oid AND m.classoid = 'pg_class'::regclass`,
  ),
  `SELECT format('comment of %s', p.oid::regprocedure) FROM pg_proc p
     JOIN pg_namespace n ON n.oid = p.pronamespace
     JOIN pg_description m ON m.objoid = p.oid AND m.classoid = 'pg_proc'::regclass
     WHERE ${isUserNamespace('n')} AND ${isOwn('pg_proc', 'p.oid')}`,
  `SELECT format('publication %I', pubname) FROM pg_publication`,
  `SELECT format('event trigger %I', evtname) FROM pg_event_trigger`,
];
