import path from 'node:path';
import { KeelError, NOTHING_CHANGED } from '../errors';
import type { EnvironmentConfig } from './read-config-file';
import type { LedgerSettings } from './project';

const STORAGES = ['sequelize', 'json', 'none'] as const;

/** What is wrong with a value; undefined where nothing is. Written by hand: a library takes longer to load than all of this. */
type Check = (value: unknown) => string | undefined;

const storage: Check = (value) =>
  STORAGES.some((each) => each === value)
    ? undefined
    : `must be sequelize, json or none, not ${JSON.stringify(value)}`;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'must be a text');

const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

const checks = {
  migrationStorage: storage,
  migrationStoragePath: text,
  migrationStorageTableName: text,
  migrationStorageTableSchema: text,
  migrationStorageTimestamps: flag,
  migrationTimestamps: flag,
  seederStorage: storage,
  seederStoragePath: text,
  seederStorageTableName: text,
  seederStorageTableSchema: text,
  seederStorageTimestamps: flag,
  seederTimestamps: flag,
} satisfies Readonly<Record<string, Check>>;

/** What a config says of the ledgers, once it has been checked. */
type GivenLedgers = {
  readonly [Key in keyof typeof checks]?: Key extends `${string}Storage`
    ? (typeof STORAGES)[number]
    : Key extends `${string}imestamps`
      ? boolean
      : string;
};

/** Both ledgers of a project. */
export interface Ledgers {
  readonly migrationLedger: LedgerSettings;
  readonly seederLedger: LedgerSettings;
}

/**
 * The ledgers' settings out of an environment, with sequelize-cli's defaults.
 *
 * @throws KeelError `CONFIG_INVALID` naming every setting that is wrong, not only the first
 */
export function ledgerSettings(
  config: EnvironmentConfig,
  root: string,
  file: string | undefined,
): Ledgers {
  const values = givenSettings(config, file);
  const schema = defaultSchema(config);
  // The ledger is a table of Sequelize's, and PostgreSQL folds a name that is not quoted.
  const fold = (name: string): string =>
    config.quoteIdentifiers === false && !name.includes('.') ? name.toLowerCase() : name;
  return {
    migrationLedger: {
      storage: values.migrationStorage ?? 'sequelize',
      path: path.resolve(root, values.migrationStoragePath ?? 'sequelize-meta.json'),
      table: fold(values.migrationStorageTableName ?? 'SequelizeMeta'),
      schema: values.migrationStorageTableSchema ?? schema,
      timestamps: values.migrationTimestamps ?? values.migrationStorageTimestamps ?? false,
    },
    seederLedger: {
      storage: values.seederStorage ?? 'none',
      path: path.resolve(root, values.seederStoragePath ?? 'sequelize-data.json'),
      table: fold(values.seederStorageTableName ?? 'SequelizeData'),
      schema: values.seederStorageTableSchema ?? schema,
      timestamps: values.seederTimestamps ?? values.seederStorageTimestamps ?? false,
    },
  };
}

function givenSettings(config: EnvironmentConfig, file: string | undefined): GivenLedgers {
  const given = withoutNulls(config);
  const wrong = Object.entries(checks).flatMap(([key, check]) => {
    const problem = key in given ? check(given[key]) : undefined;
    return problem === undefined ? [] : [`${key} ${problem}`];
  });
  if (wrong.length === 0) return given;
  throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
    code: 'CONFIG_INVALID',
    details: wrong,
    state: NOTHING_CHANGED,
  });
}

/** The ledger is a Sequelize model to sequelize-cli, so a schema set for all models moves it as well. */
function defaultSchema(config: EnvironmentConfig): string | undefined {
  const define = config.define as { schema?: unknown } | null | undefined;
  const schema = define?.schema ?? config.schema;
  return typeof schema === 'string' && schema !== '' ? schema : undefined;
}

function withoutNulls(config: EnvironmentConfig): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).filter(
      ([, value]) => value !== null && value !== undefined && value !== '',
    ),
  );
}
