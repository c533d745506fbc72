import type { Connection } from '../db/connection';
import type { EnvironmentConfig } from './read-config-file';
import type { KeelSettings } from './keel-settings';
import type { ProjectFlags } from './project-flags';

/** Another database or server than the config's. */
export type ConnectionTarget = Partial<
  Pick<Connection, 'host' | 'port' | 'database' | 'user' | 'password'>
>;

/** Where it is recorded which migrations (or seeders) have run. */
export interface LedgerSettings {
  readonly storage: 'sequelize' | 'json' | 'none';
  /** The file of a `json` storage, absolute. */
  readonly path: string;
  readonly table: string;
  /** The schema of the table; the connection's own (first of its search_path) where undefined. */
  readonly schema: string | undefined;
  /** Whether a new table gets `createdAt` and `updatedAt`. */
  readonly timestamps: boolean;
}

/** The folders of a project that a flag or `.sequelizerc` may name. */
export type ProjectFolder = 'migrations' | 'seeders' | 'models';

/** The folders of a project, absolute. */
export interface ProjectPaths {
  readonly root: string;
  readonly migrations: string;
  readonly seeders: string;
  readonly models: string;
  /** For each of these folders that is named rather than found in its usual place: by what. */
  readonly namedBy: Readonly<Partial<Record<ProjectFolder, string>>>;
  /** Where keel keeps its own files, such as the embedded server's data. */
  readonly home: string;
}

/** A sequelize-cli project as keel sees it: read, checked, and with every default filled in. */
export interface Project {
  readonly paths: ProjectPaths;
  /** The environment chosen by `--env`, NODE_ENV, or `development`. */
  readonly environment: string;
  /** Whether somebody has said which environment the database is: the config, `--env`, or NODE_ENV. */
  readonly environmentKnown: boolean;
  /** The config file that was read; undefined with `--url`, or with `DATABASE_URL` in a project without a config. */
  readonly configPath: string | undefined;
  /** The environment as the config has it. Where the database is, `connection` alone says. */
  readonly config: EnvironmentConfig;
  readonly connection: Connection;
  /** Whether the environment asks for the embedded server (`embedded: true`). */
  readonly embedded: boolean;
  /** keel's own settings: `keel: { … }` of the environment. */
  readonly settings: KeelSettings;
  /** What was doubtful in what was read, for people. */
  readonly warnings: readonly string[];
  /** On a scratch database, the one in whose place it stands: models that connect to that one are led here. */
  readonly standsFor?: Connection;
  /** What it was read with: another process reads the same project with it. */
  readonly flags: ProjectFlags;
  /** Where it was led away from the config's database. */
  readonly movedTo?: ConnectionTarget;
  /** Whether `--debug` was given: then a replay shows what the project's code prints. */
  readonly debug?: boolean;
  readonly migrationLedger: LedgerSettings;
  readonly seederLedger: LedgerSettings;
}
