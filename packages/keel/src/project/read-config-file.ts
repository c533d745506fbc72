import { existsSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { defaultExport, loadModule } from './load-module';

/** One environment of a config file: what `new Sequelize(...)` takes, and the storage settings. */
export type EnvironmentConfig = Readonly<Record<string, unknown>>;

const CONNECTION_KEYS = [
  'url',
  'use_env_variable',
  'dialect',
  'database',
  'host',
  'username',
  'storage',
];

/**
 * The config file of a project: the one asked for, else the first of the usual names.
 *
 * @returns undefined where none is asked for and none is there
 * @throws KeelError `CONFIG_NOT_FOUND` for one that is asked for and not there
 */
export function findConfigFile(root: string, asked: string | undefined): string | undefined {
  if (asked !== undefined) {
    const file = path.resolve(root, asked);
    if (existsSync(file)) return file;
    throw new KeelError(`Cannot find "${file}".`, {
      code: 'CONFIG_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: 'Correct the path: it is that of --config, or of config in .sequelizerc.',
    });
  }
  const names = ['js', 'json', 'ts', 'cjs', 'mjs', 'cts', 'mts'].map((ext) => `config.${ext}`);
  return names.map((name) => path.join(root, 'config', name)).find((name) => existsSync(name));
}

/** The variable that names the database of a project without a config. */
export const URL_VARIABLE = 'DATABASE_URL';

/**
 * The environment of a project without a config: the database of `DATABASE_URL`.
 *
 * @throws KeelError `CONFIG_NOT_FOUND` where there is neither
 */
export function configFromVariable(root: string): EnvironmentConfig {
  const url = process.env[URL_VARIABLE]?.trim();
  if (url) return { use_env_variable: URL_VARIABLE };
  throw new KeelError(
    `Cannot find "${path.join(root, 'config', 'config.json')}", and ${URL_VARIABLE} is ${url === '' ? 'empty' : 'not set'}.`,
    {
      code: 'CONFIG_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: `Run keel in ${folderAbove(root) ?? "the project's folder"}, set ${URL_VARIABLE} in the environment or in .env, give --config or --url, or make a project with "keel init".`,
    },
  );
}

/** The nearest folder upwards that sequelize-cli would find a config in. */
function folderAbove(folder: string): string | undefined {
  const above = path.dirname(folder);
  if (above === folder) return undefined;
  const isProject =
    existsSync(path.join(above, '.sequelizerc')) || findConfigFile(above, undefined);
  return isProject ? above : folderAbove(above);
}

/**
 * Reads the environment's part of a config file in any of the forms that sequelize-cli takes: an object, a
 * promise, an async function, or a function with a callback; keyed by environment or flat.
 */
export async function readConfigFile(
  file: string,
  environment: string,
): Promise<EnvironmentConfig> {
  const environments = await loadEnvironments(file);
  const chosen = await chosenOf(file, environments, environment);
  if (typeof chosen === 'object' && chosen !== null) return chosen as EnvironmentConfig;
  if (CONNECTION_KEYS.some((key) => typeof environments[key] === 'string')) return environments;
  throw new KeelError(`${file} has no environment "${environment}".`, {
    code: 'UNKNOWN_ENVIRONMENT',
    state: NOTHING_CHANGED,
    hint: `It has: ${Object.keys(environments).join(', ') || 'none'}. Choose one with --env or NODE_ENV.`,
  });
}

/** An environment may be a getter or a function, which looks for its variables only where it is chosen. */
async function chosenOf(
  file: string,
  environments: EnvironmentConfig,
  environment: string,
): Promise<unknown> {
  try {
    // Every object has a "constructor".
    const chosen: unknown = environment in {} ? undefined : environments[environment];
    return typeof chosen === 'function' ? await (chosen as () => unknown)() : chosen;
  } catch (error) {
    throw configFailed(file, error);
  }
}

/** The names of a config's environments; none where it is flat. */
export async function readEnvironments(file: string): Promise<string[]> {
  const environments = await loadEnvironments(file);
  return Object.keys(environments).filter((name) => {
    const property: PropertyDescriptor = Object.getOwnPropertyDescriptor(environments, name) ?? {};
    // A getter is an environment that is read only where it is chosen, and may throw.
    return 'get' in property || ['object', 'function'].includes(typeof property.value);
  });
}

async function loadEnvironments(file: string): Promise<EnvironmentConfig> {
  const config = await loadConfig(file);
  if (typeof config === 'object' && config !== null) return config as EnvironmentConfig;
  throw new KeelError(`${file} must export an object, or a promise or function that gives one.`, {
    code: 'CONFIG_INVALID',
    state: NOTHING_CHANGED,
  });
}

async function loadConfig(file: string): Promise<unknown> {
  try {
    const config = await defaultExport(await loadModule(file));
    if (typeof config !== 'function') return config;
    if (config.length === 1) {
      return await promisify(
        config as (callback: (error: unknown, value: unknown) => void) => void,
      )();
    }
    return await (config as () => unknown)();
  } catch (error) {
    throw configFailed(file, error);
  }
}

function configFailed(file: string, error: unknown): KeelError {
  if (isKeelError(error)) return error;
  return new KeelError(`${file} could not be loaded: ${maskSecrets(messageOf(error))}`, {
    code: 'CONFIG_FAILED',
    state: NOTHING_CHANGED,
    hint: 'Correct the file, or see to what it needs: a package to install, a variable to set.',
    cause: error,
  });
}
