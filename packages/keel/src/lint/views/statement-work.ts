import type { RelationRef } from '../trace/catalog-change';
import type { TracedStatement } from '../trace/trace';
import { withoutTexts } from '../../db/sql-text';
import { spokenStatements } from './spoken-statements';
import { isData, isSelect, verbOf } from './statement-kind';
import { addWork, noWork, type RunView, type Work } from './run-view';

/** What a statement would have to do in the real database: an estimate from sizes and measured speed. */
export function workOf(run: RunView, statement: TracedStatement): Work {
  const rewritten = rewrittenBy(statement);
  const indexed = new Map<number, number>();
  for (const change of statement.changes) {
    const builds = change.type === 'index-created' || change.type === 'index-rebuilt';
    if (builds) indexed.set(change.table.oid, (indexed.get(change.table.oid) ?? 0) + 1);
  }
  const tables = new Map(
    [...(readsOneRow(statement) ? [] : statement.scans), ...rewritten].map(
      (table) => [table.oid, table] as const,
    ),
  );
  let work: Work = { ...noWork, ms: ownMs(statement) };
  for (const table of tables.values()) {
    if (run.isNew(table)) continue;
    const writes = rewritten.some(({ oid }) => oid === table.oid) || writesAll(statement);
    work = addWork(work, workOn(run, table, { writes, indexes: indexed.get(table.oid) ?? 0 }));
  }
  return work;
}

/** A statement on empty tables that takes so long does something besides, such as to sleep or to generate rows. */
const LONG_ON_NOTHING_MS = 500;

/** A round trip. Up to where it is long, the scratch server's time tells how busy the machine was, and nothing else. */
const SHORT_MS = 1;

function ownMs({ durationMs }: TracedStatement): number {
  return durationMs >= LONG_ON_NOTHING_MS ? durationMs : Math.min(durationMs, SHORT_MS);
}

function workOn(
  run: RunView,
  table: RelationRef,
  { writes, indexes }: { readonly writes: boolean; readonly indexes: number },
): Work {
  const size = run.sizeOf(table);
  if (size === undefined) return { ...noWork, unknown: true };
  const { scanBytesPerMs, writeBytesPerMs, indexRowsPerMs } = run.input.speed;
  const pass = size.bytes / (writes ? writeBytesPerMs : scanBytesPerMs);
  return { ms: pass + (indexes * size.rows) / indexRowsPerMs, rows: size.rows, unknown: false };
}

/** A query for any row stops at the first, however many there are. */
function readsOneRow({ sql }: TracedStatement): boolean {
  const text = withoutTexts(sql);
  return (
    isSelect(sql) && /\blimit\s+1\b/i.test(text) && !/\b(?:where|order|group|join)\b/i.test(text)
  );
}

/** TRUNCATE gives a table a new file too, an empty one. */
export function rewrittenBy(statement: TracedStatement): RelationRef[] {
  const verbs = spokenStatements(statement.sql).map(verbOf);
  if (verbs.includes('truncate') && !verbs.some((verb) => ['alter', 'cluster'].includes(verb)))
    return [];
  return statement.changes.flatMap((change) =>
    change.type === 'table-rewritten' ? [change.table] : [],
  );
}

/** How many of the rows a WHERE leaves cannot be told; then the reading alone counts. */
function writesAll({ sql }: TracedStatement): boolean {
  return isData(sql) && !/\bwhere\b/i.test(withoutTexts(sql));
}
