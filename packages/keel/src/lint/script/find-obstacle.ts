import { shortStatement, withoutTexts } from '../../db/sql-text';
import type { FileTrace, TracedStatement } from '../trace/trace';
import type { RunView } from '../views/run-view';
import { isSelect, verbOf } from '../views/statement-kind';
import { splitName } from '../split-name';

/** Why a file cannot be put into a script of SQL: what its code does there depends on what only the real database has. */
export function findObstacle(run: RunView, file: FileTrace): string | undefined {
  if (file.error !== undefined) return `it fails on a scratch database: ${file.error}`;
  if (file.rollsBack) return 'it rolls back a transaction of its own';
  if (file.backfills) return 'it calls backfill(), which goes through the rows in batches';
  const { statements } = file;
  const copy = statements.find(({ sql }) =>
    /^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(withoutTexts(sql)),
  );
  if (copy) return `it sends rows with COPY (${shortStatement(copy.sql, 80)})`;
  const failed = statements.find(({ error }) => error !== undefined);
  if (failed) return `it goes on after a statement that fails (${shortStatement(failed.sql, 80)})`;
  const reading = statements.find((_, at) => readsRows(run, file, at));
  return (
    reading &&
    `its code reads rows (${shortStatement(reading.sql, 80)}), which a scratch database does not have`
  );
}

/** Whether a statement hands rows of tables that were there before to the file's code, which may go on with them. */
function readsRows(run: RunView, file: FileTrace, at: number): boolean {
  const { sql } = file.statements[at] as TracedStatement;
  const text = withoutTexts(sql);
  if (!isSelect(sql) && !/\breturning\b/i.test(text)) return false;
  // It moves a sequence, and what it returns nobody looks at.
  if (/^\s*select\s+(pg_catalog\s*\.\s*)?setval\s*\(/i.test(text)) return false;
  // An INSERT returns as many rows here as there: after the last statement their numbers decide nothing any more.
  if (verbOf(sql) === 'insert' && at === file.statements.length - 1) return false;
  const words = new Set(text.toLowerCase().match(/[\w$\u0080-\uffff]+/g));
  return file.statements
    .slice(0, at + 1)
    .flatMap(({ locks }) => locks)
    .some(({ relation }) => {
      const name = splitName(relation.name).table.toLowerCase();
      return !run.isNew(relation) && (words.has(name) || isTakenBy(file, at, relation.oid));
    });
}

/** A view or a function names a table that the text does not. */
function isTakenBy(file: FileTrace, at: number, oid: number): boolean {
  return file.statements[at]?.locks.some(({ relation }) => relation.oid === oid) ?? false;
}
