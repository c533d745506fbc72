import type { ClientBase } from 'pg';
import { quoteIdentifier, quoteLiteral } from '../db/quote';
import { readServerVersion } from '../schema/read-schema';
import { readExtensions, readNamespaces } from '../schema/read-types';
import type { Extension } from '../schema/schema';

/** What a database has besides tables, and what migrations may count on: a scratch database gets the same. */
export interface Surroundings {
  readonly encoding: string;
  /** The clauses of CREATE DATABASE for collation, character type and locale provider. */
  readonly locale: string;
  /** ALTER DATABASE and ALTER ROLE … SET, the stronger ones last. */
  readonly settings: readonly DatabaseSetting[];
  /** The schemas in which unqualified names are looked for, besides `public`. */
  readonly path: readonly string[];
  readonly namespaces: readonly string[];
  readonly extensions: readonly Extension[];
  /** The roles of the server, which GRANT and CREATE POLICY may name. */
  readonly roles: readonly string[];
}

export interface DatabaseSetting {
  readonly name: string;
  readonly value: string;
  /** False for those of the role in every database, which a database on the same server has by itself. */
  readonly ofDatabase: boolean;
}

/** Limits and habits of sessions; none of them shapes what a migration builds. */
const leftOut = new Set([
  'default_transaction_read_only',
  'idle_in_transaction_session_timeout',
  'idle_session_timeout',
  'lock_timeout',
  'statement_timeout',
  'synchronous_commit',
  'transaction_timeout',
]);

/** Reads the surroundings of the database that `client` is connected to. */
export async function readSurroundings(client: ClientBase): Promise<Surroundings> {
  const version = await readServerVersion(client);
  const { rows: roles } = await client.query<{ name: string }>(
    `SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY 1`,
  );
  const { rows: path } = await client.query<{ name: string }>(
    `SELECT name FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) name WHERE name <> 'public' AND name !~ '^pg_'`,
  );
  return {
    ...(await readLocale(client, version)),
    settings: await readDatabaseSettings(client),
    path: path.map(({ name }) => name),
    namespaces: await readNamespaces(client),
    extensions: await readExtensions(client),
    roles: roles.map(({ name }) => name),
  };
}

const providers: Readonly<Record<string, string>> = { b: 'builtin', c: 'libc', i: 'icu' };

interface LocaleRow {
  encoding: string;
  collate: string;
  ctype: string;
  provider: string;
  locale: string | null;
}

async function readLocale(
  client: ClientBase,
  version: number,
): Promise<Pick<Surroundings, 'encoding' | 'locale'>> {
  const locale = version >= 170000 ? 'datlocale' : version >= 150000 ? 'daticulocale' : 'NULL';
  const { rows } = await client.query<LocaleRow>(
    `SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate AS collate, datctype AS ctype,
       ${version >= 150000 ? 'datlocprovider' : `'c'`} AS provider, ${locale} AS locale
     FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()`,
  );
  const row = rows[0] ?? {
    encoding: 'UTF8',
    collate: 'C',
    ctype: 'C',
    provider: 'c',
    locale: null,
  };
  const isNamed = row.locale !== null && row.provider !== 'c';
  const named = `${row.provider === 'i' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE'} ${quoteLiteral(row.locale ?? '')}`;
  const clauses = [
    // Said always: it need not be that of template0.
    ...(version >= 150000 ? [`LOCALE_PROVIDER ${providers[row.provider] ?? 'libc'}`] : []),
    `LC_COLLATE ${quoteLiteral(row.collate)}`,
    `LC_CTYPE ${quoteLiteral(row.ctype)}`,
    ...(isNamed ? [named] : []),
  ];
  return { encoding: row.encoding, locale: clauses.join(' ') };
}

async function readDatabaseSettings(client: ClientBase): Promise<DatabaseSetting[]> {
  const { rows } = await client.query<{ setting: string; of_database: boolean }>(
    `SELECT pg_catalog.unnest(s.setconfig) AS setting, s.setdatabase <> 0 AS of_database
     FROM pg_catalog.pg_db_role_setting s
     WHERE s.setdatabase IN (0, (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()))
       AND s.setrole IN (0, (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = session_user))
     ORDER BY CASE WHEN s.setrole = 0 THEN 0 WHEN s.setdatabase = 0 THEN 1 ELSE 2 END`,
  );
  return rows
    .map(({ setting, of_database: ofDatabase }) => {
      const end = setting.indexOf('=');
      return { name: setting.slice(0, end), value: setting.slice(end + 1), ofDatabase };
    })
    .filter(({ name }) => !leftOut.has(name));
}

/**
 * Makes a database with these surroundings, as far as the server allows it.
 *
 * @param owner a connection of a role that may create databases
 * @param isSameServer whether the role and its own settings are on the server already
 */
export async function createSurrounded(
  owner: ClientBase,
  name: string,
  surroundings: Surroundings | undefined,
  isSameServer: boolean,
): Promise<void> {
  const create = `CREATE DATABASE ${quoteIdentifier(name)} TEMPLATE template0`;
  if (surroundings === undefined) {
    await owner.query(create);
    return;
  }
  const { encoding, locale, roles } = surroundings;
  const full = `${create} ENCODING ${quoteLiteral(encoding)} ${locale}`;
  if (isSameServer) await owner.query(full);
  // Another machine may not know the locale.
  else await owner.query(full).catch(() => owner.query(create));
  await applySettings(owner, name, surroundings, isSameServer);
  if (isSameServer) return;
  for (const role of roles)
    await owner.query(`CREATE ROLE ${quoteIdentifier(role)}`).catch(() => undefined);
}

/** Gives a database the settings of another: CREATE DATABASE … TEMPLATE does not copy them. */
export async function applySettings(
  owner: ClientBase,
  name: string,
  { settings }: Surroundings,
  isSameServer: boolean,
): Promise<void> {
  for (const setting of settings) {
    if (setting.ofDatabase || !isSameServer) await applySetting(owner, name, setting);
  }
}

/** FROM CURRENT, because the value of a list such as search_path cannot be written as one literal. */
async function applySetting(
  owner: ClientBase,
  database: string,
  { name, value }: DatabaseSetting,
): Promise<void> {
  const quoted = name.split('.').map(quoteIdentifier).join('.');
  try {
    await owner.query('BEGIN');
    await owner.query('SELECT pg_catalog.set_config($1, $2, true)', [name, value]);
    await owner.query(`ALTER DATABASE ${quoteIdentifier(database)} SET ${quoted} FROM CURRENT`);
    await owner.query('COMMIT');
  } catch {
    // A setting that only a superuser may make, or of an extension that is not loaded here.
    await owner.query('ROLLBACK');
  }
}
