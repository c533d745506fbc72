import { counted } from '../format-count';
import type { BlockingFile } from './find-blocking';
import type { Blocking } from './finding';
import type { LongLock } from './lint-trace';
import { renderDuration } from './render-duration';

/** What waits, where, and for how long. */
export function describeLongLock({ table, reads, writes, ms, rows }: Blocking): string {
  const who = reads && writes ? 'Readers and writers' : reads ? 'Readers' : 'Writers';
  const size = rows === null ? 'size unknown' : counted(Math.round(rows), 'row');
  const time = ms === null ? 'for as long as that takes' : `for about ${renderDuration(ms)}`;
  return `${who} of ${table} (${size}) wait ${time}.`;
}

/** The line that is said before a file runs that blocks. */
export function describeBlockingFile({ name, locks }: BlockingFile): string {
  const [longest, ...others] = locks as readonly [LongLock, ...LongLock[]];
  const more =
    others.length === 0 ? '' : ` So do those of ${others.map(({ table }) => table).join(', ')}.`;
  return `${name}: ${describeLongLock(longest)}${more}`;
}
