import path from 'node:path';
import type { GivenLedgers } from './parse-ledger-settings';
import type { EnvironmentConfig } from './read-config-file';
import type { LedgerSettings } from './project';

/** How sequelize-cli's settings of the ledgers begin. */
const LEDGER_KEY = /^(migration|seeder)(Storage|Timestamps)/;

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
  const given = Object.entries(config).filter(
    ([key, value]) => LEDGER_KEY.test(key) && value !== null && value !== undefined && value !== '',
  );
  if (given.length === 0) return {};
  // Loaded late, as what checks keel's own settings is.
  const { parseLedgerSettings } =
    require('./parse-ledger-settings') as typeof import('./parse-ledger-settings');
  return parseLedgerSettings(Object.fromEntries(given), file);
}

/** The ledger is a Sequelize model to sequelize-cli, so a schema set for all models moves it as well. */
function defaultSchema(config: EnvironmentConfig): string | undefined {
  const define = config.define as { schema?: unknown } | null | undefined;
  const schema = define?.schema ?? config.schema;
  return typeof schema === 'string' && schema !== '' ? schema : undefined;
}
