import { readFileSync } from 'node:fs';
import { postgresError } from '../db/connection-error';
import { shortStatement } from '../db/sql-text';
import { KeelError } from '../errors';
import { maskSecrets } from '../mask-secrets';
import type { AttemptOutcome } from './attempt/run-attempt';
import type { MigrationFile } from './files/migration-state';

/** What the state of things is where the one transaction was not committed. */
export const RUN_ROLLED_BACK = 'The run was rolled back; nothing of it remains.';

/** Why a file cannot share a transaction with others. */
export interface AtomicRefusal {
  readonly file: MigrationFile;
  /** As in "…, as <reason>". */
  readonly reason: string;
  readonly outcome?: AttemptOutcome;
  /** Where nothing was run for real. */
  readonly state?: string;
}

/** The error of a file that cannot be part of one transaction with the others. */
export function notAtomic({
  file,
  reason,
  outcome,
  state = RUN_ROLLED_BACK,
}: AtomicRefusal): KeelError {
  const findings = outcome?.attempt.findings;
  const refused = findings?.statements.find(({ error }) => error !== undefined);
  const { hint } = postgresError(refused?.error) ?? {};
  const details = [
    placeOf(file, outcome),
    ...(refused ? [`Statement: ${shortStatement(refused.sql, 400)}`] : []),
    ...(hint === undefined ? [] : [`Hint: ${hint}`]),
  ];
  return new KeelError(`${file.name} cannot be part of --atomic, as ${reason}.`, {
    code: 'NOT_ATOMIC',
    details: details.map(maskSecrets),
    state,
    hint: `Run the files before it with --atomic --to, then this one by itself, or all without --atomic.`,
  });
}

/** The line of the file that the refused statement came from, or that asks for no transaction. */
function placeOf({ path }: MigrationFile, outcome: AttemptOutcome | undefined): string {
  const stack = outcome?.error instanceof Error ? (outcome.error.stack ?? '') : '';
  const at = stack.indexOf(`${path}:`);
  const line = at < 0 ? lineOfExport(path) : /^\d+/.exec(stack.slice(at + path.length + 1))?.[0];
  return line === undefined ? path : `${path}:${line}`;
}

function lineOfExport(path: string): string | undefined {
  const lines = readFileSync(path, 'utf8').split('\n');
  const index = lines.findIndex((line) => /\btransaction\b\s*[=:]\s*false\b/.test(line));
  return index < 0 ? undefined : `${index + 1}`;
}
