import { counted } from '../../format-count';
import pc from '../terminal/colours';
import type { MigrationState } from '../../runner/files/migration-state';
import type { StatusResult } from '../../runner/read-status';

/**
 * Where the files stand, a line each: `up` and `down` as sequelize-cli writes them, and nothing more, as scripts
 * take the name for the rest of the line; below them what is doubtful.
 */
export function renderStatus({ migrations }: StatusResult): string[] {
  const rows = [
    ...migrations.filter(({ status }) => status === 'applied'),
    ...migrations.filter(({ status }) => status === 'pending'),
  ];
  const remarks = rows.flatMap((row) => remark(row) ?? []);
  return [
    ...rows.map(({ status, name }) =>
      status === 'applied' ? `${pc.green('up')} ${name}` : `${pc.yellow('down')} ${name}`,
    ),
    ...(remarks.length > 0 ? ['', ...remarks] : []),
  ];
}

function remark({ name, missing, changed, outOfOrder }: MigrationState): string | undefined {
  if (missing) return pc.red(`${name} is applied, but the file is missing.`);
  if (changed) return pc.red(`${name} has changed since it was applied.`);
  return outOfOrder ? pc.yellow(`${name} is older than what is applied.`) : undefined;
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
