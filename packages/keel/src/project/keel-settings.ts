import * as v from 'valibot';
import { KeelError, NOTHING_CHANGED } from '../errors';
import type { EnvironmentConfig } from './read-config-file';

/** keel's own settings: `keel: { … }` of an environment in the config. */
export interface KeelSettings {
  /** Whether doubtful files refuse a run rather than being reported. */
  readonly strict: boolean;
  /** Names of database objects that `db:check` and `migration:generate` leave out; `*` stands for any text. */
  readonly ignore: readonly string[];
  /** Programs, such as `psql`, that a migration may start where it is tried on a scratch database. */
  readonly programs: readonly string[];
}

const texts = v.optional(
  v.array(
    v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty')),
    'must be a list of texts',
  ),
  [],
);

const entries = {
  strict: v.optional(v.boolean('must be true or false'), false),
  ignore: texts,
  programs: texts,
};

const settings = v.objectWithRest(
  entries,
  v.never(`is not a setting of keel; there are ${Object.keys(entries).join(', ')}`),
  'must be an object, such as { strict: true }',
);

/**
 * keel's own settings out of an environment.
 *
 * @param file the config file, for the message
 * @throws KeelError `CONFIG_INVALID` naming every setting that is wrong or unknown, not only the first
 */
export function keelSettings(config: EnvironmentConfig, file: string | undefined): KeelSettings {
  const parsed = v.safeParse(settings, config.keel ?? {});
  if (parsed.success) return parsed.output;
  throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
    code: 'CONFIG_INVALID',
    details: parsed.issues.map(
      (issue) => `${['keel', v.getDotPath(issue)].filter(Boolean).join('.')} ${issue.message}`,
    ),
    state: NOTHING_CHANGED,
    hint: 'Correct them in the environment of the config. docs/compatibility.md says what each one does.',
  });
}
