import { fromRelations } from './catalog';

/**
 * What a partition or a child table says of a column that it has only from its parent, where that is not what it has from
 * there when it is made. Its parents may say something else than the table at the top, so that this one counts.
 */
export function inheritedSettings(serverVersion: number): string[] {
  const isPlain = serverVersion >= 120000 ? `AND a.attgenerated = ''` : '';
  const from = `${fromRelations}
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attinhcount > 0 AND NOT a.attislocal ${isPlain}
  JOIN LATERAL (
    WITH RECURSIVE up AS (
      SELECT i.inhparent FROM pg_inherits i WHERE i.inhrelid = c.oid
      UNION SELECT i.inhparent FROM up JOIN pg_inherits i ON i.inhrelid = up.inhparent)
    SELECT t.attnotnull, pg_get_expr(d.adbin, d.adrelid) AS expression
    FROM up JOIN pg_attribute t ON t.attrelid = up.inhparent AND t.attname = a.attname AND t.attislocal
    LEFT JOIN pg_attrdef d ON d.adrelid = t.attrelid AND d.adnum = t.attnum
    LIMIT 1) top ON TRUE`;
  const alter = (kind: string): string =>
    `format('ALTER %s %I.%I ALTER COLUMN %I ', ${kind}, c.nspname, c.relname, a.attname)`;
  // A table that has children cannot be NOT NULL without them, but for an ordinary one up to version 17.
  const whole =
    serverVersion >= 180000 ? 'c.kind' : `CASE c.relkind WHEN 'p' THEN c.kind ELSE c.alone END`;
  const setDefault = (expression: string): string =>
    `${alter('c.alone')} || coalesce('SET DEFAULT ' || ${expression}, 'DROP DEFAULT')`;
  return [
    `
  SELECT c.oid, 'own default of column ' || a.attname, coalesce(own.expression, 'none'),
    ${setDefault('own.expression')}, ${setDefault('top.expression')}
  ${from}
  LEFT JOIN LATERAL (SELECT pg_get_expr(d.adbin, d.adrelid) AS expression FROM pg_attrdef d
    WHERE d.adrelid = c.oid AND d.adnum = a.attnum) own ON TRUE
  WHERE own.expression IS DISTINCT FROM top.expression`,
    `
  SELECT c.oid, 'own NOT NULL of column ' || a.attname, 'set',
    ${alter(whole)} || 'SET NOT NULL', ${alter(whole)} || 'DROP NOT NULL'
  ${from}
  WHERE a.attnotnull AND NOT top.attnotnull`,
  ];
}
