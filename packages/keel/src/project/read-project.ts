import path from 'node:path';
import { homeOf } from '../embedded/home-folder';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { rememberSecret } from '../mask-secrets';
import { applyConnectHooks } from './apply-connect-hooks';
import { connectionOrigin } from './connection-origin';
import { loadEnvFile, type EnvFile } from './env-file';
import {
  configFromVariable,
  findConfigFile,
  readConfigFile,
  type EnvironmentConfig,
} from './read-config-file';
import { resolveDatabase } from './resolve-database';
import { keelSettings } from './keel-settings';
import { ledgerSettings } from './ledger-settings';
import type { ProjectFlags } from './project-flags';
import { readRcFile } from './read-rc-file';
import { requireNamedFolder } from './require-named-folder';
import { registerRequireHook } from './typescript/require-hook';
import type { ConnectionTarget, Project, ProjectFolder, ProjectPaths } from './project';
import { watchDetours } from './watch-detours';

/** The folders of a project and what was said about it, before any config is read. */
export interface ProjectOutline {
  readonly options: ProjectFlags;
  readonly paths: ProjectPaths;
  readonly environment: string;
  /** Whether `--env` or NODE_ENV names it. */
  readonly environmentNamed: boolean;
  /** The `.env` of the project's folder; undefined where there is none. */
  readonly envFile: EnvFile | undefined;
}

const FOLDER_FLAGS: Readonly<Record<ProjectFolder, keyof ProjectFlags>> = {
  migrations: 'migrationsPath',
  seeders: 'seedersPath',
  models: 'modelsPath',
};

const RC_NAME = '.sequelizerc';

function namedBy(flags: ProjectFlags, rc: ProjectFlags): ProjectPaths['namedBy'] {
  const entries = Object.entries(FOLDER_FLAGS).map(([folder, flag]) => [
    folder,
    flags[flag] !== undefined ? nameOfFlag(flag) : rc[flag] !== undefined ? RC_NAME : undefined,
  ]);
  return Object.fromEntries(entries) as ProjectPaths['namedBy'];
}

/** `migrationsPath` as it is written on the command line. */
function nameOfFlag(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * An empty value is what a variable that is not set leaves in a script: the config's database would be used in
 * place of the one that was meant.
 *
 * @throws KeelError `USAGE`
 */
function requireValues(flags: ProjectFlags): void {
  const empty = Object.entries(flags).filter(
    ([, value]) => typeof value === 'string' && value.trim() === '',
  );
  if (empty.length === 0) return;
  const names = empty.map(([option]) => nameOfFlag(option)).join(', ');
  throw new KeelError(`${names} ${empty.length === 1 ? 'has' : 'have'} no value.`, {
    code: 'USAGE',
    state: NOTHING_CHANGED,
    hint: 'Where the value comes from a variable, see that it is set.',
  });
}

/** Reads `.env`, `.sequelizerc` and the flags; the config stays unread. Flags win over the files. */
export async function readOutline(flags: ProjectFlags): Promise<ProjectOutline> {
  requireValues(flags);
  const root = path.resolve(flags.cwd ?? process.cwd());
  const envFile = loadEnvFile(root);
  // A loader that .sequelizerc registers afterwards comes before this one.
  registerRequireHook();
  const rc = await readRcFile(root, flags.optionsPath);
  const options: ProjectFlags = { ...rc, ...definedOnly(flags) };
  const folder = (asked: string | undefined, usual: string): string =>
    path.resolve(root, asked ?? usual);
  return {
    options,
    envFile,
    environment: options.env ?? (process.env.NODE_ENV || 'development'),
    environmentNamed: options.env !== undefined || Boolean(process.env.NODE_ENV),
    paths: {
      root,
      migrations: folder(options.migrationsPath, 'migrations'),
      seeders: folder(options.seedersPath, 'seeders'),
      models: folder(options.modelsPath, 'models'),
      namedBy: namedBy(flags, rc),
      home: homeOf(root),
    },
  };
}

/**
 * Reads a whole project: `.sequelizerc`, flags, and the config's environment.
 *
 * @throws KeelError for anything that is missing or cannot be understood; nothing is connected to
 */
export async function readProject(flags: ProjectFlags): Promise<Project> {
  watchDetours();
  const { options, paths, environment, environmentNamed, envFile } = await readOutline(flags);
  for (const folder of Object.keys(FOLDER_FLAGS) as ProjectFolder[]) {
    if (paths.namedBy[folder] !== RC_NAME) requireNamedFolder(paths, folder);
  }
  const configPath =
    options.url === undefined ? findConfigFile(paths.root, options.config) : undefined;
  // As with sequelize-cli, a URL takes the place of the whole config, storage settings included:
  // a project that has always been run by URL has its ledger under the default name.
  const { root } = paths;
  const config = await readConfig(configPath, options.url, environment, root);
  const origin = connectionOrigin({ flags, root, environment, configPath, config });
  const connection = await applyConnectHooks(
    { ...resolveDatabase(config, process.env), origin },
    config,
  );
  const { user, password, host, database } = connection;
  // The embedded server's opens nothing else, and is shown.
  if (config.embedded !== true && typeof password === 'string')
    rememberSecret(password, [user, host, database]);
  return {
    paths,
    environment,
    environmentKnown: configPath !== undefined || environmentNamed,
    configPath,
    config,
    connection,
    embedded: config.embedded === true,
    settings: keelSettings(config, configPath),
    warnings: envFile?.warnings ?? [],
    flags,
    debug: options.debug,
    ...ledgerSettings(config, paths.root, configPath),
  };
}

function readConfig(
  file: string | undefined,
  url: string | undefined,
  environment: string,
  root: string,
): Promise<EnvironmentConfig> | EnvironmentConfig {
  if (url !== undefined) return { url };
  return file === undefined ? configFromVariable(root) : readConfigFile(file, environment);
}

/** The same project on another database or server. */
export function withConnection(project: Project, target: ConnectionTarget): Project {
  const { host, port, user, password } = target;
  const { connection } = project;
  const moved = host !== undefined || port !== undefined;
  // What the config says of the login is said of its own server.
  const elsewhere = moved || user !== undefined || password !== undefined;
  return {
    ...project,
    connection: {
      ...connection,
      ...definedOnly(target),
      ...(moved && { routes: undefined, target: undefined }),
      ...(elsewhere && { beforeConnect: undefined, origin: undefined }),
    },
    movedTo: { ...project.movedTo, ...definedOnly(target) },
    embedded: false,
  };
}

function definedOnly<T extends object>(values: T): Partial<T> {
  const entries = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Partial<T>;
}
