import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import { findFreePort } from '../support/free-port';
import { migration, startKeel, tableMigration, withDatabaseProject } from '../support/project';
import { withClient, withDatabase } from '../support/database';
import { withProject } from '../support/projects';

/** Reads `.env` files as dotenv does: a variable that is set is left alone. */
const OWN_LOADER = `
const { readFileSync } = require('fs');
for (const [, name, value] of readFileSync('.env.local', 'utf8').matchAll(/^(\\w+)=(.*)$/gm))
  if (!Object.prototype.hasOwnProperty.call(process.env, name)) process.env[name] = value;
`;

const FIELDS = `module.exports = {
  development: { dialect: 'postgres', use_env_variable: 'APP_DB' },
  test: { dialect: 'postgres', use_env_variable: 'APP_DB' },
};`;

test('.env is read before the config, and everything else wins over it', async () => {
  await withDatabase((database) =>
    withProject(
      {
        'config/config.js': FIELDS,
        'migrations/1-a.js': tableMigration('a'),
        '.env': `# of the project\nexport NODE_ENV=test\nAPP_DB="${database.url}"\nnonsense\nKEY='a\nb'\n`,
      },
      async (project) => {
        const read = await project.run('keel', ['db:migrate']);
        expect(read).toMatchObject({ code: 0 });
        expect(read.stdout).toContain('Using environment "test".');
        expect(read.stderr).toContain('WARNING: .env, line 4, is not NAME=value and is left out.');

        const away = 'postgres://nobody@127.0.0.1:1/away';
        const given = await project.run('keel', ['db:migrate:status'], { env: { APP_DB: away } });
        expect(given.stderr).toMatch(
          /127\.0\.0\.1:1.*correct host and port in the variable APP_DB\./s,
        );

        project.write({
          'config/config.js': OWN_LOADER + FIELDS,
          '.env.local': `APP_DB=${away}\n`,
        });
        const own = await project.run('keel', ['db:migrate:status']);
        expect(own.stderr).toContain('127.0.0.1:1');

        project.write({ 'config/config.js': FIELDS, '.env': `APP_DB=${away}\n` });
        const hint = await project.run('keel', ['db:migrate:status']);
        expect(hint.stderr).toContain('the variable APP_DB of .env');
      },
    ),
  );
});

test('without any config, DATABASE_URL names the database', async () => {
  await withDatabase((database) =>
    withProject({ 'migrations/1-a.js': tableMigration('a') }, async (project) => {
      const neither = await project.run('keel', ['db:migrate']);
      expect(neither).toMatchObject({ code: 1, stdout: '' });
      expect(neither.stderr).toMatch(/Cannot find .*config\.json", and DATABASE_URL is not set\./);
      const byVariable = { env: { DATABASE_URL: database.url } };
      expect(await project.run('keel', ['db:migrate'], byVariable)).toMatchObject({ code: 0 });
      project.write({ '.env': `DATABASE_URL=${database.url}\n` });
      const byFile = await project.run('keel', ['db:migrate:status']);
      expect(byFile).toMatchObject({ code: 0, stdout: expect.stringContaining('up 1-a.js') });
      // What is asked for and not there is not replaced by it.
      const asked = await project.run('keel', ['db:migrate', '--config', 'nope.json']);
      expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining('nope.json') });
    }),
  );
});

describe('a server that is not up yet', () => {
  const MIGRATIONS = { 'migrations/1-a.js': tableMigration('a') };

  /** Leads to the run's server from the moment that it is told to; hangs up on everybody before it. */
  async function openGate(url: string, port: number, upAfterMs: number): Promise<Server> {
    const target = new URL(url);
    const up = Date.now() + upAfterMs;
    const gate = createServer((socket) => {
      socket.on('error', () => undefined);
      if (Date.now() < up) return socket.destroy();
      const onward = connect(Number(target.port || 5432), target.hostname);
      onward.on('error', () => socket.destroy());
      return socket.pipe(onward).pipe(socket);
    }).listen(port, '127.0.0.1');
    await once(gate, 'listening');
    return gate;
  }

  test('is waited for, which is said once', async () => {
    await withDatabaseProject(MIGRATIONS, async ({ database, start, root }) => {
      const port = await findFreePort();
      const url = database.url.replace(/@[^/]+/, `@127.0.0.1:${port}`);
      const { child, ended } = start(['db:migrate', '--wait', '40s'], { DATABASE_URL: url });
      await once(child.stderr, 'data');
      const gate = await openGate(database.url, port, 500);
      const { code, stderr } = await ended;
      expect([code, stderr.trim()]).toEqual([
        0,
        `Waiting for up to 40 s: No PostgreSQL server answers at 127.0.0.1:${port}.`,
      ]);
      gate.close();

      // Of a login that is refused, nothing is better later.
      const wrong = url.replace(/:[^:@/]+@[^/]+/, `:wrong@${new URL(database.url).host}`);
      const refused = startKeel(['db:migrate:status', '--wait', '10m'], {
        cwd: root,
        env: { DATABASE_URL: wrong },
      });
      expect(await refused.ended).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/refused the login/),
      });
    });
  });

  test('is waited for as long as the config says, unless the command line says otherwise', async () => {
    const port = await findFreePort();
    const address = { dialect: 'postgres', host: '127.0.0.1', port, database: 'd' };
    const config = { development: { ...address, keel: { wait: '1s' } } };
    await withProject({ 'config/config.json': config, ...MIGRATIONS }, async ({ run, root }) => {
      const { code, stderr } = await run('keel', ['db:migrate']);
      expect(code).toBe(1);
      expect(stderr).toMatch(/^Waiting for up to 1 s: .*keel has waited for 1 s\./s);
      const { stderr: notWaited } = await run('keel', ['db:migrate', '--wait', '0']);
      expect(notWaited).not.toMatch(/Waiting|has waited/);

      for (const command of ['db:migrate', 'db:check']) {
        const { child, ended } = startKeel([command, '--wait', '60'], { cwd: root, env: {} });
        await once(child.stderr, 'data');
        child.kill('SIGINT');
        expect(await ended).toMatchObject({ code: 130 });
      }
    });
  });
});

test('flags of a run may stand in the config, and the command line wins', async () => {
  const name = migration(
    `const [[row]] = await q.sequelize.query("SELECT current_setting('application_name') AS name, current_setting('lock_timeout') AS wait");
     console.log('session: ' + row.name + ', ' + row.wait);
     await q.createTable('a', { id: S.INTEGER });`,
    `await q.dropTable('a');`,
  );
  const config = (keel: object, more: object = {}) => ({
    'config/config.json': {
      development: { use_env_variable: 'DATABASE_URL', dialect: 'postgres', keel, ...more },
    },
  });
  await withDatabaseProject(
    { ...config({ dryRun: true, lockTimeout: '7s' }), 'migrations/1-a.js': name },
    async ({ keel, write, database }) => {
      const dry = await keel(['db:migrate']);
      expect(dry.stdout).toContain('CREATE TABLE');
      expect(dry.stdout).toContain('session: keel db:migrate, 7s');
      const impossible = await keel(['db:reset']);
      expect(impossible).toMatchObject({ code: 1 });
      expect(impossible.stderr).toMatch(/db:reset works for real only, and keel\.dryRun is true/);

      const real = await keel(['db:migrate', '--no-dry-run', '--lock-timeout', '3s']);
      expect(real.stdout).toContain('session: keel db:migrate, 3s');
      expect((await keel(['db:migrate:status'])).stdout).toContain('up 1-a.js');

      write(config({ fake: true }, { dialectOptions: { application_name: 'shop' } }));
      expect((await keel(['db:migrate:undo'])).stdout).toContain('recorded only');
      const tables = await withClient(database.connection, (client) =>
        client.query(`SELECT to_regclass('a') AS a`),
      );
      expect(tables.rows).toEqual([{ a: 'a' }]);
      await withClient(database.connection, (client) => client.query('DROP TABLE a'));
      expect((await keel(['db:migrate', '--no-fake'])).stdout).toContain('session: shop, ');

      write(config({ lockTimeout: 'soon', retries: -1, wait: [], dry: 1 }));
      const { code, stderr } = await keel(['db:migrate']);
      expect(code).toBe(1);
      for (const each of ['lockTimeout', 'retries', 'wait', 'dry']) {
        expect(stderr).toMatch(new RegExp(`keel\\.${each} (must|is not)`));
      }
    },
  );
});
