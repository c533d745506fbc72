import { counted } from '../../format-count';
import pc from '../terminal/colours';
import { describeProgress } from '../../backfill/tell-progress';
import { describeBlocking } from '../../runner/attempt/blocking-session';
import { stem } from '../../runner/files/compare-names';
import { listNames } from '../../runner/files/list-names';
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
  const blocked = report.blockedBy.map((session) => `\n   waits for ${describeBlocking(session)}`);
  return `   ${name} has been running for ${seconds(report.elapsedMs)}: ${doing}${blocked.join('')}`;
}

/** How far a backfill has come. */
export function renderProgress({ name, progress }: EventOf<'progress'>): string {
  return `   ${stem(name)}: ${describeProgress(progress)}`;
}

/** The summary under a run. */
export function renderRun(result: RunResult): string[] {
  const { kind, direction, files, pending, durationMs } = result;
  if (files.length === 0) return ['', ...nothingDone(result)];
  const verb = direction === 'up' ? (kind === 'migration' ? 'applied' : 'run') : 'undone';
  return [
    '',
    `${counted(files.length, kind)} ${verb} in ${seconds(durationMs)}; ${pending} pending.`,
    ...renderModes(files),
  ];
}

/** How many files took more than one try: while they ran, only the first of each sort was explained. */
function renderModes(files: readonly FileResult[]): string[] {
  return (['none', 'savepoints'] as const).flatMap((mode) => {
    const count = files.filter((file) => file.mode === mode && file.notes.length > 0).length;
    const how = mode === 'none' ? 'without a transaction' : 'with savepoints';
    return count > 1 ? [`${counted(count, 'file')} had to be run again ${how}.`] : [];
  });
}

/** Why nothing was run, in sequelize-cli's words as far as they say what is so. */
function nothingDone({ kind, direction, pending, pendingNames, known }: RunResult): string[] {
  const left = `${counted(pending, kind)} pending: ${listNames(pendingNames)}.`;
  if (kind === 'migration' && direction === 'up') {
    return pending === 0
      ? ['No migrations were executed, database schema was already up to date.']
      : ['No migrations were executed: what was asked for is applied already.', left];
  }
  if (kind === 'migration') return ['No executed migrations found.'];
  if (known === 0) return ['No seeders found.'];
  if (direction === 'down')
    return ['No seeders found.', 'None of them has run, so none was undone.'];
  return pending === 0
    ? [
        'No seeders were executed: all of them have run already.',
        'To run them again, undo them first: keel db:seed:undo:all',
      ]
    : ['No seeders were executed: what was asked for has run already.', left];
}

/** Milliseconds as seconds, as sequelize-cli writes them. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(3)}s`;
}
