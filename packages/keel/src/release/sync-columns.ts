import { createHash } from 'node:crypto';
import type { QueryInterface } from 'sequelize';
import { quoteIdentifier, quoteLiteral, quoteTable } from '../db/quote';
import { KeelError } from '../errors';
import type { BackfillOptions } from '../backfill/backfill-options';
import { generatorOf } from '../backfill/query-generator';
import { hasRows } from './has-rows';

/** Columns of a table that say the same in two forms. */
export interface SyncOptions {
  readonly table: BackfillOptions['table'];
  /**
   * The new columns, each computed from the old ones: `{ fullName: col('name') }`. An expression that is `undefined` is
   * still to be written: it is refused where the table has rows.
   */
  readonly forward: Readonly<Record<string, unknown>>;
  /** The old columns, each computed from the new ones: `{ name: col('fullName') }`. */
  readonly back: Readonly<Record<string, unknown>>;
}

/**
 * Keeps old and new columns of a table in step with a trigger, so that old and new code may write the same rows: whoever
 * writes the old columns gets the new ones computed, and the other way round. Where a statement writes both, the new ones
 * count. The new columns are to have no default meanwhile.
 *
 * @throws KeelError `SYNC_INVALID`
 * @example
 * await queryInterface.addColumn('users', 'fullName', DataTypes.TEXT);
 * await syncColumns(queryInterface, {
 *   table: 'users',
 *   forward: { fullName: col('name') },
 *   back: { name: col('fullName') },
 * });
 */
export async function syncColumns(
  queryInterface: QueryInterface,
  { table, forward, back }: SyncOptions,
): Promise<void> {
  const { escape } = expressionsOf(queryInterface);
  const [fresh, old] = [Object.keys(forward), Object.keys(back)];
  if (fresh.length === 0 || old.length === 0 || fresh.some((name) => old.includes(name)))
    throw new KeelError('syncColumns() needs new columns in "forward" and old ones in "back".', {
      code: 'SYNC_INVALID',
      state: 'Nothing was changed by it.',
      hint: 'Name each column on one side: { forward: { fullName: col("name") }, back: { name: col("fullName") } }.',
    });
  const { on, trigger, routine } = namesOf(table, fresh);
  const missing = [...Object.entries(forward), ...Object.entries(back)].find(
    ([, value]) => value === undefined,
  );
  if (missing !== undefined) {
    if (!(await hasRows(queryInterface, table))) return;
    throw expressionMissing(on, missing[0]);
  }
  const body = bodySql({
    fresh,
    old,
    forward: fresh.map((name) => escape(forward[name])),
    back: old.map((name) => escape(back[name])),
  });
  await queryInterface.sequelize.query(
    `CREATE FUNCTION ${routine}() RETURNS trigger LANGUAGE plpgsql AS ${quoteLiteral(body)};
     CREATE TRIGGER ${trigger} BEFORE INSERT OR UPDATE ON ${on} FOR EACH ROW EXECUTE FUNCTION ${routine}()`,
  );
}

/** Ends what {@link syncColumns} has begun. The columns stay. */
export async function unsyncColumns(
  queryInterface: QueryInterface,
  { table, forward }: Pick<SyncOptions, 'table' | 'forward'>,
): Promise<void> {
  const { on, trigger, routine } = namesOf(table, Object.keys(forward));
  await queryInterface.sequelize.query(
    // An earlier version gave the trigger another name: it goes with its function.
    `DROP TRIGGER IF EXISTS ${trigger} ON ${on}; DROP FUNCTION IF EXISTS ${routine}() CASCADE`,
  );
}

function expressionMissing(on: string, column: string): KeelError {
  return new KeelError(
    `syncColumns() has no expression for "${column}", and there are rows in ${on}.`,
    {
      code: 'SYNC_INVALID',
      state: 'Nothing was changed by it.',
      hint: `Write into the migration what "${column}" is computed from, then run the same command again.`,
    },
  );
}

function expressionsOf(queryInterface: QueryInterface): {
  escape(this: void, value: unknown): string;
} {
  const generator = generatorOf(queryInterface);
  return { escape: (value) => generator.escape(value) };
}

/** The trigger and its function are named after the table and the new columns, so that both can be found again. */
function namesOf(
  table: SyncOptions['table'],
  columns: readonly string[],
): { readonly on: string; readonly trigger: string; readonly routine: string } {
  const { tableName, schema } = typeof table === 'string' ? { tableName: table } : table;
  const what = JSON.stringify([tableName, [...columns].sort()]);
  const name = `keel_sync_${createHash('sha256').update(what).digest('hex').slice(0, 16)}`;
  return {
    on: quoteTable(schema, tableName),
    // Triggers fire in the order of their names. Whatever another one makes of the columns has to be done by then.
    trigger: quoteIdentifier(`~${name}`),
    routine: quoteTable(schema, name),
  };
}

interface BodyParts {
  readonly fresh: readonly string[];
  readonly old: readonly string[];
  readonly forward: readonly string[];
  readonly back: readonly string[];
}

function bodySql({ fresh, old, forward, back }: BodyParts): string {
  const row = (record: string, names: readonly string[]): string =>
    `ROW(${names.map((name) => `${record}.${quoteIdentifier(name)}`).join(', ')})`;
  const into = (names: readonly string[]): string =>
    names.map((name) => `NEW.${quoteIdentifier(name)}`).join(', ');
  const select = (values: readonly string[]): string =>
    values.map((value) => `(${value})`).join(', ');
  const given = fresh.map((name) => `NEW.${quoteIdentifier(name)} IS NOT NULL`).join(' OR ');
  return `
#variable_conflict use_column
DECLARE
  is_new boolean;
  in_step boolean;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    is_new := ${row('NEW', fresh)} IS DISTINCT FROM ${row('OLD', fresh)};
    IF NOT is_new AND ${row('NEW', old)} IS NOT DISTINCT FROM ${row('OLD', old)} THEN RETURN NEW; END IF;
  ELSE
    is_new := ${given};
  END IF;
  -- A backfill writes what is in step already; computing it back could lose a part.
  SELECT ${row('NEW', fresh)} IS NOT DISTINCT FROM ROW(${select(forward)}) INTO in_step FROM (SELECT NEW.*) AS own;
  IF in_step THEN RETURN NEW; END IF;
  IF is_new THEN
    SELECT ${select(back)} INTO ${into(old)} FROM (SELECT NEW.*) AS own;
  ELSE
    SELECT ${select(forward)} INTO ${into(fresh)} FROM (SELECT NEW.*) AS own;
  END IF;
  RETURN NEW;
END`;
}
