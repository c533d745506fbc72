import { withDatabase } from '../support/database';
import { migration } from '../support/project';
import { queryDatabase, requireSuccess, withProject } from '../support/projects';

/** Leaves a setting on the session, after which keel goes on with a new connection. */
const leavesSetting = (table: string): string =>
  migration(`await q.createTable('${table}', { id: S.INTEGER });
    await q.sequelize.query("SET search_path = nowhere");`);

/** What a project may say of its pool, as JavaScript; each was seen in a project, or is a form of it. */
const pools: Readonly<Record<string, string>> = {
  'a validate that accepts everything': 'pool: { validate: () => true }',
  'an async validate, whose promise accepts everything': 'pool: { validate: async () => false }',
  'one connection at most, accepted always':
    'pool: { max: 1, min: 1, validate: (c) => c !== null }',
  'a validate that accepts nothing': 'pool: { validate: () => false }',
  'each connection used once': 'pool: { maxUses: 1, validate: () => 1 }',
  'a replication': `replication: { write: {}, read: [{}] }, pool: { validate: () => true }`,
  'hooks that look at each connection': `pool: { validate: () => true }, hooks: {
      afterConnect: (client) => client.query('SELECT 1'),
      beforeDisconnect: () => undefined, beforePoolAcquire: () => undefined }`,
};

it.each(Object.entries(pools))('runs all files with %s', (_, settings) =>
  withDatabase((database) =>
    withProject(
      {
        'config/config.js': `module.exports = { development: {
          use_env_variable: 'DATABASE_URL', dialect: 'postgres', ${settings} } };`,
        'migrations/1-a.js': leavesSetting('a'),
        'migrations/2-b.js': leavesSetting('b'),
        'migrations/3-c.js': migration(`await q.createTable('c', { id: S.INTEGER });`),
      },
      async (project) => {
        requireSuccess(
          'db:migrate',
          await project.run('keel', ['db:migrate'], { env: { DATABASE_URL: database.url } }),
        );
        const tables = await queryDatabase<{ name: string }>(
          database,
          `SELECT relname AS name FROM pg_class WHERE oid IN (SELECT to_regclass(t) FROM unnest('{a,b,c}'::text[]) t)`,
        );
        expect(tables.map(({ name }) => name).sort()).toEqual(['a', 'b', 'c']);
      },
    ),
  ),
);
