import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDatabase } from '../support/database';
import { libraryProject, MIGRATION_NAMES } from '../support/library-project';
import {
  linesOf,
  queryDatabase,
  readLedger,
  withDatabases,
  withProject,
  type TestProject,
  type Tool,
} from '../support/projects';
import { databaseUrl, serverUrl } from '../support/server';

// Each case runs several programs, one after the other.
jest.setTimeout(240_000);

const TOOLS: readonly Tool[] = ['keel', 'sequelize-cli'];
const SERVER = { url: serverUrl() };

test('creates and drops databases with the same properties, lines and exit codes', async () => {
  const name = `keel_test_made_${randomBytes(6).toString('hex')}`;
  const properties = `SELECT pg_encoding_to_char(encoding) AS encoding, datcollate, datctype
    FROM pg_database WHERE datname = '${name}'`;
  const create = 'db:create --encoding UTF8 --collate C --ctype C --template template0';
  await withProject(libraryProject(), async (project) => {
    const seen: Record<string, unknown[]> = {};
    for (const tool of TOOLS) {
      const run = async (command: string): Promise<unknown> => {
        const env = { TEST_URL: databaseUrl(name) };
        const result = await project.run(tool, command.split(' '), { env });
        return [result.code, linesOf(result), await queryDatabase(SERVER, properties)];
      };
      seen[tool] = [
        await run('db:create --encoding NONSENSE'),
        await run(create),
        await run('db:create'),
        await run('db:drop'),
        await run('db:drop'),
      ];
    }
    const made = { encoding: 'UTF8', datcollate: 'C', datctype: 'C' };
    const head = [
      'Loaded configuration file "config/config.json".',
      'Using environment "development".',
    ];
    expect(seen.keel).toEqual([
      [1, head, []],
      [0, [...head, `Database ${name} created.`], [made]],
      [1, head, [made]],
      [0, [...head, `Database ${name} dropped.`], []],
      [0, [...head, `Database ${name} dropped.`], []],
    ]);
    expect(seen['sequelize-cli']).toEqual(seen.keel);
  });
});

/** Runs `use` with a role that owns a database, and drops both. */
async function withRole(
  password: string,
  use: (role: string, database: string) => Promise<void>,
): Promise<void> {
  const role = `keel_test_role_${randomBytes(6).toString('hex')}`;
  await queryDatabase(SERVER, `CREATE ROLE ${role} LOGIN PASSWORD '${password}'`);
  const { url, drop } = await createDatabase();
  const database = new URL(url).pathname.slice(1);
  try {
    await queryDatabase(SERVER, `ALTER DATABASE ${database} OWNER TO ${role}`);
    await use(role, database);
  } finally {
    await drop();
    await queryDatabase(SERVER, `DROP ROLE ${role}`);
  }
}

function migrate(project: TestProject, url: string, how: 'config' | 'flag') {
  return how === 'flag'
    ? project.run('keel', ['db:migrate:status', '--url', url])
    : project.run('keel', ['db:migrate:status'], { env: { TEST_URL: url } });
}

test('logs in with a password of any characters, as it is or percent-encoded, and shows it nowhere', async () => {
  const password = 'p@ss:w/rd%41%';
  const server = new URL(serverUrl());
  await withRole(password, async (role, database) => {
    await withProject(libraryProject(), async (project) => {
      const urlWith = (text: string): string =>
        `postgres://${role}:${text}@${server.host}/${database}`;
      const encoded = await migrate(project, urlWith(encodeURIComponent(password)), 'config');
      expect(encoded).toMatchObject({ code: 0, stderr: '' });
      const raw = await migrate(project, urlWith(password), 'flag');
      expect(raw).toMatchObject({ code: 0, stderr: '' });
      expect(linesOf(raw)[0]).toBe(
        `Parsed url postgres://${role}:*****@${server.host}/${database}`,
      );
      const wrong = await migrate(project, urlWith('p@ss:other'), 'config');
      expect(wrong.code).toBe(1);
      expect(wrong.stderr).toContain(`refused the login of "${role}"`);
      expect(wrong.stdout + wrong.stderr + raw.stdout).not.toMatch(/p@ss|rd%/);
    });
  });
});

test('keeps sslmode and the other parameters of a URL', async () => {
  const [{ ssl } = { ssl: 'off' }] = await queryDatabase<{ ssl: string }>(SERVER, 'SHOW ssl');
  await withProject(libraryProject(), (project) =>
    withDatabases(1, async (database) => {
      const url = new URL(database.url);
      url.search = '?sslmode=require';
      const required = await migrate(project, url.href, 'config');
      if (ssl === 'on') expect(required.code).toBe(0);
      else {
        expect(required.code).toBe(1);
        expect(required.stderr).toContain('does not support SSL');
      }
      url.search = `?sslmode=${ssl === 'on' ? 'no-verify' : 'prefer'}&options=-c%20search_path%3Dshelf`;
      await queryDatabase(database, 'CREATE SCHEMA shelf');
      const [first = ''] = MIGRATION_NAMES;
      const command = ['db:migrate', '--to', first];
      const result = await project.run('keel', command, { env: { TEST_URL: url.href } });
      expect(result).toMatchObject({ code: 0, stderr: '' });
      expect(await readLedger(database, 'shelf."SequelizeMeta"')).toEqual([first]);
    }),
  );
});

/** Gives `use` a folder with a socket behind which the run's server is. */
async function withSocket(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'keel-socket-'));
  const { hostname, port } = new URL(serverUrl());
  const proxy = createServer((socket) => {
    const server = connect(Number(port || 5432), hostname);
    socket.pipe(server).pipe(socket);
    for (const end of [socket, server]) end.on('error', () => end.destroy());
  });
  proxy.listen(path.join(folder, '.s.PGSQL.5432'));
  await once(proxy, 'listening');
  try {
    await use(folder);
  } finally {
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

test('connects through a Unix socket, given in a URL in either way or as the host', async () => {
  await withSocket((folder) =>
    withDatabases(1, async ({ url }) => {
      const { username, password, pathname } = new URL(url);
      const login = `postgres://${username}:${password}@`;
      const host = {
        username,
        password,
        host: folder,
        database: pathname.slice(1),
        dialect: 'postgres',
      };
      const files = { ...libraryProject(), 'host.json': { development: host } };
      await withProject(files, async (project) => {
        const results = [
          await project.run('keel', ['db:migrate'], {
            env: { TEST_URL: `${login}${encodeURIComponent(folder)}${pathname}` },
          }),
          await project.run('keel', ['db:migrate:undo', '--config', 'host.json']),
          await project.run('keel', ['db:seed:all', '--url', `${login}${pathname}?host=${folder}`]),
        ];
        expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(
          results.map(() => [0, '']),
        );
      });
      expect(await readLedger({ url })).toEqual(MIGRATION_NAMES.slice(0, -1));
    }),
  );
});

test('goes on with its defaults where the record is made by --url, as sequelize-cli does', async () => {
  await withProject(libraryProject({ migrationStorageTableName: 'Other' }), (project) =>
    withDatabases(1, async ({ url }) => {
      expect(await project.run('keel', ['db:migrate', '--url', url])).toMatchObject({ code: 0 });
      const status = await project.run('sequelize-cli', ['db:migrate:status', '--url', url]);
      expect(linesOf(status).slice(1)).toEqual(MIGRATION_NAMES.map((name) => `up ${name}`));
    }),
  );
});

test('fails with 1 and says why on standard error where sequelize-cli fails', async () => {
  const broken = {
    'migrations/1-broken.js': 'module.exports = { up() { throw new Error("no luck"); } };',
  };
  await withProject({ ...libraryProject(), ...broken }, (project) =>
    withDatabases(1, async ({ url }) => {
      const missing = new URL(url);
      missing.pathname = '/keel_test_no_such_database';
      const cases: readonly [command: string, url: string, message: RegExp][] = [
        ['db:migrate', url, /no luck/],
        ['db:migrate', missing.href, /does not exist/],
        ['db:migrate --config nowhere.json', url, /nowhere\.json/],
        ['db:seed:all --seeders-path nowhere', url, /nowhere/],
        ['db:migrate --name a --to b', url, /\bto\b/],
        ['no:such:command', url, /command/i],
        ['db:migrate --no-such-flag', url, /such-flag/],
      ];
      for (const [command, to, message] of cases) {
        // One after the other: both make the record where it is not there.
        for (const tool of TOOLS) {
          const settings = { env: { TEST_URL: to } };
          const { code, stderr } = await project.run(tool, command.split(' '), settings);
          expect({ command, code }).toEqual({ command, code: 1 });
          expect(stderr).toMatch(message);
        }
      }
    }),
  );
});
