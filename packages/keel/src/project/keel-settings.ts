import * as v from 'valibot';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { readDuration } from './read-duration';
import type { EnvironmentConfig } from './read-config-file';

/** Flags of a run that may stand in the config; the command line wins over them. */
export interface RunSettings {
  /** Show the SQL that would run, and keep nothing of it. */
  readonly dryRun?: boolean;
  /** Record the files as run, and run nothing. */
  readonly fake?: boolean;
  /** Go on although files that are applied are gone. */
  readonly allowMissing?: boolean;
  /** How long to wait for each lock on a table before the file is tried again, in milliseconds; 0 for ever. */
  readonly lockTimeout?: number;
  /** For how long a file is tried again while others hold its locks, in milliseconds; also the wait for another runner. */
  readonly lockWait?: number;
  /** How long a single statement may take, in milliseconds. */
  readonly statementTimeout?: number;
  /** How often a file that timed out is tried again. */
  readonly retries?: number;
}

/** keel's own settings: `keel: { … }` of an environment in the config. */
export interface KeelSettings extends RunSettings {
  /** Whether doubtful files refuse a run rather than being reported. */
  readonly strict: boolean;
  /** Names of database objects that `db:check` and `migration:generate` leave out; `*` stands for any text. */
  readonly ignore: readonly string[];
  /** Programs, such as `psql`, that a migration may start where it is tried on a scratch database. */
  readonly programs: readonly string[];
  /** How long to wait for a server that is not up yet, in milliseconds; not at all where undefined. */
  readonly wait?: number;
  /** What `db:lint` and `db:migrate` say of migrations that block others. */
  readonly lint: LintSettings;
}

/** `lint: 'error'`, or `lint: { … }` with more. */
export interface LintSettings {
  /** What `db:migrate` does about a file that blocks for long: nothing, a line, or a refusal. */
  readonly level: 'off' | 'warn' | 'error';
  /** Whether the config says anything of it: then `db:migrate` traces files that it has no trace of. */
  readonly isSet: boolean;
  /** Work over a table of so many rows, or more, is long. */
  readonly rows?: number;
  /** A lock that is held for longer than this is long; 200 where neither is given. */
  readonly milliseconds?: number;
  /** A file of sizes, in place of those of the database; relative to the project's folder. */
  readonly stats?: string;
  /** Rules that are off. */
  readonly ignore: readonly string[];
}

const nothingSet: LintSettings = { level: 'warn', isSet: false, ignore: [] };

const levels = ['off', 'warn', 'error'] as const;

const number = v.optional(
  v.pipe(v.number('must be a number'), v.minValue(0, 'must not be negative')),
);

const texts = v.optional(
  v.array(
    v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty')),
    'must be a list of texts',
  ),
  [],
);

const yesOrNo = v.boolean('must be true or false');

const TIME = "must be a length of time, such as '30s', '2m', or a number of seconds";

const time = v.optional(
  v.pipe(
    v.union([v.string(), v.number()], TIME),
    v.transform((value) => readDuration(`${value}`)),
    v.number(TIME),
  ),
);

const COUNT = 'must be a whole number from 0';

const entries = {
  strict: v.optional(yesOrNo, false),
  ignore: texts,
  programs: texts,
  wait: time,
  dryRun: v.optional(yesOrNo),
  fake: v.optional(yesOrNo),
  allowMissing: v.optional(yesOrNo),
  lockTimeout: time,
  lockWait: time,
  statementTimeout: time,
  retries: v.optional(v.pipe(v.number(COUNT), v.integer(COUNT), v.minValue(0, COUNT))),
  lint: v.optional(
    v.pipe(
      v.union(
        [
          v.picklist(levels),
          v.strictObject({
            level: v.optional(v.picklist(levels), 'warn'),
            rows: number,
            milliseconds: number,
            stats: v.optional(v.string()),
            ignore: texts,
          }),
        ],
        `must be ${levels.map((level) => `"${level}"`).join(', ')} or an object of level, rows, milliseconds, stats, ignore`,
      ),
      v.transform((given): LintSettings =>
        typeof given === 'object'
          ? { ...given, isSet: true }
          : { level: given, isSet: true, ignore: [] },
      ),
    ),
  ),
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
  if (parsed.success) return { ...parsed.output, lint: parsed.output.lint ?? nothingSet };
  throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
    code: 'CONFIG_INVALID',
    details: parsed.issues.map(
      (issue) => `${['keel', v.getDotPath(issue)].filter(Boolean).join('.')} ${issue.message}`,
    ),
    state: NOTHING_CHANGED,
    hint: 'Correct them in the environment of the config. docs/compatibility.md says what each one does.',
  });
}
