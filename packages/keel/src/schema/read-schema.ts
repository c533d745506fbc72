import type { ClientBase } from 'pg';
import { ignoreObjects } from './ignore-objects';
import { keyOf } from './object-names';
import { prepareCatalogReads } from './prepare-catalog-reads';
import { readConstraints } from './read-constraints';
import { readIndexes } from './read-indexes';
import { readOtherRows, toOtherObjects } from './read-others';
import { readPolicies, readTriggers } from './read-rules';
import { readSettings } from './read-settings';
import { readColumns, readTables, type TableRow } from './read-tables';
import { readEnums, readExtensions, readNamespaces, readSequences } from './read-types';
import type { QualifiedName, Schema, Setting, Table } from './schema';

export interface ReadSchemaOptions {
  /** Tables to leave out, such as the ledgers. keel's own are always left out. */
  readonly ignore?: readonly Partial<QualifiedName>[];
  /** Patterns of objects to leave out: see {@link ignoreObjects}. */
  readonly patterns?: readonly string[];
  /** True where the client is inside a transaction of the caller's, which is then left as it is. */
  readonly inTransaction?: boolean;
  /** Leave out all but the tables with their columns, constraints and indexes: a quarter of the time. */
  readonly tablesOnly?: boolean;
}

/**
 * Reads the whole schema of the database that `client` is connected to, without what belongs to an
 * extension, in a constant number of queries.
 *
 * Source: the system catalogs, https://www.postgresql.org/docs/current/catalogs.html.
 */
export async function readSchema(
  client: ClientBase,
  options: ReadSchemaOptions = {},
): Promise<Schema> {
  return withCatalogPath(client, options.inTransaction === true, async () => {
    const serverVersion = await readServerVersion(client);
    const all = await readTables(client, serverVersion);
    if (options.tablesOnly === true)
      return ignoreObjects(
        await readTablesOnly(client, serverVersion, all, options),
        options.patterns ?? [],
      );
    const settings = await readSettings(client, serverVersion);
    const others = await readOtherRows(client, serverVersion);
    const schema: Schema = {
      serverVersion,
      namespaces: await readNamespaces(client),
      extensions: await readExtensions(client),
      enums: await readEnums(client),
      sequences: await readSequences(client),
      tables: await readParts(client, serverVersion, all, settings, options.ignore ?? []),
      others: toOtherObjects(others, settings),
    };
    return ignoreObjects(schema, options.patterns ?? []);
  });
}

async function readTablesOnly(
  client: ClientBase,
  serverVersion: number,
  all: readonly TableRow[],
  { ignore = [] }: ReadSchemaOptions,
): Promise<Schema> {
  const none = { namespaces: [], extensions: [], enums: [], sequences: [], others: [] };
  const tables = await readParts(client, serverVersion, all, undefined, ignore);
  return { serverVersion, ...none, tables };
}

/** @param settings undefined where the tables' own objects are enough, without triggers and policies */
async function readParts(
  client: ClientBase,
  serverVersion: number,
  all: readonly TableRow[],
  settings: ReadonlyMap<number, Setting[]> | undefined,
  ignore: readonly Partial<QualifiedName>[],
): Promise<Table[]> {
  const oids = all.map(({ oid }) => oid);
  const columns = await readColumns(client, serverVersion, oids);
  const constraints = await readConstraints(client, columns, oids);
  const indexes = await readIndexes(client, serverVersion, columns, oids);
  const isWhole = settings !== undefined;
  const triggers = isWhole ? await readTriggers(client, serverVersion, oids) : undefined;
  const policies = isWhole ? await readPolicies(client, oids) : undefined;
  return all
    .filter((row) => !isIgnored(row, ignore))
    .map(({ oid, ...table }) => ({
      ...table,
      columns: (columns.get(oid) ?? []).map((entry) => entry.column),
      constraints: constraints.get(oid) ?? [],
      indexes: indexes.get(oid) ?? [],
      triggers: triggers?.get(oid) ?? [],
      policies: policies?.get(oid) ?? [],
      settings: settings?.get(oid) ?? [],
    }));
}

function isIgnored(table: QualifiedName, ignore: readonly Partial<QualifiedName>[]): boolean {
  return ignore.some(
    ({ schema, name }) => name === table.name && (schema === undefined || schema === table.schema),
  );
}

/** Made a number here: a database may have a cast of its own from text to integer. */
export async function readServerVersion(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ version: string }>(
    `SELECT pg_catalog.current_setting('server_version_num') AS version`,
  );
  return Number(rows[0]?.version ?? 0);
}

/** One snapshot for all queries, and names that are qualified whatever the role's own search_path is. */
async function withCatalogPath<T>(
  client: ClientBase,
  inTransaction: boolean,
  read: () => Promise<T>,
): Promise<T> {
  if (inTransaction) {
    const { rows } = await client.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('search_path', 'jit')`,
    );
    await prepareCatalogReads(client);
    const result = await read();
    await client.query(
      'SELECT pg_catalog.set_config(name, setting, true) FROM unnest($1::text[], $2::text[]) AS old (name, setting)',
      [rows.map(({ name }) => name), rows.map(({ setting }) => setting)],
    );
    return result;
  }
  await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
  try {
    await prepareCatalogReads(client);
    return await read();
  } finally {
    await client.query('ROLLBACK');
  }
}

/** Objects by key: for those who look many of them up. */
export function byKey<T extends QualifiedName>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [keyOf(object), object]));
}
