import { userInfo } from 'node:os';
import type { KeelErrorCode } from '../error-codes';
import { messageOf } from '../errors';
import { maskSecrets } from '../mask-secrets';
import type { Connection } from './connection';
import { quoteIdentifier } from './quote';
import { addressOf, connectionUrl } from './connection-url';

/** A failure to connect, in words. */
export interface Explanation {
  readonly code: KeelErrorCode;
  readonly message: string;
  readonly hint?: string;
}

/** How long a server may take to let us in, in milliseconds, where nothing else is said. */
export const CONNECT_TIMEOUT_MS = 15_000;

/**
 * Says what went wrong while connecting, and what to correct where.
 *
 * @param code that of PostgreSQL or of the operating system
 */
export function explainConnection(
  error: unknown,
  code: string | undefined,
  connection: Connection,
): Explanation {
  const text = maskSecrets(messageOf(error));
  if (needsTls(text, connection)) return tlsNeeded(text, connection);
  if (isTimeout(text, code)) return timedOut(connection);
  return (
    unreachable(code, connection) ??
    refused(text, code, connection) ?? {
      code: 'CONNECTION_FAILED',
      message: `Could not connect to ${connectionUrl(connection, { password: false })}: ${text}.`,
      hint: otherHint(text, code, connection),
    }
  );
}

function otherHint(text: string, code: string | undefined, connection: Connection): string {
  // A SQLSTATE of class 22 or 42: PostgreSQL was reached, and refuses what Sequelize sets first.
  if (/^(22|42)[0-9A-Z]{3}$/.test(code ?? ''))
    return `Check timezone and dialectOptions in ${placeOf(connection)}.`;
  if (/certificate|SSL|TLS/i.test(text)) return `Check ${tlsSettings(connection)}.`;
  return `Correct host and port in ${placeOf(connection)}, if that is no PostgreSQL server.`;
}

/** Where this project names its database, so that hints speak of nothing that it does not read. */
function placeOf({ origin }: Connection): string {
  return origin?.place ?? 'the connection that was given';
}

function tlsSettings({ origin }: Connection): string {
  return origin?.isUrl === true
    ? `sslmode in ${origin.place}`
    : `dialectOptions.ssl in ${origin?.place ?? 'the connection that was given'}`;
}

/** What hosted servers say to a login without TLS. Their code is 28000, that of a wrong login, or XX000. */
function needsTls(text: string, { ssl }: Connection): boolean {
  return (
    !ssl &&
    /no encryption|SSL off|SSL (connection )?(is )?required|insecure|sslmode=require/i.test(text)
  );
}

function tlsNeeded(text: string, connection: Connection): Explanation {
  const { origin } = connection;
  return {
    code: 'LOGIN_REFUSED',
    message: `The server at ${addressOf(connection)} lets nobody in without TLS: ${text}.`,
    hint:
      origin?.isUrl === true
        ? `Add ?sslmode=require to the URL in ${origin.place}.`
        : `Set dialectOptions: { ssl: { rejectUnauthorized: false } } in ${placeOf(connection)}, or true for a certificate that is to be checked.`,
  };
}

function isTimeout(text: string, code: string | undefined): boolean {
  return code === 'ETIMEDOUT' || /timeout expired|due to connection timeout/i.test(text);
}

function timedOut(connection: Connection): Explanation {
  const limit = Number(connection.options.connectionTimeoutMillis ?? CONNECT_TIMEOUT_MS);
  const after = limit > 0 ? ` within ${limit / 1000} s` : '';
  return {
    code: 'SERVER_UNREACHABLE',
    message: `Nothing at ${addressOf(connection)} answered as a PostgreSQL server does${after}.`,
    hint: `Correct host and port in ${placeOf(connection)}, or see what stands between, such as a firewall. A slow server gets longer with ${
      connection.origin?.isUrl === true
        ? '?connect_timeout=60'
        : 'dialectOptions: { connectionTimeoutMillis: 60000 }'
    } there.`,
  };
}

function unreachable(code: string | undefined, connection: Connection): Explanation | undefined {
  const place = placeOf(connection);
  const address = addressOf(connection);
  const hint = `Start the server, or correct host and port in ${place}. One that is still starting is waited for with --wait 30s.`;
  const because = (message: string, what = hint): Explanation => ({
    code: 'SERVER_UNREACHABLE',
    message,
    hint: what,
  });
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOENT':
      return because(`No PostgreSQL server answers at ${address}.`);
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return because(`The host ${connection.host} is not known.`, `Correct the host in ${place}.`);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EADDRNOTAVAIL':
      return because(`There is no way from this machine to ${address}.`);
    case 'EACCES':
    case 'EPERM':
      return because(
        `This account may not connect to ${address}.`,
        'Run as another account, or let the firewall or the permissions of the socket admit this one.',
      );
    case undefined:
    default:
      return undefined;
  }
}

function refused(
  text: string,
  code: string | undefined,
  connection: Connection,
): Explanation | undefined {
  const { database, user, origin } = connection;
  const address = addressOf(connection);
  const login = `login of "${user ?? userInfo().username}"`;
  // What `pg` says where the server asks for a password, and nothing gives one.
  if (/password must be a (non-empty )?string/i.test(text)) {
    return {
      code: 'LOGIN_REFUSED',
      message: `The server at ${address} asks for a password for the ${login}, and there is none.`,
      hint: `Set the password in ${placeOf(connection)}.`,
    };
  }
  switch (code) {
    case '28P01':
    case '28000':
      return {
        code: 'LOGIN_REFUSED',
        message: `The server at ${address} refused the ${login}: ${text}.`,
        hint: text.includes('pg_hba')
          ? "Let the server's pg_hba.conf admit this user from this machine."
          : text.includes('not permitted to log in')
            ? `Give the role LOGIN, or correct the user in ${placeOf(connection)}.`
            : `Correct user and password in ${placeOf(connection)}.`,
      };
    case '42501':
      return {
        code: 'LOGIN_REFUSED',
        message: `The server at ${address} does not let "${user ?? userInfo().username}" into the database "${database}": ${text}.`,
        hint: `Let its owner say: GRANT CONNECT ON DATABASE ${quoteIdentifier(database)} TO ${quoteIdentifier(user ?? userInfo().username)};`,
      };
    case '3D000':
      return {
        code: 'DATABASE_NOT_FOUND',
        message: `The database "${database}" does not exist on ${address}.`,
        hint: `Make it with: ${['keel db:create', ...(origin?.flags ?? [])].join(' ')}`,
      };
    case '53300':
      return {
        code: 'TOO_MANY_CONNECTIONS',
        message: `The server at ${address} has no connection free: ${text}.`,
        hint: "Close other connections or raise max_connections (or the role's or database's limit), then run again.",
      };
    case undefined:
    default:
      return undefined;
  }
}
