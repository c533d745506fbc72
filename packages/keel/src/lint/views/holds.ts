import { blocksReads, blocksWrites } from '../../runner/watch/lock-mode';
import type { Oid } from '../trace/traced-catalog';
import type { RelationRef } from '../trace/catalog-change';
import type { FileTrace } from '../trace/trace';
import { addWork, noWork, type RunView, type Work } from './run-view';
import { workOf } from './statement-work';

/** How long a file keeps others from a table: the work that goes on from the first such lock to the end. */
export interface Hold {
  readonly table: RelationRef;
  /** The statement that took the lock, by its place in the file. */
  readonly at: number;
  /** What is done while readers wait; undefined where they do not. */
  readonly reads: Work | undefined;
  /** What is done while writers wait. */
  readonly writes: Work | undefined;
}

/** The parts of a file whose locks are held to the same moment, as the places where they begin and end. */
export function transactionsOf({ mode, statements }: FileTrace): (readonly [number, number])[] {
  if (mode !== 'none') return [[0, statements.length]];
  const parts: [number, number][] = [];
  for (const [at, { inTransaction, transaction }] of statements.entries()) {
    const last = parts.at(-1);
    const goesOn = inTransaction && statements[at - 1]?.transaction === transaction;
    if (goesOn && last) last[1] = at + 1;
    else parts.push([at, at + 1]);
  }
  return parts;
}

/** What a file keeps others from, table by table. What the run makes itself nobody waits for. */
export function holdsOf(run: RunView, file: FileTrace): Hold[] {
  const work = file.statements.map((statement) => workOf(run, statement));
  return transactionsOf(file).flatMap(([from, to]) => {
    const until = (at: number): Work => {
      const parts = file.statements.slice(at, to).flatMap((statement, index) => [
        // The code before the statement that takes the lock holds nothing yet.
        index === 0 ? noWork : { ...noWork, ms: statement.codeMs },
        work[at + index] ?? noWork,
      ]);
      const rest = { ...noWork, ms: file.mode === 'none' ? 0 : file.codeMs };
      return parts.reduce(addWork, rest);
    };
    return [...firstLocks(run, file, from, to).values()].map(({ table, reads, writes }) => ({
      table,
      at: Math.min(reads ?? Infinity, writes ?? Infinity),
      reads: reads === undefined ? undefined : until(reads),
      writes: writes === undefined ? undefined : until(writes),
    }));
  });
}

interface FirstLocks {
  readonly table: RelationRef;
  reads: number | undefined;
  writes: number | undefined;
}

function firstLocks(
  run: RunView,
  { statements }: FileTrace,
  from: number,
  to: number,
): Map<Oid, FirstLocks> {
  const found = new Map<Oid, FirstLocks>();
  for (let at = from; at < to; at += 1) {
    for (const { relation, mode, written } of statements[at]?.locks ?? []) {
      const blocks = blocksReads(mode) || (written && blocksWrites(mode));
      if (!blocks || run.isNew(relation)) continue;
      const known = found.get(relation.oid);
      const first = known ?? { table: relation, reads: undefined, writes: undefined };
      first.writes ??= at;
      if (blocksReads(mode)) first.reads ??= at;
      found.set(relation.oid, first);
    }
  }
  return found;
}
