import type pg from 'pg';
import { PRODUCTION, readEnvironmentMark } from '../db/environment-mark';
import type { Project } from '../project/project';
import { LOCK_TIMEOUT_MS, LOCK_WAIT_MS } from '../runner/lock-limits';
import { ok, warning, type DoctorFinding } from './doctor-finding';

/** The settings that say how careful a run is, with what holds where nothing is set. */
export function examineSettings({ settings, embedded }: Project): DoctorFinding {
  const { lint, lockTimeout, lockWait = LOCK_WAIT_MS, statementTimeout, strict } = settings;
  const asked = (['dryRun', 'fake', 'allowMissing'] as const).filter((name) => settings[name]);
  const usual = embedded ? 0 : LOCK_TIMEOUT_MS;
  const limit = lockTimeout ?? usual;
  const parts = [
    `strict ${strict ? 'on' : 'off'}`,
    `lint ${lint.isSet ? lint.level : 'not set'}`,
    `lockTimeout ${limit === 0 ? 'none' : seconds(limit)}${lockTimeout === undefined ? ' by default' : ''}`,
    `lockWait ${seconds(lockWait)}`,
    `statementTimeout ${statementTimeout ? seconds(statementTimeout) : 'none'}`,
    ...asked.map((name) => `${name} on`),
  ];
  return ok('settings', parts.join(', '));
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

/** Which environment the database says that it is of, and whether the project says the same. */
export async function examineEnvironment(
  client: pg.ClientBase,
  { connection, environment, environmentKnown }: Project,
): Promise<DoctorFinding> {
  const mark = await readEnvironmentMark(client);
  if (mark === undefined)
    return ok(
      'environment',
      'the database is not marked; the next db:migrate that applies a file marks it',
    );
  const copy = mark.database === connection.database ? '' : `, under the name "${mark.database}"`;
  const text = `the database is marked ${mark.environment} since ${mark.since}${copy}`;
  if (mark.environment !== PRODUCTION) return ok('environment', text);
  if (environment === PRODUCTION || !environmentKnown)
    return ok('environment', `${text}: what empties or fills it needs --force`);
  return warning(
    'environment',
    `${text}, and this config calls it ${environment}`,
    `Where it is a copy of production: keel db:environment --set ${environment}`,
  );
}
