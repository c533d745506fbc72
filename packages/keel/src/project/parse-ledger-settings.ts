import * as v from 'valibot';
import { KeelError, NOTHING_CHANGED } from '../errors';

const storage = v.optional(
  v.picklist(
    ['sequelize', 'json', 'none'],
    (issue) => `must be sequelize, json or none, not ${issue.received}`,
  ),
);
const text = v.optional(v.string('must be a text'));
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

/** What a config says of the ledgers, once it has been checked. */
export type GivenLedgers = v.InferOutput<typeof settings>;

/**
 * Checks what the config says of the ledgers.
 *
 * @param given without what is empty
 * @param file the config file, for the message
 * @throws KeelError `CONFIG_INVALID` naming every setting that is wrong, not only the first
 */
export function parseLedgerSettings(given: unknown, file: string | undefined): GivenLedgers {
  const parsed = v.safeParse(settings, given);
  if (parsed.success) return parsed.output;
  throw new KeelError(`${file ?? 'The config'} has settings that keel cannot use.`, {
    code: 'CONFIG_INVALID',
    details: parsed.issues.map((issue) => `${v.getDotPath(issue) ?? ''} ${issue.message}`),
    state: NOTHING_CHANGED,
  });
}
