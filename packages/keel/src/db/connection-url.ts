import { readFileSync } from 'node:fs';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import type { Connection } from './connection';

/** The parts of a database URL that it names; what it leaves out is undefined. */
export interface UrlParts {
  readonly scheme: string;
  readonly host?: string;
  readonly port?: number;
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** As RFC 3986 has it, but for an `@` or `:` in a password. Its groups are those of {@link LENIENT}. */
const STRICT =
  /^([a-z][a-z0-9+.-]*):(?:\/\/(?:([^:@/?]*)(?::([^/?]*))?@)?)?((?:\[[^\]]*\]|[^:@/?[\]]*)(?::\d*)?(?:\/[^@?]*)?(?:\?(?:[\w.-]+=[^&]*&?)*)?)$/i;

/** With a `/` or `?` in the password too: all up to the last `@` is the login. Scheme, user, password, the rest. */
const LENIENT = /^([a-z][a-z0-9+.-]*):(?:\/\/(?:([^:@/?]*)(?::(.*))?@)?)?([^@]*)$/i;

/**
 * Takes a database URL apart. Unlike `new URL()` and pg-connection-string it allows `@`, `:`, `/`, `?` and stray `%`
 * in a password, as people write them, and it takes a Unix socket's folder for a host.
 *
 * @throws KeelError `INVALID_URL`, without the URL's text where that could hold a password
 */
export function parseDatabaseUrl(text: string): UrlParts {
  const match = STRICT.exec(text.trim()) ?? LENIENT.exec(text.trim());
  const rest = /^([^/?]*)(?:\/([^?]*))?(?:\?(.*))?$/s.exec(match?.[4] ?? '');
  if (!match?.[1] || !rest) {
    throw new KeelError('The database URL cannot be read.', {
      code: 'INVALID_URL',
      state: NOTHING_CHANGED,
      hint: 'It looks like postgres://user:password@host:5432/database; write special characters percent-encoded.',
    });
  }
  const {
    host: parameterHost,
    port: parameterPort,
    user,
    password,
    dbname,
    ...parameters
  } = Object.fromEntries(new URLSearchParams(rest[3] ?? '')) as Record<string, string | undefined>;
  const [host, port] = splitHost(rest[1] ?? '');
  requireOneHost(parameterHost ?? host);
  return {
    scheme: match[1].toLowerCase(),
    host: parameterHost ?? host,
    port: toPort(parameterPort ?? port),
    database: dbname ?? (rest[2] ? decode(rest[2]) : undefined),
    user: user ?? (match[2] ? decode(match[2]) : undefined),
    password: password ?? (match[3] === undefined ? undefined : decode(match[3])),
    parameters: parameters as Record<string, string>,
  };
}

function splitHost(text: string): [string | undefined, string | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text);
  const host = decode(match?.[1] ?? text).replace(/^\[|\]$/g, '');
  return [host === '' ? undefined : host, match?.[2] === '' ? undefined : match?.[2]];
}

/** libpq tries several hosts in turn; `pg` looks for one with a comma in its name. */
function requireOneHost(host: string | undefined): void {
  if (host?.includes(',') !== true) return;
  throw new KeelError(
    `The database URL names several hosts, ${host}, and \`pg\` connects to one.`,
    {
      code: 'INVALID_URL',
      state: NOTHING_CHANGED,
      hint: 'Name the host that takes writes.',
    },
  );
}

function toPort(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new KeelError(`The port ${text} of the database URL is not a number between 1 and 65535.`, {
    code: 'INVALID_URL',
    state: NOTHING_CHANGED,
  });
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What `pg` and Sequelize are told about TLS. */
type Ssl = Connection['ssl'];

/**
 * The TLS options of a URL's `sslmode`, `ssl`, `sslrootcert`, `sslcert` and `sslkey`, in libpq's sense:
 * `require` encrypts and does not check the certificate, `verify-full` does.
 *
 * @see https://www.postgresql.org/docs/current/libpq-ssl.html
 */
export function sslFromParameters(parameters: Readonly<Record<string, string>>): Ssl {
  const { sslmode, ssl, sslrootcert, sslcert, sslkey } = parameters;
  const files = {
    ...(sslrootcert && sslrootcert !== 'system' ? { ca: readPem('sslrootcert', sslrootcert) } : {}),
    ...(sslcert ? { cert: readPem('sslcert', sslcert) } : {}),
    ...(sslkey ? { key: readPem('sslkey', sslkey) } : {}),
  };
  switch (sslmode) {
    case undefined:
    case '':
      return ssl === undefined ? undefined : /^(true|1)$/i.test(ssl) ? { ...files } : false;
    case 'disable':
    case 'allow':
    case 'prefer':
      return false;
    case 'require':
    case 'no-verify':
      return { rejectUnauthorized: 'ca' in files, ...files, checkServerIdentity: () => undefined };
    case 'verify-ca':
      return { rejectUnauthorized: true, ...files, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { rejectUnauthorized: true, ...files };
    default:
      throw new KeelError(`The database URL has sslmode=${sslmode}, which does not exist.`, {
        code: 'INVALID_URL',
        state: NOTHING_CHANGED,
        hint: 'Use disable, prefer, require, verify-ca, verify-full or no-verify.',
      });
  }
}

function readPem(parameter: string, file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new KeelError(`The file of ${parameter} cannot be read: ${messageOf(error)}.`, {
      code: 'INVALID_URL',
      state: NOTHING_CHANGED,
      hint: `Correct ${parameter} in the URL; a path is relative to the folder in which keel runs.`,
      cause: error,
    });
  }
}

/** Host and port of a connection, for people. */
export function addressOf({ host, port }: Pick<Connection, 'host' | 'port'>): string {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The URL of a connection, for people: its password masked unless asked for, and always where it is a function. */
export function connectionUrl(
  connection: Connection,
  options: { readonly password: boolean },
): string {
  const { user, password, host, port, database } = connection;
  const shown = options.password && typeof password === 'string';
  const secret = password === undefined ? '' : `:${shown ? encodeURIComponent(password) : '***'}`;
  const login = user === undefined ? '' : `${encodeURIComponent(user)}${secret}@`;
  if (host.startsWith('/')) {
    return `postgres://${login}/${encodeURIComponent(database)}?host=${encodeURIComponent(host)}&port=${port}`;
  }
  return `postgres://${login}${addressOf(connection)}/${encodeURIComponent(database)}`;
}
