import { fromRelations } from './catalog';

/** Queries for what is set on the indexes of tables and materialized views and is no part of their definition. */
export function indexSettings(serverVersion: number): string[] {
  const queries = [clustered, replicaIndex, tablespace, constraintParameters];
  if (serverVersion >= 110000) queries.push(statistics, partitionIndex);
  return queries;
}

const fromIndexes = `${fromRelations}
  JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
  LEFT JOIN pg_constraint owner ON owner.conindid = x.oid AND owner.contype IN ('p', 'u', 'x')`;

const clustered = `
  SELECT c.oid, 'index by which the table is clustered', x.relname,
    format('ALTER %s %I.%I CLUSTER ON %I', c.kind, c.nspname, c.relname, x.relname),
    format('ALTER %s %I.%I SET WITHOUT CLUSTER', c.kind, c.nspname, c.relname)
  ${fromIndexes} WHERE i.indisclustered`;

const replicaIndex = `
  SELECT c.oid, 'replica identity', 'index ' || x.relname,
    format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I', c.nspname, c.relname, x.relname),
    format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY DEFAULT', c.nspname, c.relname)
  ${fromIndexes} WHERE i.indisreplident AND c.relreplident = 'i'`;

const tablespace = `
  SELECT c.oid, 'tablespace of index ' || x.relname, s.spcname,
    format('ALTER INDEX %I.%I SET TABLESPACE %I', c.nspname, x.relname, s.spcname),
    format('ALTER INDEX %I.%I SET TABLESPACE pg_default', c.nspname, x.relname)
  ${fromIndexes} JOIN pg_tablespace s ON s.oid = x.reltablespace`;

/** Those of other indexes are part of their definition. */
const constraintParameters = `
  SELECT c.oid, format('storage parameter %s of constraint %s', o.option_name, owner.conname), o.option_value,
    format('ALTER INDEX %I.%I SET (%I = %L)', c.nspname, x.relname, o.option_name, o.option_value),
    format('ALTER INDEX %I.%I RESET (%I)', c.nspname, x.relname, o.option_name)
  ${fromIndexes} CROSS JOIN LATERAL pg_options_to_table(x.reloptions) o WHERE owner.oid IS NOT NULL`;

const statistics = `
  SELECT c.oid, format('statistics target of index %s, field %s', x.relname, a.attnum), a.attstattarget::text,
    format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', c.nspname, x.relname, a.attnum, a.attstattarget),
    format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS -1', c.nspname, x.relname, a.attnum)
  ${fromIndexes} JOIN pg_attribute a ON a.attrelid = x.oid WHERE a.attstattarget >= 0`;

/** An index of a partition that belongs to one of its parent's: PostgreSQL made it, or ATTACH PARTITION. */
const partitionIndex = `
  SELECT c.oid, 'index of this partition for ' || parent.relname,
    x.relname || ' ' || substr(pg_get_indexdef(x.oid), strpos(pg_get_indexdef(x.oid), ' USING ') + 1), NULL, NULL
  ${fromIndexes} JOIN pg_inherits h ON h.inhrelid = x.oid JOIN pg_class parent ON parent.oid = h.inhparent`;
