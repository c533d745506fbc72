import type pg from 'pg';
import { CANCELLED, cancellation } from '../db/cancellation';
import { isConnectionLoss, postgresError } from '../db/connection-error';
import { isCut } from '../db/wire';
import { interrupted, isKeelError, KeelError, messageOf } from '../errors';
import { describePlace } from './batch-sql';
import { type BackfillIdentity, type BackfillRecord, type StoredBackfill } from './backfill-record';
import type { Target } from './read-target';
import type { Job } from './run-batch';

/** What is so whenever a backfill ends early. */
function kept(file: string): string {
  const record = file === '' ? '' : ` ${file} is not recorded.`;
  return `Every batch that was committed stays, together with its place; the batch at hand was rolled back.${record}`;
}

const GO_ON = 'Run the same command again: it goes on where this run stopped.';

/** Ctrl-C, or a request to stop. */
export function backfillInterrupted({ target: { name }, identity: { file } }: Job): KeelError {
  return interrupted({
    message: `Interrupted while ${name} was backfilled.`,
    state: kept(file),
    hint: GO_ON,
  });
}

/** A batch did not go through for as long as was to be tried. */
export async function backfillBlocked(job: Job, error: unknown): Promise<KeelError> {
  const { client, target, identity } = job;
  const { rows } = await client
    .query<{ line: string }>(HOLDERS, [target.oid])
    .catch(() => ({ rows: [] }));
  const holders = rows.map(({ line }) => `It has locks on ${target.name}: ${line}`);
  return new KeelError(`The backfill of ${target.name} gave up waiting: ${messageOf(error)}.`, {
    code: 'BACKFILL_BLOCKED',
    details: holders,
    state: kept(identity.file),
    hint: `End or wait for what blocks it. ${GO_ON}`,
    cause: error,
  });
}

const HOLDERS = `SELECT pg_catalog.format('pid %s (%s, %s)', a.pid,
         coalesce(nullif(a.application_name, ''), 'unnamed'), coalesce(a.state, 'state not shown')) AS line
    FROM pg_catalog.pg_stat_activity a
   WHERE a.pid <> pg_catalog.pg_backend_pid()
     AND EXISTS (SELECT FROM pg_catalog.pg_locks l WHERE l.pid = a.pid AND l.granted AND l.relation = $1::int8::oid)
   ORDER BY a.xact_start LIMIT 5`;

/** What ended a backfill, as an error that says what to do. */
export function explainFailure(
  error: unknown,
  client: pg.Client,
  { target: { name }, identity: { file } }: Pick<Job, 'target' | 'identity'>,
): unknown {
  if (isKeelError(error)) return error;
  const refused = postgresError(error);
  // `each` may talk to other servers, and fail in the same words.
  if (isConnectionLoss(error) && (refused || isCut(client))) {
    return new KeelError(
      `The connection was lost while ${name} was backfilled: ${messageOf(error)}.`,
      {
        code: 'CONNECTION_LOST',
        state: `${kept(file)} Whether the last batch was committed, its place tells.`,
        hint: GO_ON,
        cause: error,
      },
    );
  }
  return new KeelError(`The backfill of ${name} failed: ${messageOf(error)}`, {
    code: 'BACKFILL_FAILED',
    details: refused
      ? [`Code: ${refused.code}`, ...(refused.detail ? [`Detail: ${refused.detail}`] : [])]
      : [],
    state: kept(file),
    hint:
      refused?.code === '42501'
        ? `Grant the role what it lacks. ${GO_ON}`
        : cancellation(error) === 'request'
          ? `${CANCELLED} ${GO_ON}`
          : `Correct the row or the migration, and run it again: it goes on where this run stopped.`,
    cause: error,
  });
}

/** Another backfill of the table stopped on its way, and this one would begin before its end. */
export function backfillUnfinished(
  { name, key }: Target,
  record: BackfillRecord,
  other: StoredBackfill,
  definition: string,
): KeelError {
  const place = other.position
    ? `after ${describePlace(key, other.position)}`
    : 'before the first row';
  const changed = other.definition !== null && other.definition !== definition;
  const owner = other.file === '' ? '' : ` by ${describeCall(other)}`;
  return new KeelError(
    `A backfill of ${name}${owner} stopped ${place}, and this is ${changed ? 'a different one' : 'another one'}.`,
    {
      code: 'BACKFILL_UNFINISHED',
      details: [`Then: ${other.definition ?? 'anything'}`, `Now:  ${definition}`],
      state: `Nothing was changed by this run. ${Math.round(other.done)} rows are done as it was then.`,
      hint: `Restore the one that stopped, and run it to its end. Or let this one go on from there: UPDATE ${record.table} SET definition = NULL WHERE relation = '${name.replaceAll("'", "''")}'. Or let it begin anew: DELETE FROM ${record.rowSql(other).replaceAll(/\s+/g, ' ')}.`,
    },
  );
}

/** The table of an unfinished backfill is gone, and another one has its name: its places mean nothing there. */
export function backfillTableRemade(
  { name, key }: Target,
  record: BackfillRecord,
  before: StoredBackfill,
): KeelError {
  const place = before.position ? ` after ${describePlace(key, before.position)}` : '';
  const row = record.rowSql(before).replaceAll(/\s+/g, ' ');
  return new KeelError(
    `${name} is not the table on which this backfill stopped${place}: it was made anew since, or comes from a dump.`,
    {
      code: 'BACKFILL_UNFINISHED',
      state: 'Nothing was changed by this run.',
      hint: `Where its rows are others, let the backfill begin anew: DELETE FROM ${row}. Where they are those of then, let it go on: UPDATE ${row.replace(' WHERE ', ' SET table_oid = NULL WHERE ')}.`,
    },
  );
}

function describeCall({ file, direction, number }: BackfillIdentity): string {
  return `${file} (${direction}${number === 0 ? '' : `, call ${number + 1}`})`;
}
