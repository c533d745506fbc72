import type { ClientBase } from 'pg';
import { dependents, targets } from './dependents-sql';
import { readBlockers } from './read-blockers';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import type { Operation } from '../diff/operation';
import { prepareCatalogReads } from '../schema/prepare-catalog-reads';
import type { QualifiedName } from '../schema/schema';

/** A column whose type changes. */
export interface ChangedColumn {
  readonly table: QualifiedName;
  readonly column: string;
}

interface Row extends QualifiedName {
  readonly what: string;
  /** How far from the column: what depends on others is dropped before them. */
  readonly depth: number;
  readonly create: readonly string[];
  readonly drop: string;
  /** What is done once all are there: another owner may lack the rights that those on top of it need to be made. */
  readonly finish: readonly string[];
}

/** `ALTER TABLE … DISABLE TRIGGER` and the like, from the letter of the catalog; NULL for what is plainly enabled. */
function stateOf(letter: string, what: string, name: string): string {
  return `format('ALTER TABLE %I.%I ', n.nspname, c.relname) || CASE ${letter} WHEN 'D' THEN 'DISABLE'
    WHEN 'R' THEN 'ENABLE REPLICA' WHEN 'A' THEN 'ENABLE ALWAYS' END || format(' ${what} %I', ${name})`;
}

function commentOn(what: string, name: string, object: string): string {
  return `format('COMMENT ON ${what} %I ON %I.%I IS ', ${name}, n.nspname, c.relname) || quote_literal(${object})`;
}

const triggerStatements = `array_remove(ARRAY[pg_get_triggerdef(t.oid), ${stateOf('t.tgenabled', 'TRIGGER', 't.tgname')},
  ${commentOn('TRIGGER', 't.tgname', `obj_description(t.oid, 'pg_trigger')`)}], NULL)`;

const ruleStatements = `array_remove(ARRAY[trim(TRAILING ';' FROM pg_get_ruledef(r.oid)), ${stateOf('r.ev_enabled', 'RULE', 'r.rulename')},
  ${commentOn('RULE', 'r.rulename', `obj_description(r.oid, 'pg_rewrite')`)}], NULL)`;

const viewsQuery = `WITH RECURSIVE ${targets},
  chain(oid, depth) AS (
    SELECT r.ev_class, 1 FROM (${dependents('pg_rewrite')}) d JOIN pg_rewrite r ON r.oid = d.objid AND r.rulename = '_RETURN'
    UNION
    SELECT r.ev_class, chain.depth + 1 FROM chain
    JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = chain.oid AND d.classid = 'pg_rewrite'::regclass
    JOIN pg_rewrite r ON r.oid = d.objid AND r.rulename = '_RETURN' AND r.ev_class <> chain.oid
    WHERE chain.depth < 100)
  SELECT n.nspname AS schema, c.relname AS name, c.relkind AS kind, max(chain.depth)::int AS depth,
    pg_get_viewdef(c.oid) AS definition, array_to_string(c.reloptions, ', ') AS options,
    obj_description(c.oid, 'pg_class') AS comment,
    CASE WHEN pg_get_userbyid(c.relowner) <> current_user THEN quote_ident(pg_get_userbyid(c.relowner)) END AS owner,
    ARRAY(SELECT pg_get_indexdef(i.indexrelid) FROM pg_index i WHERE i.indrelid = c.oid ORDER BY 1) AS indexes,
    ARRAY(SELECT s FROM pg_trigger t CROSS JOIN LATERAL unnest(${triggerStatements}) WITH ORDINALITY AS u(s, at)
          WHERE t.tgrelid = c.oid AND NOT t.tgisinternal ORDER BY t.tgname, at) AS triggers,
    ARRAY(SELECT s FROM pg_rewrite r CROSS JOIN LATERAL unnest(${ruleStatements}) WITH ORDINALITY AS u(s, at)
          WHERE r.ev_class = c.oid AND r.rulename <> '_RETURN' ORDER BY r.rulename, at) AS rules,
    ARRAY(SELECT s FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
          CROSS JOIN LATERAL unnest(ARRAY[
            format('ALTER VIEW %I.%I ALTER COLUMN %I SET DEFAULT ', n.nspname, c.relname, a.attname) || pg_get_expr(d.adbin, d.adrelid),
            format('COMMENT ON COLUMN %I.%I.%I IS ', n.nspname, c.relname, a.attname) || quote_literal(col_description(c.oid, a.attnum))
          ]) AS s WHERE a.attrelid = c.oid AND a.attnum > 0 AND s IS NOT NULL ORDER BY a.attnum) AS columns,
    ARRAY(SELECT format('%s|%s|%s', acl.privilege_type || part, CASE WHEN acl.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(acl.grantee)) END,
            CASE WHEN acl.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM (SELECT c.relacl AS acls, '' AS part UNION ALL
            SELECT a.attacl, format(' (%I)', a.attname) FROM pg_attribute a WHERE a.attrelid = c.oid) AS granted
          CROSS JOIN LATERAL aclexplode(granted.acls) acl WHERE acl.grantee <> c.relowner ORDER BY 1) AS grants
  FROM chain JOIN pg_class c ON c.oid = chain.oid JOIN pg_namespace n ON n.oid = c.relnamespace
  GROUP BY c.oid, n.nspname, c.relname, c.relkind, c.reloptions, c.relacl, c.relowner`;

interface ViewRow extends QualifiedName {
  readonly kind: 'v' | 'm';
  readonly depth: number;
  readonly definition: string;
  readonly options: string | null;
  readonly comment: string | null;
  /** Where it is another role than the one that reads. */
  readonly owner: string | null;
  readonly columns: readonly string[];
  readonly rules: readonly string[];
  readonly indexes: readonly string[];
  readonly triggers: readonly string[];
  readonly grants: readonly string[];
}

function ofView(row: ViewRow): Row {
  const kind = row.kind === 'm' ? 'MATERIALIZED VIEW' : 'VIEW';
  const name = quoteTable(row.schema, row.name);
  const options = row.options === null ? '' : ` WITH (${row.options})`;
  const query = row.definition.trim().replace(/;$/, '');
  const comment =
    row.comment === null
      ? []
      : [`COMMENT ON ${kind} ${name} IS ${quoteLiteral(row.comment).trim()}`];
  const grants = row.grants.map((grant) => {
    const [privilege = '', role = '', option = ''] = grant.split('|');
    return `GRANT ${privilege} ON ${name} TO ${role}${option}`;
  });
  return {
    schema: row.schema,
    name: row.name,
    what: `${kind.toLowerCase()} ${row.name}`,
    depth: row.depth,
    create: [
      `CREATE ${kind} ${name}${options} AS ${query}`,
      ...row.indexes,
      ...row.rules,
      ...row.triggers,
      ...comment,
      ...row.columns,
      ...grants,
    ],
    drop: `DROP ${kind} ${name}`,
    finish: row.owner === null ? [] : [`ALTER ${kind} ${name} OWNER TO ${row.owner}`],
  };
}

/** Rules, triggers and policies: nothing depends on them. The triggers of a partition go with those of its parent. */
const rulesQuery = `WITH ${targets}
  SELECT n.nspname AS schema, c.relname AS name, 'rule ' || r.rulename AS what, ${ruleStatements} AS definitions,
    format('DROP RULE %I ON %I.%I', r.rulename, n.nspname, c.relname) AS drop
  FROM (${dependents('pg_rewrite')}) d JOIN pg_rewrite r ON r.oid = d.objid AND r.rulename <> '_RETURN'
  JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT n.nspname, c.relname, 'trigger ' || t.tgname, ${triggerStatements},
    format('DROP TRIGGER %I ON %I.%I', t.tgname, n.nspname, c.relname)
  FROM (${dependents('pg_trigger')}) d JOIN pg_trigger t ON t.oid = d.objid AND NOT t.tgisinternal AND NOT EXISTS (
    SELECT FROM pg_depend p WHERE p.classid = 'pg_trigger'::regclass AND p.objid = t.oid AND p.refclassid = p.classid)
  JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  UNION ALL
  SELECT n.nspname, c.relname, 'policy ' || p.polname,
    array_remove(ARRAY[concat(format('CREATE POLICY %I ON %I.%I AS ', p.polname, n.nspname, c.relname),
      CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
      ' FOR ', CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
      ' TO ', (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(r)) END, ', ' ORDER BY r) FROM unnest(p.polroles) r),
      ' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', ' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
    ${commentOn('POLICY', 'p.polname', `obj_description(p.oid, 'pg_policy')`)}], NULL),
    format('DROP POLICY %I ON %I.%I', p.polname, n.nspname, c.relname)
  FROM (${dependents('pg_policy')}) d JOIN pg_policy p ON p.oid = d.objid
  JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace`;

interface RuleRow extends QualifiedName {
  readonly what: string;
  readonly definitions: readonly string[];
  readonly drop: string;
}

/** Those of `columns` that a view, rule, trigger or policy uses. */
export async function readHeldColumns(
  client: ClientBase,
  columns: readonly ChangedColumn[],
): Promise<ChangedColumn[]> {
  const { rows } = await client.query<QualifiedName & { readonly col: string }>(
    `WITH ${targets} SELECT DISTINCT t.schema, t.name, t.col FROM targets t
     JOIN pg_depend d ON d.refclassid = 'pg_class'::regclass AND d.refobjid = t.oid AND d.refobjsubid = t.num
     WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)`,
    namesOf(columns),
  );
  return rows.map(({ schema, name, col }) => ({ table: { schema, name }, column: col }));
}

function namesOf(columns: readonly ChangedColumn[]): string[][] {
  return [
    columns.map(({ table }) => table.schema),
    columns.map(({ table }) => table.name),
    columns.map(({ column }) => column),
  ];
}

/** What PostgreSQL does not let a column change its type for: it is dropped first and made again afterwards. */
export interface SteppingAside {
  readonly first: readonly Operation[];
  readonly last: readonly Operation[];
  /** What cannot step aside. */
  readonly blockers: readonly string[];
}

export const NOTHING_ASIDE: SteppingAside = { first: [], last: [], blockers: [] };

/**
 * Reads the views (with those that build on them), rules, triggers and policies that use one of `columns`.
 *
 * @param client inside a transaction; its search_path is changed for the rest of it
 */
export async function readDependents(
  client: ClientBase,
  columns: readonly ChangedColumn[],
): Promise<SteppingAside> {
  if (columns.length === 0) return NOTHING_ASIDE;
  const values = namesOf(columns);
  await prepareCatalogReads(client);
  const views = (await client.query<ViewRow>(viewsQuery, values)).rows.map(ofView);
  const rules = await client.query<RuleRow>(rulesQuery, values);
  const others = rules.rows.map(({ schema, name, what, definitions, drop }): Row => ({
    schema,
    name,
    what: `${what} on ${quoteIdentifier(name)}`,
    depth: 1000,
    create: definitions,
    drop,
    finish: [],
  }));
  const rows = [...others, ...views].sort((a, b) => b.depth - a.depth);
  const operation = (row: Row, up: readonly string[], down: readonly string[]): Operation => ({
    type: 'runSql',
    table: { schema: row.schema, name: row.name },
    what: row.what,
    up,
    down,
  });
  const blockers = await readBlockers(client, values);
  const finished = rows.filter(({ finish }) => finish.length > 0);
  return {
    blockers,
    first: [
      ...finished.map((row) => operation(row, [], row.finish)),
      ...rows.map((row) => operation(row, [row.drop], row.create)),
    ],
    last: [
      ...rows.map((row) => operation(row, row.create, [row.drop])).reverse(),
      ...finished.map((row) => operation(row, row.finish, [])),
    ],
  };
}
