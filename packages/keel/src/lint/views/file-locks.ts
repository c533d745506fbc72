import type { FileLock } from '../../runner/dry-run';
import { strengthOf, stronger } from '../../runner/watch/lock-mode';
import type { FileView } from './file-view';

/** The strongest lock of a file on each table that was there before its run, with an estimate of how long it is held. */
export function fileLocks({ run, file, holds }: FileView): FileLock[] {
  const locks = new Map<number, FileLock>();
  for (const { relation, mode } of file.statements.flatMap((statement) => statement.locks)) {
    if (run.isNew(relation)) continue;
    const work = holds.find(({ table }) => table.oid === relation.oid)?.writes;
    locks.set(relation.oid, {
      relation: locks.get(relation.oid)?.relation ?? relation.name,
      mode: stronger(locks.get(relation.oid)?.mode, mode),
      ms: work === undefined || work.unknown ? null : Math.round(work.ms),
    });
  }
  return [...locks.values()].sort((a, b) => strengthOf(b.mode) - strengthOf(a.mode));
}
