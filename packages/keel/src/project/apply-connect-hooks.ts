import type { Connection } from '../db/connection';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets, rememberSecret } from '../mask-secrets';
import type { EnvironmentConfig } from './read-config-file';

type Hook = (config: Record<string, unknown>) => unknown;

/** A login as the config tells it at the moment. */
type Login = Pick<Connection, 'host' | 'user'> & { readonly password: string | undefined };

/**
 * Lets the config have its last word on the login, as Sequelize does before each connection: by its
 * `hooks.beforeConnect`, or by a password that is a function, both of which fetch a token that is valid for some
 * minutes. Host and user are those of now; the password is fetched again for each connection.
 *
 * @throws KeelError `CONFIG_FAILED` where that fails
 */
export async function applyConnectHooks(
  connection: Connection,
  config: EnvironmentConfig,
): Promise<Connection> {
  const hooks = hooksOf(connection.beforeConnect);
  if (hooks.length === 0 && typeof connection.password !== 'function') return connection;
  const { host, user, password } = await askLogin(hooks, connection, config);
  // A host of the hook's own is the only one.
  const routes = host === connection.host ? connection.routes : undefined;
  if (password === undefined) return { ...connection, host, user, routes };
  return {
    ...connection,
    host,
    user,
    routes,
    password: async () => (await askLogin(hooks, connection, config)).password ?? password,
  };
}

async function askLogin(
  hooks: readonly Hook[],
  connection: Connection,
  config: EnvironmentConfig,
): Promise<Login> {
  try {
    const { host, port, database, user: username, password } = connection;
    const told: Record<string, unknown> = { ...config, host, port, database, username, password };
    for (const hook of hooks) await hook(told);
    const user = textOf(told.username) ?? connection.user;
    const secret: unknown =
      typeof told.password === 'function'
        ? await (told.password as () => unknown)()
        : told.password;
    rememberSecret(textOf(secret), [user, host, database]);
    return { host: textOf(told.host) ?? host, user, password: textOf(secret) };
  } catch (error) {
    throw new KeelError(
      `The config's beforeConnect hook or password function failed: ${maskSecrets(messageOf(error))}`,
      { code: 'CONFIG_FAILED', state: NOTHING_CHANGED, cause: error },
    );
  }
}

/** A hook may be a function, one with a name, or several of either. */
function hooksOf(beforeConnect: unknown): Hook[] {
  return [beforeConnect]
    .flat()
    .map((hook) => (typeof hook === 'object' ? (hook as { fn?: unknown } | null)?.fn : hook))
    .filter((hook): hook is Hook => typeof hook === 'function');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
