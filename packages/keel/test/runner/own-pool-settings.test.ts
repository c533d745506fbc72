import { withDatabase } from '../support/database';
import { PACKAGE } from '../support/paths';
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

/** How a project may want its values, for the whole process; each of these was seen in a project. */
const PARSERS = `const { types, defaults } = require('pg');
  types.setTypeParser(20, BigInt);
  types.setTypeParser(1700, parseFloat);
  for (const each of [114, 1082, 1114, 1184, 3802]) types.setTypeParser(each, (text) => text);
  defaults.parseInt8 = true;`;

it('what the project makes of values, and how the session writes times, is its own affair', () =>
  withDatabase((database) =>
    withProject(
      {
        'config/config.js': `${PARSERS} module.exports = { development: {
          use_env_variable: 'DATABASE_URL', dialect: 'postgres' } };`,
        'migrations/1-a.js': migration(
          `await q.createTable('a', { id: { type: S.BIGINT, primaryKey: true }, n: S.DECIMAL });
           await q.bulkInsert('a', [{ id: 1 }]);`,
          `await q.dropTable('a');`,
        ),
        'migrations/2-b.js': migration(
          `await require(${JSON.stringify(PACKAGE)}).backfill(q, { table: 'a', set: { n: S.literal('id') } });`,
        ).replace('{ up', '{ transaction: false, up'),
      },
      async (project) => {
        const url = new URL(database.url);
        url.searchParams.set(
          'options',
          '-c DateStyle=German -c IntervalStyle=iso_8601 -c TimeZone=Asia/Kathmandu',
        );
        const env = { DATABASE_URL: url.href, NODE_ENV: 'development' };
        const lines = ['db:migrate', 'db:lint --all', 'db:environment', 'db:migrate:undo:all'];
        for (const line of lines)
          requireSuccess(line, await project.run('keel', line.split(' '), { env }));
      },
    ),
  ));
