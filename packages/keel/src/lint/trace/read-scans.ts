import { withoutTexts } from '../../db/sql-text';
import type { AskedStatement, RawQuery } from '../../runner/attempt/statement-tracer';
import type { RelationRef } from './catalog-change';
import type { Catalog } from './traced-catalog';
import { isData, verbOf } from '../views/statement-kind';

interface PlanNode {
  readonly 'Node Type': string;
  readonly Schema?: string;
  readonly 'Relation Name'?: string;
  readonly Plans?: readonly PlanNode[];
}

/**
 * The tables that a statement has read from end to end, and those that a change of rows would read by its plan: a join with
 * an empty table ends before it has read the other one, so that no count tells of it.
 */
export async function readScans(
  raw: RawQuery,
  statement: AskedStatement,
  catalog: Catalog,
  counted: readonly RelationRef[],
): Promise<RelationRef[]> {
  const names = await planOf(raw, statement);
  const known = new Set(counted.map(({ oid }) => oid));
  const unread = [...catalog.values()].filter(
    ({ oid, name }) => names.includes(name) && !known.has(oid),
  );
  return [...counted, ...unread.map(({ oid, name }) => ({ oid, name }))];
}

/** The tables that a plan reads from end to end, with their schemas. */
async function planOf(raw: RawQuery, { sql, values }: AskedStatement): Promise<string[]> {
  if (
    !isData(sql) ||
    verbOf(sql) === 'copy' ||
    !/\b(?:using|from|select)\b[^]*\b(?:where|on)\b/i.test(withoutTexts(sql))
  )
    return [];
  await raw.query('SAVEPOINT keel_plan');
  try {
    const { rows } = await raw.query<{ 'QUERY PLAN': readonly [{ readonly Plan: PlanNode }] }>(
      `EXPLAIN (VERBOSE, FORMAT JSON) ${sql}`,
      values === undefined ? undefined : [...values],
    );
    return rows.flatMap((row) => scansOf(row['QUERY PLAN'][0].Plan));
  } catch {
    // What ran a moment ago may have no plan any more, such as of a table that it has dropped by a trigger.
    return [];
  } finally {
    await raw.query('ROLLBACK TO SAVEPOINT keel_plan; RELEASE SAVEPOINT keel_plan');
  }
}

function scansOf(node: PlanNode): string[] {
  const own = node['Node Type'] === 'Seq Scan' ? [`${node.Schema}.${node['Relation Name']}`] : [];
  return [...own, ...(node.Plans ?? []).flatMap(scansOf)];
}
