import path from 'node:path';
import * as v from 'valibot';
import { KeelError, NOTHING_CHANGED } from '../errors';
import type { EnvironmentConfig } from './read-config-file';
import type { LedgerSettings } from './project';

const storage = v.optional(
  v.picklist(
    ['sequelize', 'json', 'none'],
    (issue) => `must be sequelize, json or none, not ${issue.received}`,
  ),
);
const text = v.optional(v.pipe(v.string('must be a text'), v.nonEmpty('must not be empty')));
const flag = v.optional(v.boolean('must be true or false'));

const settings = v.object({
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
});

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
  const parsed = v.safeParse(settings, withoutNulls(config));
  if (!parsed.success) {
    throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
      code: 'CONFIG_INVALID',
      details: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`),
      state: NOTHING_CHANGED,
    });
  }
  const values = parsed.output;
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
