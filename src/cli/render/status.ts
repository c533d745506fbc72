import pc from 'picocolors';
import type { MigrationState } from '../../runner/state';
import type { StatusResult } from '../../runner/status';
import { counted } from './run';

/** Where the files stand, a line each: `up` and `down` as sequelize-cli writes them. */
export function renderStatus({ migrations }: StatusResult): string[] {
  const rows = [
    ...migrations.filter(({ status }) => status === 'applied'),
    ...migrations.filter(({ status }) => status === 'pending'),
  ];
  return rows.map(
    (row) =>
      `${row.status === 'applied' ? pc.green('up') : pc.yellow('down')} ${row.name}${remark(row)}`,
  );
}

function remark(state: MigrationState): string {
  if (state.missing) return pc.red(' (applied, but the file is missing)');
  if (state.changed) return pc.red(' (changed since it was applied)');
  return state.outOfOrder ? pc.yellow(' (older than what is applied)') : '';
}

/** What `--check` says under the list. */
export function renderCheck({ kind, pending, missing, changed }: StatusResult): string {
  const parts = [
    [pending, 'pending'],
    [missing, 'missing'],
    [changed, 'changed'],
  ] as const;
  const bad = parts
    .filter(([count]) => count > 0)
    .map(([count, word]) => `${counted(count, kind)} ${word}`);
  return bad.length === 0 ? `All ${kind}s are applied.` : `${bad.join(', ')}.`;
}
