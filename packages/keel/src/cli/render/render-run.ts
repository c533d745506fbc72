import pc from '../terminal/colours';
import { stem } from '../../runner/files/compare-names';
import type { FileResult, RunEvent, RunResult } from '../../runner/results';

type EventOf<Type extends RunEvent['type']> = Extract<RunEvent, { readonly type: Type }>;

/** The line that sequelize-cli prints before a file. */
export function renderStart({ name, direction }: EventOf<'start'>): string {
  return `== ${stem(name)}: ${direction === 'up' ? 'migrating' : 'reverting'} =======`;
}

/** The line that sequelize-cli prints after a file, with how it ran where that was not in a transaction. */
export function renderDone(file: FileResult): string {
  const verb = file.direction === 'up' ? 'migrated' : 'reverted';
  const mode = {
    transaction: '',
    savepoints: '',
    pretend: '',
    none: ', without a transaction',
    fake: ', recorded only',
  };
  return `== ${stem(file.name)}: ${pc.green(verb)} (${seconds(file.durationMs)}${mode[file.mode]})`;
}

/** What a file that runs long is doing. */
export function renderReport({ name, report }: EventOf<'report'>): string {
  const doing = report.statement ?? 'in its own code';
  const blocked = report.blockedBy.map(
    ({ pid, application, state, query }) =>
      `\n   waits for pid ${pid} (${application || 'unnamed'}, ${state}): ${query}`,
  );
  return `   ${name} has been running for ${seconds(report.elapsedMs)}: ${doing}${blocked.join('')}`;
}

/** The summary under a run. */
export function renderRun(result: RunResult): string[] {
  const { kind, direction, files, pending, durationMs } = result;
  if (files.length === 0) return ['', nothingDone(kind, direction)];
  const verb = direction === 'up' ? (kind === 'migration' ? 'applied' : 'run') : 'undone';
  return [
    '',
    `${counted(files.length, kind)} ${verb} in ${seconds(durationMs)}; ${pending} pending.`,
  ];
}

function nothingDone(kind: RunResult['kind'], direction: RunResult['direction']): string {
  if (kind === 'seeder') return 'No seeders found.';
  return direction === 'up'
    ? 'No migrations were executed, database schema was already up to date.'
    : 'No executed migrations found.';
}

/** A number with its noun. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

/** Milliseconds as seconds, as sequelize-cli writes them. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)}s`;
}
