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

const usual: KeelSettings = {
  strict: false,
  ignore: [],
  programs: [],
  lint: { level: 'warn', isSet: false, ignore: [] },
};

/**
 * keel's own settings out of an environment.
 *
 * @param file the config file, for the message
 * @throws KeelError `CONFIG_INVALID` naming every setting that is wrong or unknown, not only the first
 */
export function keelSettings(config: EnvironmentConfig, file: string | undefined): KeelSettings {
  if (config.keel === undefined || config.keel === null) return usual;
  // Loaded late: what checks settings takes a thirtieth of a short command's time.
  const { parseKeelSettings } =
    require('./parse-keel-settings') as typeof import('./parse-keel-settings');
  const given = parseKeelSettings(config.keel, file);
  return { ...given, lint: given.lint ?? usual.lint };
}
