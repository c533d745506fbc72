import { fromRelations } from './catalog';

/** Queries for the settings of single columns. */
export function columnSettings(serverVersion: number): string[] {
  const queries = [storage, statistics, options, foreignOptions];
  if (serverVersion >= 140000) queries.push(compression);
  if (serverVersion >= 180000) queries.push(notNull);
  return queries;
}

const fromColumns = `${fromRelations}
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped`;

function storageName(code: string): string {
  return `CASE ${code} WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END`;
}

const storage = `
  SELECT c.oid, 'storage of column ' || a.attname, ${storageName('a.attstorage')},
    format('ALTER %s %I.%I ALTER COLUMN %I SET STORAGE %s', c.alone, c.nspname, c.relname, a.attname, ${storageName('a.attstorage')}),
    format('ALTER %s %I.%I ALTER COLUMN %I SET STORAGE %s', c.alone, c.nspname, c.relname, a.attname, ${storageName('t.typstorage')})
  ${fromColumns} JOIN pg_type t ON t.oid = a.atttypid WHERE a.attstorage <> t.typstorage AND c.relkind <> 'v'`;

const compression = `
  SELECT c.oid, 'compression of column ' || a.attname, CASE a.attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END,
    format('ALTER %s %I.%I ALTER COLUMN %I SET COMPRESSION %s', c.alone, c.nspname, c.relname, a.attname,
      CASE a.attcompression WHEN 'l' THEN 'lz4' ELSE 'pglz' END),
    format('ALTER %s %I.%I ALTER COLUMN %I SET COMPRESSION DEFAULT', c.alone, c.nspname, c.relname, a.attname)
  ${fromColumns} WHERE a.attcompression <> '' AND c.relkind <> 'v'`;

/** -1 up to version 16 and NULL since then stand for the default. */
const statistics = `
  SELECT c.oid, 'statistics target of column ' || a.attname, a.attstattarget::text,
    format('ALTER %s %I.%I ALTER COLUMN %I SET STATISTICS %s', c.alone, c.nspname, c.relname, a.attname, a.attstattarget),
    format('ALTER %s %I.%I ALTER COLUMN %I SET STATISTICS -1', c.alone, c.nspname, c.relname, a.attname)
  ${fromColumns} WHERE a.attstattarget >= 0 AND c.relkind <> 'v'`;

const options = `
  SELECT c.oid, format('%s of column %s', o.option_name, a.attname), o.option_value,
    format('ALTER %s %I.%I ALTER COLUMN %I SET (%I = %L)', c.alone, c.nspname, c.relname, a.attname, o.option_name, o.option_value),
    format('ALTER %s %I.%I ALTER COLUMN %I RESET (%I)', c.alone, c.nspname, c.relname, a.attname, o.option_name)
  ${fromColumns} CROSS JOIN LATERAL pg_options_to_table(a.attoptions) o`;

const foreignOptions = `
  SELECT c.oid, format('option %s of column %s', o.option_name, a.attname), coalesce(o.option_value, ''),
    format('ALTER FOREIGN TABLE %I.%I ALTER COLUMN %I OPTIONS (ADD %I %L)', c.nspname, c.relname, a.attname, o.option_name, o.option_value),
    format('ALTER FOREIGN TABLE %I.%I ALTER COLUMN %I OPTIONS (DROP %I)', c.nspname, c.relname, a.attname, o.option_name)
  ${fromColumns} CROSS JOIN LATERAL pg_options_to_table(a.attfdwoptions) o`;

/** Version 18 keeps NOT NULL as a constraint. Its name is left out: it depends on what the column was called before. */
const notNull = `
  SELECT c.oid, 'NOT NULL of column ' || a.attname,
    concat_ws(', ', CASE WHEN x.connoinherit THEN 'not inherited' END, CASE WHEN NOT x.convalidated THEN 'not valid' END),
    NULL, NULL
  ${fromColumns} JOIN pg_constraint x ON x.conrelid = c.oid AND x.contype = 'n' AND a.attnum = ANY (x.conkey)
  WHERE x.connoinherit OR NOT x.convalidated`;
