import { KeelError, NOTHING_CHANGED } from '../errors';
import type { Connection } from './connection';

/** A server as an address names it; what it leaves out is undefined. */
export interface NamedServer {
  readonly host?: string;
  readonly port?: number;
}

/** The parts of a database URL that it names; what it leaves out is undefined. */
export interface UrlParts extends NamedServer {
  readonly scheme: string;
  /** Every server, the first one being that of `host` and `port`. */
  readonly servers: readonly NamedServer[];
  readonly database?: string;
  readonly user?: string;
  readonly password?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const SERVER = String.raw`(?:\[[^\]]*\]|[^:@/?[\],]*)(?::\d*)?`;

/**
 * As RFC 3986 has it, but for an `@` or `:` in a password, and several hosts with commas between them. Its groups are
 * those of {@link LENIENT}.
 */
const STRICT = new RegExp(
  String.raw`^([a-z][a-z0-9+.-]*):(?://(?:([^:@/?]*)(?::([^/?]*))?@)?)?(${SERVER}(?:,${SERVER})*(?:/[^@?]*)?(?:\?(?:[\w.-]+=[^&]*&?)*)?)$`,
  'i',
);

/** With a `/` or `?` in the password too: all up to the last `@` is the login. Scheme, user, password, the rest. */
const LENIENT = /^([a-z][a-z0-9+.-]*):(?:\/\/(?:([^:@/?]*)(?::(.*))?@)?)?([^@]*)$/i;

/** How a URL is written. `maskSecrets` leaves this word for a password as it is. */
export const URL_FORM = 'postgres://user:<password>@host:5432/database';

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
      hint: `It must be ${URL_FORM}, with special characters percent-encoded.`,
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
  const servers = namedServers(rest[1] ?? '', parameterHost, parameterPort);
  return {
    scheme: match[1].toLowerCase(),
    ...servers[0],
    servers,
    database: dbname ?? (rest[2] ? decode(rest[2]) : undefined),
    user: user ?? (match[2] ? decode(match[2]) : undefined),
    password: password ?? (match[3] === undefined ? undefined : decode(match[3])),
    parameters: parameters as Record<string, string>,
  };
}

/** The query's `host` and `port` stand over those before the path, as in libpq. */
function namedServers(
  authority: string,
  host: string | undefined,
  port: string | undefined,
): readonly NamedServer[] {
  const named = authority.split(',').map(splitHost);
  const hosts = host?.split(',') ?? named.map(([each]) => each);
  const ports = port?.split(',') ?? named.map(([, each]) => each);
  return pairServers(hosts, ports.map(toPort), 'The database URL');
}

/**
 * Hosts with their ports; one port holds for all of them.
 *
 * @throws KeelError `INVALID_URL` where there are more ports than hosts, or fewer
 */
export function pairServers(
  hosts: readonly (string | undefined)[],
  ports: readonly (number | undefined)[],
  what: string,
): readonly NamedServer[] {
  if (ports.length > 1 && ports.length !== hosts.length) {
    throw new KeelError(
      `${what} names ${hosts.length} host${hosts.length === 1 ? '' : 's'} and ${ports.length} ports.`,
      {
        code: 'INVALID_URL',
        state: NOTHING_CHANGED,
        hint: 'Give each host its port, or one port for all of them.',
      },
    );
  }
  return hosts.map((each, index) => ({
    host: each || undefined,
    port: ports.length > 1 ? ports[index] : ports[0],
  }));
}

function splitHost(text: string): [string | undefined, string | undefined] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::([^:]*))?$/.exec(text);
  const host = decode(match?.[1] ?? text).replace(/^\[|\]$/g, '');
  return [host === '' ? undefined : host, match?.[2] === '' ? undefined : match?.[2]];
}

function toPort(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return undefined;
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

/** Host and port of a connection, for people. */
export function addressOf({ host, port }: Pick<Connection, 'host' | 'port'>): string {
  if (host.startsWith('/')) return `${host}/.s.PGSQL.${port}`;
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** The servers that a connection may lead to, each once. */
export function serversOf(connection: Connection): readonly Pick<Connection, 'host' | 'port'>[] {
  const routes = connection.routes ?? [connection];
  return routes.filter(
    (route, index) =>
      routes.findIndex(({ host, port }) => host === route.host && port === route.port) === index,
  );
}

/** A host by the name under which it can be compared: this machine has several. */
export function canonicalHost(host: string): string {
  const name = host.toLowerCase().replace(/\.$/, '');
  return ['127.0.0.1', '::1'].includes(name) ? 'localhost' : name;
}

/** The URL of a connection, for people: its password masked unless asked for, and always where it is a function. */
export function connectionUrl(
  connection: Connection,
  options: { readonly password: boolean },
): string {
  const { user, password, database } = connection;
  const shown = options.password && typeof password === 'string';
  const secret = password === undefined ? '' : `:${shown ? encodeURIComponent(password) : '***'}`;
  const login = user === undefined ? '' : `${encodeURIComponent(user)}${secret}@`;
  const servers = serversOf(connection);
  if (servers.some(({ host }) => host.startsWith('/'))) {
    const hosts = servers.map(({ host }) => encodeURIComponent(host)).join(',');
    const ports = servers.map(({ port }) => port).join(',');
    return `postgres://${login}/${encodeURIComponent(database)}?host=${hosts}&port=${ports}`;
  }
  return `postgres://${login}${servers.map(addressOf).join(',')}/${encodeURIComponent(database)}`;
}
