import type { Connection, Route, SessionTarget } from '../db/connection';
import {
  pairServers,
  parseDatabaseUrl,
  serversOf,
  type NamedServer,
  type UrlParts,
} from '../db/connection-url';
import { tlsVariants } from '../db/tls-options';
import { KeelError, NOTHING_CHANGED } from '../errors';

const DEFAULT_PORT = 5432;

const TARGETS: readonly SessionTarget[] = [
  ...(['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const),
];

/** What a URL says of the way to its servers. */
export type UrlRoutes = Pick<UrlParts, 'servers' | 'parameters'>;

/** What says where the server is. */
export interface RouteSources {
  /** Of the URL, where there is one. */
  readonly parts: UrlRoutes | undefined;
  /** The environment of the config. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** That of `dialectOptions`, which stands over all else that is said of TLS. */
  readonly ssl: unknown;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The servers that an address names, each with and without TLS where it leaves that open, and which one to take. */
export function resolveRoutes(
  given: RouteSources,
): Pick<Connection, 'host' | 'port' | 'ssl' | 'routes' | 'target'> {
  const sources = { ...given, parts: given.parts ?? partsOf(given.fields) };
  const { parts, env } = sources;
  const routes = namedServers(sources).flatMap(({ host = 'localhost', port = DEFAULT_PORT }) =>
    tlsOf(host, sources).map((ssl): Route => ({ host, port, ssl })),
  );
  const target = targetOf(parts?.parameters.target_session_attrs || env.PGTARGETSESSIONATTRS);
  return { ...routes[0]!, routes: routes.length > 1 ? routes : undefined, target };
}

/** What a URL leaves open, for an environment of the config that gives its parts one by one. */
export function openRoutes(url: string, connection: Connection): UrlRoutes | undefined {
  if (connection.routes === undefined && connection.target === undefined) return undefined;
  return { servers: serversOf(connection), parameters: parseDatabaseUrl(url).parameters };
}

/**
 * What `databaseFromUrl()` could not say in fields that Sequelize knows; undefined too where the config has put
 * another host or port in the place of those.
 */
function partsOf({ urlRoutes, host, port }: RouteSources['fields']): UrlRoutes | undefined {
  const parts = urlRoutes as UrlRoutes | undefined;
  const first = parts?.servers[0];
  return first && first.host === host && first.port === port ? parts : undefined;
}

/** Those of the URL; else those of the config, and behind it of libpq's variables. */
function namedServers({ parts, fields, env }: RouteSources): readonly NamedServer[] {
  const [first = {}, ...others] = parts?.servers ?? [];
  if (others.length > 0) return [first, ...others];
  const hosts = listOf(first.host) ?? listOf(fields.host) ?? listOf(env.PGHOST) ?? [undefined];
  const ports = listOf(first.port) ?? listOf(fields.port) ?? listOf(env.PGPORT) ?? [undefined];
  return pairServers(hosts as (string | undefined)[], ports.map(portOf), 'The config');
}

/** How to try TLS with a host: what stands nearest to it says so, `dialectOptions` first and libpq's variables last. */
function tlsOf(host: string, { parts, fields, ssl, env }: RouteSources): readonly Route['ssl'][] {
  const own = ssl ?? undefined;
  if (own !== undefined) return [own];
  const parameters = parts?.parameters ?? {};
  const byUrl = parameters.sslmode || parameters.ssl || parameters.sslrootcert === 'system';
  if (!byUrl && fields.ssl !== undefined && fields.ssl !== null) return [fields.ssl];
  // It has no TLS, and libpq's variables are about another server.
  if (fields.embedded === true) return [false];
  const variables = tlsVariables(env, !byUrl);
  const variants = tlsVariants({ ...variables, ...parameters }) ?? [undefined];
  // libpq uses no TLS on a Unix socket, whatever is said.
  return host.startsWith('/') ? [false] : variants;
}

function tlsVariables(
  { PGSSLMODE, PGSSLROOTCERT, PGSSLCERT, PGSSLKEY }: RouteSources['env'],
  mode: boolean,
): Readonly<Record<string, string | undefined>> {
  const files = { sslrootcert: PGSSLROOTCERT, sslcert: PGSSLCERT, sslkey: PGSSLKEY };
  if (!mode) return files;
  // Certificates alone ask for no TLS: without sslmode keel connects as `pg` does.
  return PGSSLMODE || PGSSLROOTCERT === 'system' ? { ...files, sslmode: PGSSLMODE } : {};
}

function targetOf(name: string | undefined): SessionTarget | undefined {
  if (!name || name === 'any') return undefined;
  const known = TARGETS.find((each) => each === name);
  if (known) return known;
  throw new KeelError(`target_session_attrs=${name} does not exist.`, {
    code: 'INVALID_URL',
    state: NOTHING_CHANGED,
    hint: `Use one of ${TARGETS.join(', ')}.`,
  });
}

/** A list with commas, as libpq takes it; a value that is none is left as it is, for an error to show it. */
function listOf(value: unknown): readonly unknown[] | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (typeof value !== 'string') return [value];
  return value.split(',').map((each) => each.trim() || undefined);
}

function portOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  const port = Number(value);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new KeelError(
    `The config's port ${JSON.stringify(value)} is not a number between 1 and 65535.`,
    { code: 'CONFIG_INVALID', state: NOTHING_CHANGED },
  );
}
