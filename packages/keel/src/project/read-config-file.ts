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

/** The config file of a project: the one asked for, else the first of the usual names. */
export function findConfigFile(root: string, asked: string | undefined): string {
  if (asked !== undefined) {
    const file = path.resolve(root, asked);
    if (existsSync(file)) return file;
    throw configNotFound(file);
  }
  const names = ['js', 'json', 'ts', 'cjs', 'mjs', 'cts', 'mts'].map((ext) => `config.${ext}`);
  const file = names
    .map((name) => path.join(root, 'config', name))
    .find((name) => existsSync(name));
  if (file === undefined) throw configNotFound(path.join(root, 'config', 'config.json'));
  return file;
}

function configNotFound(file: string): KeelError {
  return new KeelError(`Cannot find "${file}".`, {
    code: 'CONFIG_NOT_FOUND',
    state: NOTHING_CHANGED,
    hint: 'Run keel in the project\'s folder, give --config or --url, or make a project with "keel init".',
  });
}

/**
 * Reads the environment's part of a config file in any of the forms that sequelize-cli takes: an object, a
 * promise, an async function, or a function with a callback; keyed by environment or flat.
 */
export async function readConfigFile(
  file: string,
  environment: string,
  root: string,
): Promise<EnvironmentConfig> {
  const config = await loadConfig(file, root);
  if (typeof config !== 'object' || config === null) {
    throw new KeelError(`${file} must export an object, or a promise or function that gives one.`, {
      code: 'CONFIG_INVALID',
      state: NOTHING_CHANGED,
    });
  }
  const environments = config as Readonly<Record<string, unknown>>;
  const chosen = environments[environment];
  if (typeof chosen === 'object' && chosen !== null) return chosen as EnvironmentConfig;
  if (CONNECTION_KEYS.some((key) => typeof environments[key] === 'string')) return environments;
  throw new KeelError(`${file} has no environment "${environment}".`, {
    code: 'UNKNOWN_ENVIRONMENT',
    state: NOTHING_CHANGED,
    hint: `It has: ${Object.keys(environments).join(', ') || 'none'}. Choose one with --env or NODE_ENV.`,
  });
}

async function loadConfig(file: string, root: string): Promise<unknown> {
  try {
    const config = await defaultExport(await loadModule(file, root));
    if (typeof config !== 'function') return config;
    if (config.length === 1) {
      return await promisify(
        config as (callback: (error: unknown, value: unknown) => void) => void,
      )();
    }
    return await (config as () => unknown)();
  } catch (error) {
    if (isKeelError(error)) throw error;
    throw new KeelError(`${file} could not be loaded: ${maskSecrets(messageOf(error))}`, {
      code: 'CONFIG_FAILED',
      state: NOTHING_CHANGED,
      cause: error,
    });
  }
}
