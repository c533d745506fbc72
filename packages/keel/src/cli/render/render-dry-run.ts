import { counted } from '../../format-count';
import pc from '../terminal/colours';
import type { DryRunResult, DryStatement, FileLock } from '../../runner/dry-run';
import { blocksReads, blocksWrites } from '../../runner/watch/lock-mode';
import { renderDuration } from '../../lint/render-duration';

/** The SQL of a dry run, ready to be read or kept in a file. */
export function renderDryRun(
  { files, direction, locks }: DryRunResult,
  end = 'everything was rolled back',
): string[] {
  if (files.length === 0) return ['', '-- Nothing to run.'];
  const lines = files.flatMap(({ name, statements, locks: own }) => [
    '',
    pc.bold(`-- ${name} (${direction})`),
    ...(statements.length === 0 ? ['-- no statement'] : statements.flatMap(renderStatement)),
    ...own.flatMap(renderLock),
  ]);
  return [
    ...lines,
    '',
    ...(locks.length > 0 ? ['-- Locked until the end:'] : []),
    ...locks.map(({ relation, mode }) => `--   ${mode.padEnd(22)} ${relation}`),
    `-- ${counted(files.length, 'file')}; ${end}.`,
  ];
}

/** What nobody waits for is left out. */
function renderLock({ relation, mode, ms }: FileLock): string[] {
  const waiting = blocksReads(mode) ? 'readers and writers' : 'writers';
  if (!blocksWrites(mode)) return [];
  const time = ms === null ? '' : ` for ${renderDuration(ms)}`;
  return [`-- ${mode} on ${relation}${time}: ${waiting} wait`];
}

function renderStatement({ sql, values, leftOut }: DryStatement): string[] {
  const text = sql.trimEnd().endsWith(';') ? sql.trimEnd() : `${sql.trimEnd()};`;
  return [
    ...(leftOut ? ['-- not tried, as it cannot run in a transaction:'] : []),
    text,
    ...(values && values.length > 0 ? [`-- with ${JSON.stringify(values)}`] : []),
  ];
}
