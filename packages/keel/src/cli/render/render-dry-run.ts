import pc from '../terminal/colours';
import type { DryRunResult, DryStatement } from '../../runner/dry-run';
import { counted } from './render-run';

/** The SQL of a dry run, ready to be read or kept in a file. */
export function renderDryRun({ files, direction, locks }: DryRunResult): string[] {
  if (files.length === 0) return ['', '-- Nothing to run.'];
  const lines = files.flatMap(({ name, statements }) => [
    '',
    pc.bold(`-- ${name} (${direction})`),
    ...(statements.length === 0 ? ['-- no statement'] : statements.flatMap(renderStatement)),
  ]);
  return [
    ...lines,
    '',
    ...(locks.length > 0 ? ['-- Locked until the end:'] : []),
    ...locks.map(({ relation, mode }) => `--   ${mode.padEnd(22)} ${relation}`),
    `-- ${counted(files.length, 'file')}; everything was rolled back.`,
  ];
}

function renderStatement({ sql, values, leftOut }: DryStatement): string[] {
  const text = sql.trimEnd().endsWith(';') ? sql.trimEnd() : `${sql.trimEnd()};`;
  return [
    ...(leftOut ? ['-- not tried, as it cannot run in a transaction:'] : []),
    text,
    ...(values && values.length > 0 ? [`-- with ${JSON.stringify(values)}`] : []),
  ];
}
