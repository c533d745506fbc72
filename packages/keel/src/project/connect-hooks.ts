import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import type { ResolvedDatabase } from './resolve-database';

type Hook = (config: Record<string, unknown>) => unknown;

/**
 * Lets the config have its last word on the login, as Sequelize does before each connection: by its
 * `hooks.beforeConnect`, or by a password that is a function, both of which fetch a token that is valid for some
 * minutes. Sequelize's own connections ask again; keel's begin with what is told now.
 *
 * @throws KeelError `CONFIG_FAILED` where that fails
 */
export async function applyConnectHooks(database: ResolvedDatabase): Promise<ResolvedDatabase> {
  const { connection, sequelizeOptions } = database;
  const hooks = hooksOf(sequelizeOptions.hooks);
  const { password } = sequelizeOptions;
  if (hooks.length === 0 && typeof password !== 'function') return database;
  try {
    const config: Record<string, unknown> = { ...sequelizeOptions };
    for (const hook of hooks) await hook(config);
    const told =
      typeof config.password === 'function'
        ? await (config.password as () => unknown)()
        : config.password;
    return {
      sequelizeOptions,
      connection: {
        ...connection,
        host: textOf(config.host) ?? connection.host,
        user: textOf(config.username) ?? connection.user,
        password: textOf(told) ?? connection.password,
      },
    };
  } catch (error) {
    throw new KeelError(
      `The config's beforeConnect hook or password function failed: ${maskSecrets(messageOf(error))}`,
      { code: 'CONFIG_FAILED', state: NOTHING_CHANGED, cause: error },
    );
  }
}

/** A hook may be a function, one with a name, or several of either. */
function hooksOf(hooks: unknown): Hook[] {
  const { beforeConnect } = (hooks ?? {}) as { beforeConnect?: unknown };
  return [beforeConnect]
    .flat()
    .map((hook) => (typeof hook === 'object' ? (hook as { fn?: unknown } | null)?.fn : hook))
    .filter((hook): hook is Hook => typeof hook === 'function');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
