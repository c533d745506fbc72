import type { Project } from './project';

/**
 * The options for `new Sequelize(...)`: the environment's own, with the address of the project's connection in
 * place of whatever the environment says of it.
 */
export function sequelizeOptions({
  config,
  connection,
}: Pick<Project, 'config' | 'connection'>): Readonly<Record<string, unknown>> {
  const { host, port, database, user, password, ssl, options, beforeConnect } = connection;
  const { applicationName } = connection;
  return {
    ...config,
    url: undefined,
    use_env_variable: undefined,
    dialect: 'postgres',
    // A run must see what it has written, which a replica shows later.
    replication: false,
    host,
    port,
    database,
    username: user,
    password,
    // Where nothing is said of TLS, `pg` looks into PGSSLMODE.
    dialectOptions: { application_name: applicationName, ...options, ssl },
    hooks: { ...(config.hooks as object | undefined), beforeConnect: beforeConnect ?? [] },
  };
}
