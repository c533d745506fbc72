import { shortStatement, withoutTexts } from '../../db/sql-text';
import { blocksWrites, strengthOf } from '../../runner/watch/lock-mode';
import type { FileView } from '../views/file-view';
import { isData, isSelect, verbOf } from '../views/statement-kind';
import type { StatementView } from '../views/statement-view';
import type { RelationRef } from '../trace/catalog-change';
import { inBatches } from './batch-form';
import type { Hit, Rule } from './rule';

/** How long a file's own code may work while others wait, in milliseconds. */
const MOST_CODE_MS = 100;

/** Rules of rows, and of what goes on while locks are held. */
export const dataRules: readonly Rule[] = [
  {
    id: 'backfill',
    severity: 'error',
    why: 'One statement over all rows keeps each row that it has changed locked until the transaction ends, and leaves as many dead rows.',
    statement: (view) =>
      view.isLong && view.statement.scans.length > 0
        ? writtenTables(view).map((table) => ({
            message: `${verbOf(view.sql).toUpperCase() || 'The statement'} goes through all rows in one transaction; do it in small batches, in a file of its own`,
            table,
            safeForm: inBatches(view.statement, table),
          }))
        : [],
  },
  {
    id: 'data-with-ddl',
    severity: 'warning',
    why: 'Rows that are changed under the lock of a DDL statement keep others out for as long, and PostgreSQL may refuse the DDL after them (pending trigger events).',
    file: (view) => dataWithDdl(view),
  },
  {
    id: 'rows-through-code',
    severity: 'warning',
    why: 'A loop over rows in the file takes a round trip for each row, and what it does cannot be seen on an empty scratch database.',
    file: ({ statements, run }) =>
      statements
        .filter((view) => readsRows(view))
        .slice(0, 1)
        .map((view) => ({
          at: view.at,
          // One number is no loop. Still, what the file does with it on full tables is not seen here.
          severity: isNumber(view.sql) ? ('notice' as const) : undefined,
          message: `The file reads rows (${shortStatement(view.sql, 80)}) and goes on in code${blocked(view)}; let SQL change them, or do it in a script of its own`,
          table: view.statement.locks.find(({ relation }) => !run.isNew(relation))?.relation,
        })),
  },
  {
    id: 'scan-under-lock',
    severity: 'error',
    why: 'A statement that reads a big table takes its time, and whatever the transaction has locked before waits for it.',
    statement: (view) => {
      const blocked = view.heldBefore.filter(({ mode }) => blocksWrites(mode));
      const isOwn = view.statement.changes.length > 0 || isData(view.sql);
      if (!view.isLong || isOwn || blocked.length === 0 || view.statement.scans.length === 0)
        return [];
      return blocked.slice(0, 1).map(({ table, mode }) => ({
        message: `${view.statement.scans.map(({ name }) => name).join(', ')} is read whole while ${mode} is held on ${table.name}`,
        table,
      }));
    },
  },
  {
    id: 'code-under-lock',
    severity: 'error',
    why: 'While the file works by itself (a request, a computation, a loop) its locks are held, and others wait.',
    file: ({ statements, file, run }) => {
      const waits = statements.flatMap((view): Hit[] => {
        const [held] = view.heldBefore.filter(({ mode }) => blocksWrites(mode));
        if (!held || view.statement.codeMs < MOST_CODE_MS) return [];
        return [codeHit(held.table, view.statement.codeMs, view.at)];
      });
      const last = statements.at(-1);
      const held = last?.held.find(({ mode }) => blocksWrites(mode));
      const isLate =
        file.mode !== 'none' &&
        file.codeMs >= MOST_CODE_MS &&
        !run.isNew(held?.table ?? { oid: 0, name: '' });
      return held && last && isLate ? [...waits, codeHit(held.table, file.codeMs, last.at)] : waits;
    },
  },
];

function codeHit(table: RelationRef, ms: number, at: number): Hit {
  return {
    at,
    table,
    message: `The file's own code works for ${Math.round(ms)} ms while ${table.name} is locked; do it before the first statement, or in another file`,
  };
}

/** Tables that were there before and that a statement writes rows of, told from its locks. */
function writtenTables(view: StatementView): RelationRef[] {
  if (view.statement.changes.length > 0) return [];
  if (!isData(view.sql) && verbOf(view.sql) !== 'do' && !isSelect(view.sql)) return [];
  const scanned = new Set(view.statement.scans.map(({ oid }) => oid));
  return view.held
    .filter(
      ({ table, mode }) =>
        scanned.has(table.oid) && strengthOf(mode) >= strengthOf('ROW EXCLUSIVE'),
    )
    .filter(({ table }) => isData(view.sql) || tookRowLock(view, table))
    .map(({ table }) => table)
    .slice(0, 1);
}

function tookRowLock({ statement }: StatementView, { oid }: RelationRef): boolean {
  return statement.locks.some(
    ({ relation, mode }) => relation.oid === oid && mode === 'ROW EXCLUSIVE',
  );
}

function dataWithDdl({ statements, run, file }: FileView): Hit[] {
  if (file.mode === 'none') return [];
  const changed = new Map<number, number>();
  for (const { statement, at } of statements)
    for (const { table } of statement.changes)
      if (!run.isNew(table) && !changed.has(table.oid)) changed.set(table.oid, at);
  const hits = statements.flatMap((view): Hit[] => {
    const written = isData(view.sql)
      ? view.held.find(
          ({ table, mode }) =>
            changed.has(table.oid) &&
            strengthOf(mode) >= strengthOf('ROW EXCLUSIVE') &&
            names(view.sql, table),
        )
      : undefined;
    if (!written || run.sizeOf(written.table)?.rows === 0) return [];
    return [
      {
        at: view.at,
        message: `Rows of ${written.table.name} and its definition are changed in one transaction; put the rows into a file of their own`,
        table: written.table,
      },
    ];
  });
  return hits.slice(0, 1);
}

function names(sql: string, { name }: RelationRef): boolean {
  return withoutTexts(sql).includes(name.slice(name.indexOf('.') + 1));
}

/** Whether the file has fetched rows of a table that was there before. */
function readsRows(view: StatementView): boolean {
  const { sql, statement, run } = view;
  const returns = isSelect(sql) || /\breturning\b/i.test(withoutTexts(sql));
  if (!returns) return false;
  return statement.scans.some((table) => !run.isNew(table)) && !/\blimit\s+1\b/i.test(sql);
}

function isNumber(sql: string): boolean {
  return /^\s*select\s+(count|max|min|sum|avg|exists)\s*\(/i.test(sql);
}

function blocked(view: StatementView): string {
  const held = view.held.find(({ mode }) => blocksWrites(mode));
  return held ? ` while ${held.table.name} is locked` : '';
}
