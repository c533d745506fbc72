import type { Client } from 'pg';

/**
 * Every object of a database, system catalog and TOAST apart, a line each and sorted: tables,
 * columns, defaults, constraints, indexes, sequences, types, functions, triggers, schemas and
 * extensions, with all that tells two of them apart. The tools' own tables are left out.
 */
export async function listObjects(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ line: string }>(`
    WITH relation AS (
      SELECT c.*, format('%I.%I', n.nspname, c.relname) AS name
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN pg_index x ON x.indexrelid = c.oid
      LEFT JOIN pg_class t ON t.oid = x.indrelid
      WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'keel')
        AND NOT ${isLedger('coalesce(t.relname, c.relname)')}
    )
    SELECT format('relation %s kind %s persistence %s options %s security %s', name, relkind,
      relpersistence, reloptions, relrowsecurity) AS line FROM relation
    UNION ALL
    SELECT format('column %s.%I #%s %s not null %s identity %s generated %s collation %s default %s',
      r.name, a.attname, a.attnum, format_type(a.atttypid, a.atttypmod), a.attnotnull,
      a.attidentity, a.attgenerated, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a JOIN relation r ON r.oid = a.attrelid
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT format('constraint %s.%I %s', r.name, k.conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN relation r ON r.oid = k.conrelid
    UNION ALL
    SELECT format('index %s valid %s', pg_get_indexdef(x.indexrelid), x.indisvalid)
    FROM pg_index x JOIN relation r ON r.oid = x.indexrelid
    UNION ALL
    SELECT format('sequence %s %s start %s increment %s max %s min %s cycle %s owned by %s.%s',
      r.name, s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcycle,
      p.refobjid::regclass, p.refobjsubid)
    FROM pg_sequence s JOIN relation r ON r.oid = s.seqrelid
    LEFT JOIN pg_depend p ON p.objid = s.seqrelid AND p.deptype = 'a'
    UNION ALL
    SELECT format('trigger %s %s', r.name, pg_get_triggerdef(g.oid))
    FROM pg_trigger g JOIN relation r ON r.oid = g.tgrelid WHERE NOT g.tgisinternal
    UNION ALL
    SELECT format('type %s.%s', n.nspname, y.typname)
    FROM pg_type y JOIN pg_namespace n ON n.oid = y.typnamespace
    LEFT JOIN pg_class c ON c.oid IN (y.typrelid, (SELECT typrelid FROM pg_type WHERE oid = y.typelem))
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast', 'keel')
      AND NOT ${isLedger("coalesce(c.relname, '')")}
    UNION ALL
    SELECT 'function ' || f.oid::regprocedure FROM pg_proc f
    WHERE f.pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    UNION ALL
    SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_' AND nspname <> 'keel'
    UNION ALL
    SELECT 'extension ' || extname FROM pg_extension
    ORDER BY line`);
  return rows.map(({ line }) => line);
}

/** SQL that holds for the name of a table in which the tools record what has run. */
function isLedger(name: string): string {
  return `(${name} IN ('SequelizeMeta', 'SequelizeData') OR ${name} LIKE 'keel\\_%')`;
}
