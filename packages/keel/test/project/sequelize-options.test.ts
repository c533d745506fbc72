import path from 'node:path';
import { createSequelize } from '../../src/project/load-sequelize';
import { REPOSITORY } from '../support/paths';
import { readPassword } from '../../src/db/connection';
import { applyConnectHooks } from '../../src/project/apply-connect-hooks';
import type { EnvironmentConfig } from '../../src/project/read-config-file';
import type { Project } from '../../src/project/project';
import { withConnection } from '../../src/project/read-project';
import { resolveDatabase } from '../../src/project/resolve-database';
import { sequelizeOptions } from '../../src/project/sequelize-options';

async function projectOf(config: EnvironmentConfig): Promise<Project> {
  const connection = await applyConnectHooks(resolveDatabase(config, {}), config);
  return { config, connection, embedded: true } as Project;
}

const address = ({
  host,
  port,
  database,
  username,
}: Readonly<Record<string, unknown>>): unknown => [host, port, database, username];

it('gives Sequelize the address of the URL, whatever else the environment says', async () => {
  const options = sequelizeOptions(
    await projectOf({
      url: 'postgres://u:p@h:1/d?sslmode=require&application_name=app',
      host: 'other',
      database: 'other',
      define: { underscored: true },
    }),
  );
  expect(address(options)).toEqual(['h', 1, 'd', 'u']);
  expect(options).toMatchObject({
    password: 'p',
    dialect: 'postgres',
    url: undefined,
    define: { underscored: true },
    dialectOptions: { application_name: 'app', ssl: { rejectUnauthorized: false } },
  });
});

it('gives Sequelize the address of the server that takes the writes', async () => {
  const options = sequelizeOptions(
    await projectOf({
      database: 'd',
      replication: { write: { host: 'writer', username: 'u' }, read: [{ host: 'reader' }] },
    }),
  );
  expect(address(options)).toEqual(['writer', 5432, 'd', 'u']);
  expect(options.replication).toBe(false);
});

it('follows a project to another database, and to another server without the login of the first', async () => {
  const beforeConnect = (config: Record<string, unknown>): void => {
    config.password = 'token';
  };
  const hooks = { beforeConnect, afterConnect: () => undefined };
  const project = await projectOf({ host: 'h', database: 'd', username: 'u', hooks });
  const moved = withConnection(project, { database: 'other', host: undefined });
  expect(address(sequelizeOptions(moved))).toEqual(['h', 5432, 'other', 'u']);
  expect(sequelizeOptions(moved).hooks).toEqual(hooks);
  expect(await readPassword(moved.connection)).toBe('token');

  const away = sequelizeOptions(withConnection(project, { host: 'away', password: 'known' }));
  expect(address(away)).toEqual(['away', 5432, 'd', 'u']);
  expect(away.password).toBe('known');
  expect(away.hooks).toEqual({ ...hooks, beforeConnect: [] });
});

it('asks for a token anew for each connection, by a hook or by a function', async () => {
  let count = 0;
  const next = (): Promise<string> => Promise.resolve(`token ${String((count += 1))}`);
  const hook = {
    name: 'token',
    fn: async (config: Record<string, unknown>) => {
      config.password = await next();
      config.host = 'from-the-hook';
    },
  };
  const ways: EnvironmentConfig[] = [{ password: next }, { hooks: { beforeConnect: [hook] } }];
  for (const way of ways) {
    const { connection } = await projectOf({ host: 'h', database: 'd', ...way });
    expect(connection.host).toBe('hooks' in way ? 'from-the-hook' : 'h');
    const first = await readPassword(connection);
    expect(first).toMatch(/^token \d+$/);
    expect(await readPassword(connection)).not.toBe(first);
  }
});

it('says that it was the hook of the config that failed', async () => {
  const beforeConnect = (): never => {
    throw new Error('nobody is logged in');
  };
  await expect(projectOf({ database: 'd', hooks: { beforeConnect } })).rejects.toThrow(
    "The config's beforeConnect hook or password function failed: nobody is logged in",
  );
});

it('names a hook that Sequelize does not know, and the config that it stands in', async () => {
  const hooks = { beforeConnect: () => undefined, beforeConect: () => undefined };
  const project = {
    ...(await projectOf({ url: 'postgres://u:p@h:1/d', hooks })),
    environment: 'production',
    configPath: path.join(REPOSITORY, 'config', 'config.js'),
    paths: { root: REPOSITORY },
  } as Project;
  expect(() => createSequelize(project)).toThrow(
    `Sequelize refuses the environment "production" of ${path.join('config', 'config.js')}: it has no hook "beforeConect".`,
  );
  const pool = { ...project, config: { ...project.config, hooks: {}, pool: { max: -1 } } };
  expect(() => createSequelize(pool)).toThrow(/max must be an integer/);
});
