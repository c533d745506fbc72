import type pg from 'pg';
import path from 'node:path';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { requireFrom } from './load-module';
import type { Project } from './project';
import { sequelizeOptions } from './sequelize-options';

/** As much of a project's `sequelize` module as keel uses, the same in versions 5 and 6. */
export type SequelizeModule = typeof import('sequelize') & {
  readonly Sequelize: typeof import('sequelize').Sequelize;
  readonly version?: string;
};

/**
 * Loads the Sequelize that the project resolves from its own folder: `instanceof` and `DataTypes` must be
 * those that its migrations see.
 *
 * @throws KeelError `SEQUELIZE_NOT_FOUND`, `SEQUELIZE_UNSUPPORTED`
 */
export function loadSequelize(root: string): SequelizeModule {
  const module = requireProjectPackage<SequelizeModule>(
    root,
    'sequelize',
    'npm install sequelize pg',
  );
  const version = sequelizeVersion(root);
  if (version !== undefined && version.major !== 5 && version.major !== 6) {
    throw new KeelError(`This project has Sequelize ${version.text}; keel runs versions 5 and 6.`, {
      code: 'SEQUELIZE_UNSUPPORTED',
      state: NOTHING_CHANGED,
    });
  }
  return module;
}

/** Loads the project's own `pg`, as Sequelize would find it. */
export function loadPg(root: string): typeof pg {
  return withNavigator(() => findPg(root));
}

/**
 * Gives Node 20 the `navigator` of later versions while something is loaded. Without it, pg asks whether it runs at
 * Cloudflare by making a `Response`, for which Node loads all of `fetch`: a fifth of a start.
 */
function withNavigator<T>(load: () => T): T {
  if ('navigator' in globalThis) return load();
  const navigator = { userAgent: `Node.js/${process.versions.node}` };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  try {
    return load();
  } finally {
    Reflect.deleteProperty(globalThis, 'navigator');
  }
}

function findPg(root: string): typeof pg {
  const fromRoot = requireFrom(root);
  try {
    return fromRoot('pg') as typeof pg;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
  }
  try {
    const fromSequelize = requireFrom(path.dirname(fromRoot.resolve('sequelize/package.json')));
    return fromSequelize('pg') as typeof pg;
  } catch {
    return requireProjectPackage(root, 'pg', 'npm install pg');
  }
}

/** The version in the project's `sequelize/package.json`; undefined where it cannot be read. */
export function sequelizeVersion(
  root: string,
): { readonly major: number; readonly text: string } | undefined {
  try {
    const { version } = requireFrom(root)('sequelize/package.json') as { version: string };
    return { major: Number.parseInt(version, 10), text: version };
  } catch {
    return undefined;
  }
}

function requireProjectPackage<T>(root: string, name: string, command: string): T {
  try {
    return requireFrom(root)(name) as T;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    throw new KeelError(`The package ${name} is not installed in ${root}.`, {
      code: 'PACKAGE_NOT_FOUND',
      state: NOTHING_CHANGED,
      hint: `Run: ${command}`,
      cause: error,
    });
  }
}

/**
 * A Sequelize instance of the project's own copy on the project's database. Nothing is connected yet;
 * the caller closes it.
 *
 * @param overrides options over the project's own
 */
export function createSequelize(
  project: Project,
  overrides: Readonly<Record<string, unknown>> = {},
): InstanceType<SequelizeModule['Sequelize']> {
  const { Sequelize } = loadSequelize(project.paths.root);
  const options = {
    ...sequelizeOptions(project),
    logging: false,
    // pg-native has none of the wire events that keel watches the transaction by.
    native: false,
    ...overrides,
  };
  try {
    return new Sequelize(options);
  } catch (error) {
    throw optionsRefused(error, project, (hooks) => new Sequelize({ dialect: 'postgres', hooks }));
  }
}

/** @param tryHooks what Sequelize does with a hook that it does not know is a TypeError of its own code */
function optionsRefused(
  error: unknown,
  { environment, configPath, config, paths }: Project,
  tryHooks: (hooks: object) => unknown,
): KeelError {
  const place = configPath === undefined ? 'the config' : path.relative(paths.root, configPath);
  const unknown = Object.keys(config.hooks ?? {}).filter((name) => {
    try {
      tryHooks({ [name]: () => undefined });
      return false;
    } catch {
      return true;
    }
  });
  const reason =
    unknown.length === 0
      ? messageOf(error)
      : `it has no hook ${unknown.map((name) => `"${name}"`).join(', ')}`;
  return new KeelError(
    `Sequelize refuses the environment "${environment}" of ${place}: ${maskSecrets(reason)}.`,
    {
      code: 'CONFIG_INVALID',
      state: NOTHING_CHANGED,
      hint: `Correct ${unknown.length === 0 ? 'it' : `hooks.${unknown[0] ?? ''}`} in ${place}.`,
      cause: error,
    },
  );
}
