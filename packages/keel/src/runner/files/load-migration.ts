import { isKeelError, KeelError, messageOf } from '../../errors';
import { loadModule, type LoadOptions } from '../../project/load-module';
import type { MigrationFile } from './migration-state';

/** What a migration's `up` or `down` is called with. */
export type MigrationArguments = readonly [queryInterface: unknown, Sequelize: unknown];

/** A migration's code, whatever form it is written in. */
export interface MigrationModule {
  /** The file asked for no transaction: `export const transaction = false`. */
  readonly withoutTransaction: boolean;
  /** Rules of `db:lint` that the file may break, each with the reason: `export const safe = { … }`. */
  readonly safe: Readonly<Record<string, unknown>>;
  /** Undefined where the file exports no such function. */
  readonly up: MigrationFunction | undefined;
  readonly down: MigrationFunction | undefined;
}

/** `up` or `down`, called as sequelize-cli calls it. */
export type MigrationFunction = (args: MigrationArguments) => unknown;

type Exports = Readonly<Record<string, unknown>>;

/**
 * Loads a migration: CommonJS, an ES module or TypeScript, with named exports or a default one.
 *
 * @throws KeelError `MIGRATION_NOT_LOADED` where the file cannot be compiled or throws while loading
 */
export async function loadMigration(
  file: MigrationFile,
  options: LoadOptions = {},
): Promise<MigrationModule> {
  let exported: unknown;
  try {
    exported = await loadModule(file.path, options);
  } catch (error) {
    if (isKeelError(error)) throw error;
    throw new KeelError(`${file.name} could not be loaded: ${messageOf(error)}`, {
      code: 'MIGRATION_NOT_LOADED',
      details: location(error, file.path),
      state: `Nothing of ${file.name} was run.`,
      hint: `Correct ${file.path}, then run the same command again.`,
      cause: error,
    });
  }
  return describe(exported);
}

function describe(exported: unknown): MigrationModule {
  const layers: Exports[] = [];
  // Compiled TypeScript that is imported as an ES module has its default export one level further down.
  for (let layer = exported; isObject(layer) && layers.length < 3; layer = layer.default)
    layers.unshift(layer);
  const find = (name: string): unknown => layers.find((layer) => layer[name] !== undefined)?.[name];
  const bind = (name: 'up' | 'down'): MigrationFunction | undefined => {
    const owner = layers.find((layer) => typeof layer[name] === 'function');
    return owner && callable(owner, owner[name] as (...args: unknown[]) => unknown);
  };
  const safe = find('safe');
  return {
    withoutTransaction: find('transaction') === false,
    safe: isObject(safe) ? safe : {},
    up: bind('up'),
    down: bind('down'),
  };
}

function isObject(value: unknown): value is Exports {
  return (typeof value === 'object' || typeof value === 'function') && value !== null;
}

/**
 * A third parameter is a callback, as migrations had it before promises; or something else of a runner of the project's
 * own, which then returns a promise. A promise counts as sequelize-cli 6 counts it, whether the callback is called or not.
 */
function callable(owner: Exports, method: (...args: unknown[]) => unknown): MigrationFunction {
  if (method.length < 3) return (args) => method.apply(owner, [...args]);
  return (args) =>
    new Promise<unknown>((resolve, reject) => {
      const done = (error?: Error | null): void => (error ? reject(error) : resolve(undefined));
      const result = method.apply(owner, [...args, done]);
      if (isObject(result) && typeof result.then === 'function') resolve(result);
    });
}

/** The place in the file that a syntax error's stack begins with. */
function location(error: unknown, path: string): string[] {
  if (!(error instanceof SyntaxError) || !error.stack) return [];
  const head = error.stack.split('\n').slice(0, 4);
  return head[0]?.startsWith(path) ? head.filter((line) => line !== '') : [];
}
