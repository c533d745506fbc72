import { shortStatement, withoutTexts } from '../../db/sql-text';
import { blocksWrites, strengthOf } from '../../runner/watch/lock-mode';
import type { FileView } from '../views/file-view';
import { isData, isSelect, verbOf } from '../views/statement-kind';
import type { StatementView } from '../views/statement-view';
import type { RelationRef } from '../trace/catalog-change';
import { namesTable } from '../names-table';
import { hasLoop } from '../views/spoken-statements';
import { inBatches } from './batch-form';
import type { Hit, Rule, SafeForm } from './rule';

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
            safeForm: batchesOf(view, table),
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
  const isCall = ['do', 'call'].includes(verbOf(view.sql));
  if (!isData(view.sql) && !isCall && !isSelect(view.sql)) return [];
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
            namesTable(view.sql, table),
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

/** The same in batches; undefined where the UPDATE is in a function, or in a block that does more. */
function batchesOf(view: StatementView, table: RelationRef): SafeForm | undefined {
  if (isData(view.sql)) return inBatches(view.statement, table);
  const asked = view.spoken.filter((sql) => !/^(?:end|null)\b/i.test(sql));
  const [sql] = asked;
  if (asked.length !== 1 || sql === undefined || !isData(sql)) return undefined;
  return inBatches({ sql, values: undefined, call: undefined }, table);
}

/** Whether a block reads rows of a big table and goes on in a loop, which no row has come to on the scratch database. */
function loopsOverRows(view: StatementView): boolean {
  return (
    hasLoop(view.sql) &&
    view.isLong &&
    view.statement.changes.length === 0 &&
    writtenTables(view).length === 0
  );
}

/** Whether the file has fetched rows of a table that was there before. */
function readsRows(view: StatementView): boolean {
  const { sql, statement, run } = view;
  if (loopsOverRows(view)) return true;
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
