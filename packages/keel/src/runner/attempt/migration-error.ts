import { CANCELLED, cancellation } from '../../db/cancellation';
import { isConnectionLoss, postgresError, type PostgresError } from '../../db/connection-error';
import { KeelError, messageOf } from '../../errors';
import { maskSecrets } from '../../mask-secrets';
import type { RunMode } from '../files/run-mode';
import { describeBlocking, type BlockingSession } from './blocking-session';
import type { SentStatement } from './findings';
import { shortStatement } from '../../db/sql-text';

/** What a failed file's error is made of. */
export interface FailureContext {
  readonly name: string;
  readonly path: string;
  readonly direction: 'up' | 'down';
  readonly mode: RunMode;
  /** The statements that the file sent in its last attempt. */
  readonly statements: readonly SentStatement[];
  readonly failedSql: string | undefined;
  /** Whether it failed because the connection to the database is gone. */
  readonly lost: boolean;
  /** Sessions that the failed statement waited for. */
  readonly blockedBy?: readonly BlockingSession[];
  /** How often it was tried in vain, in words. */
  readonly tries?: readonly string[];
  /** What is to be said where the record failed, and not the file. */
  readonly recording?: readonly string[];
  /** What it did that a rollback does not take back, so that it is not tried again. */
  readonly outside?: string;
}

/** A migration or seeder that did not come to its end. */
export class MigrationError extends KeelError {
  /** The file's name. */
  readonly migration: string;
  readonly direction: 'up' | 'down';
  /** The statement that failed, where it was one that did. */
  readonly sql: string | undefined;
  /** What PostgreSQL sent. */
  readonly postgres: PostgresError | undefined;

  constructor(thrown: unknown, context: FailureContext) {
    const postgres = postgresError(thrown);
    const verb = context.direction === 'up' ? 'failed' : 'could not be undone';
    super(`${context.name} ${verb}: ${maskSecrets(messageOf(postgres ?? thrown))}`, {
      code: context.lost ? 'CONNECTION_LOST' : 'MIGRATION_FAILED',
      details: [...failureDetails(postgres, context), ...ranDetails(context)],
      state: stateAfter(context),
      hint: hintFor(postgres, context),
      cause: thrown,
    });
    this.migration = context.name;
    this.direction = context.direction;
    this.sql = context.failedSql;
    this.postgres = postgres;
  }
}

function tookEffect({ error, answered }: SentStatement): boolean {
  return error === undefined && answered === true;
}

/** Its connection was lost before the answer came. */
function isUncertain({ error, answered }: SentStatement): boolean {
  return error === undefined ? answered !== true : isConnectionLoss(error);
}

function stateAfter({ mode, name, statements }: FailureContext): string {
  if (mode !== 'none') return `${name} was rolled back; nothing of it remains.`;
  const done = statements.filter(tookEffect).length;
  if (statements.some(isUncertain)) {
    return `${name} ran without a transaction: ${done} of its statements took effect and remain, and whether the last one did is not known. It is not recorded.`;
  }
  return done === 0
    ? `${name} ran without a transaction, and none of its statements took effect.`
    : `${name} ran without a transaction: ${done} of its statements took effect and remain. It is not recorded.`;
}

function hintFor(
  postgres: PostgresError | undefined,
  { mode, path, direction, blockedBy = [], recording = [] }: FailureContext,
): string {
  const command = direction === 'up' ? 'run the same command again' : 'undo again';
  const invalid = mode === 'none' && /concurrently/i.test(postgres?.message ?? '');
  if (mode === 'none') {
    return `Undo by hand what remains${invalid ? ' (also an INVALID index)' : ''}, or make ${path} skip it; then ${command}.`;
  }
  if (postgres?.code === '42501') return `Grant the role what it lacks, then ${command}.`;
  if (postgres?.code === '42P06' && postgres.message.includes('"keel"'))
    return `keel keeps its own tables in a schema keel: write CREATE SCHEMA IF NOT EXISTS in ${path}, then ${command}.`;
  if (recording.length > 0 && !isLockCode(postgres))
    return `See that the record can be written, then ${command}.`;
  if (isLockCode(postgres)) return lockHint(blockedBy, command);
  if (cancellation(postgres) === 'request') return `${CANCELLED} When that is settled, ${command}.`;
  return `Correct ${path}, then ${command}.`;
}

/** What to do about a lock that others hold. */
export function lockHint(
  [blocking]: readonly BlockingSession[],
  command = 'run the same command again',
): string {
  const ended = blocking ? `: SELECT pg_terminate_backend(${blocking.pid});` : '.';
  return `Run it when less is going on, give it longer (--lock-wait), or end the session that blocks${ended} Then ${command}.`;
}

/** How often a lock was waited for, and who holds it. */
export function lockDetails({
  tries = [],
  blockedBy = [],
}: Pick<FailureContext, 'tries' | 'blockedBy'>): string[] {
  return [
    ...tries.map((text) => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`),
    ...blockedBy.map((session) => `Blocked by ${describeBlocking(session)}`),
  ];
}

function isLockCode(postgres: PostgresError | undefined): boolean {
  return ['55P03', '40P01'].includes(postgres?.code ?? '');
}

/** What PostgreSQL said, and the statement with the place marked. */
function failureDetails(
  postgres: PostgresError | undefined,
  { failedSql, blockedBy, tries, recording = [], outside }: FailureContext,
): string[] {
  const lines = [
    ...recording,
    ...lockDetails({ tries }),
    ...(outside !== undefined && isLockCode(postgres)
      ? [`It is not tried again, as it ${outside}.`]
      : []),
    ...(failedSql === undefined ? [] : markPosition(failedSql, postgres?.position)),
    ...field('Code', postgres?.code),
    ...field('Detail', postgres?.detail),
    ...field('Hint', postgres?.hint),
    ...field('Where', postgres?.where),
    ...lockDetails({ blockedBy }),
  ];
  return lines.map(maskSecrets);
}

function field(label: string, value: string | undefined): string[] {
  return value === undefined ? [] : [`${label}: ${value}`];
}

/** Without a transaction people must know what took effect. */
function ranDetails({ mode, statements }: FailureContext): string[] {
  if (mode !== 'none') return [];
  const done = statements.filter(tookEffect);
  const uncertain = statements.filter(isUncertain);
  return [...listed('These took effect:', done), ...listed('Not known:', uncertain)];
}

function listed(title: string, statements: readonly SentStatement[]): string[] {
  if (statements.length === 0) return [];
  return [title, ...statements.map(({ sql }) => `  ${maskSecrets(shortStatement(sql))}`)];
}

/** The line of a statement that PostgreSQL points at, with a caret under the place; the whole where it does not. */
export function markPosition(sql: string, position: string | undefined): string[] {
  const index = Number(position ?? 0) - 1;
  if (!(index >= 0) || index > sql.length) return [`Statement: ${shortStatement(sql, 400)}`];
  // PostgreSQL counts characters, not UTF-16 units.
  const before = [...sql].slice(0, index).join('');
  const lineStart = before.lastIndexOf('\n') + 1;
  const line = sql.slice(lineStart).split('\n', 1)[0] ?? '';
  const column = before.length - lineStart;
  const cut = Math.max(0, column - 70);
  const shown = `${cut > 0 ? '…' : ''}${line.slice(cut, cut + 140)}`.replaceAll('\t', ' ');
  const label = 'Statement: ';
  return [`${label}${shown}`, `${' '.repeat(label.length + column - cut + (cut > 0 ? 1 : 0))}^`];
}
