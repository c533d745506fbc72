import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { close, connect } from '../../src/db/client';
import type { Connection } from '../../src/db/connection';
import { reachServer } from '../../src/db/reach-server';
import { resolveDatabase } from '../../src/project/resolve-database';
import { makeAuthority, makeCertificate } from '../support/certificates';
import { findFreePort } from '../support/free-port';
import { startSecondServer, type SecondServer } from '../support/second-server';
import { databaseUrl, serverConnection } from '../support/server';

const folder = mkdtempSync(path.join(tmpdir(), 'keel-tls-'));
const file = (name: string): string => encodeURIComponent(path.join(folder, name));
let server: SecondServer;

beforeAll(async () => {
  makeAuthority(folder);
  makeAuthority(folder, 'other');
  makeCertificate(folder, 'server', 'localhost');
  makeCertificate(folder, 'guest');
  server = await startSecondServer();
  await server.useTls(folder);
  await server.admin(
    'CREATE ROLE guest LOGIN',
    'CREATE ROLE plain LOGIN',
    'CREATE ROLE safe LOGIN',
  );
  await server.admit(
    'hostssl all guest all cert',
    'hostnossl all plain all trust',
    'hostssl all safe all trust',
  );
});

afterAll(async () => {
  await server.stop();
  rmSync(folder, { recursive: true });
});

/** How the session is that an address leads to: its host's port, whether it is encrypted, and as whom. */
async function sessionAt(
  url: string,
  env: Record<string, string> = {},
): Promise<readonly [port: number, encrypted: boolean, user: string]> {
  const connection = await reachServer(resolveDatabase({ url }, env), { pg });
  const client = await connect(connection, { pg });
  try {
    const { rows } = await client.query<{ ssl: boolean; me: string }>(
      'SELECT ssl, current_user AS me FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return [connection.port, rows[0]!.ssl, rows[0]!.me];
  } finally {
    await close(client);
  }
}

const refusal = async (url: string, env?: Record<string, string>): Promise<string> =>
  sessionAt(url, env).then(
    (session) => `reached ${session.join(' ')}`,
    (error: Error & { code: string; details: readonly string[] }) =>
      [`${error.code} ${error.message}`, ...error.details].join('\n'),
  );

describe('sslmode', () => {
  const at = (query: string, host = '127.0.0.1', user = server.user): string =>
    `postgres://${user}:${server.password}@${host}:${server.port}/postgres?${query}`;

  test.each<[string, boolean]>([
    ['', false],
    ['sslmode=disable', false],
    ['sslmode=allow', false],
    ['sslmode=prefer', true],
    ['sslmode=require', true],
  ])('%s', async (query, encrypted) => {
    expect(await sessionAt(at(query))).toEqual([server.port, encrypted, server.user]);
  });

  test('allow and prefer take the other way where the server wants it', async () => {
    expect(await sessionAt(at('sslmode=allow', '127.0.0.1', 'safe'))).toContain(true);
    expect(await sessionAt(at('sslmode=prefer', '127.0.0.1', 'plain'))).toContain(false);
    expect(await refusal(at('sslmode=require', '127.0.0.1', 'plain'))).toMatch(/no pg_hba\.conf/);
    const unencrypted = databaseUrl('postgres');
    expect(await sessionAt(`${unencrypted}?sslmode=prefer`)).toContain(false);
    expect(await refusal(`${unencrypted}?sslmode=require`)).toMatch(/does not support SSL/);
  });

  test('a certificate is checked where sslmode or sslrootcert asks for it', async () => {
    const own = `sslrootcert=${file('ca.crt')}`;
    const other = `sslrootcert=${file('other.crt')}`;
    for (const query of [`sslmode=require&${own}`, `sslmode=verify-ca&${own}`])
      expect(await sessionAt(at(query))).toContain(true);
    expect(await sessionAt(at(`sslmode=verify-full&${own}`, 'localhost'))).toContain(true);
    expect(await refusal(at(`sslmode=verify-full&${own}`))).toMatch(/127\.0\.0\.1 is not in/);
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      expect(await refusal(at(`sslmode=${mode}&${other}`, 'localhost'))).toMatch(/certificate/);
    }
    expect(await refusal(at('sslrootcert=system', 'localhost'))).toMatch(/certificate/);
    // It is not asked for there.
    expect(await sessionAt(at(`sslmode=prefer&${other}`))).toContain(true);
  });

  test('a client shows its certificate, and libpq’s variables say what the URL does not', async () => {
    const shown = `sslmode=verify-ca&sslrootcert=${file('ca.crt')}&sslcert=${file('guest.crt')}&sslkey=${file('guest.key')}`;
    expect(await sessionAt(at(shown, '127.0.0.1', 'guest'))).toContain('guest');
    const env = { PGSSLMODE: 'verify-full', PGSSLROOTCERT: path.join(folder, 'ca.crt') };
    expect(await sessionAt(at('', 'localhost'), env)).toContain(true);
    expect(await refusal(at(''), env)).toMatch(/127\.0\.0\.1 is not in/);
    expect(await sessionAt(at('sslmode=disable'), env)).toContain(false);
  });
});

describe('several servers', () => {
  const both = `keel_both_${process.pid}`;
  const main = serverConnection('postgres');
  const first = (): string => `127.0.0.1:${server.port}`;
  const second = `${main.host}:${main.port}`;
  const login = (): string => `${server.user}:${server.password}`;
  const at = (hosts: string, query = ''): string =>
    `postgres://${login()}@${hosts}/postgres?${query}`;

  beforeAll(async () => {
    // The same login on both.
    const client = await connect(main, { pg });
    await client.query(`DROP ROLE IF EXISTS ${both}`);
    await client.query(`CREATE ROLE ${both} LOGIN PASSWORD 'both'`);
    await close(client);
    await server.admin(`CREATE ROLE ${both} LOGIN PASSWORD 'both'`);
    await server.admit(`host all ${both} all scram-sha-256`);
  });

  afterAll(async () => {
    const client = await connect(main, { pg });
    await client.query(`DROP ROLE ${both}`);
    await close(client);
  });

  const portOf = async (query: string): Promise<number> =>
    (await sessionAt(`postgres://${both}:both@${first()},${second}/postgres?${query}`))[0];

  test('the first that answers is taken; a refused login is final', async () => {
    const nobody = await findFreePort();
    expect(await sessionAt(at(`127.0.0.1:${nobody},not.there.invalid,${first()}`))).toContain(
      server.port,
    );
    expect(await portOf('')).toBe(server.port);
    const wrong = at(`${first()},${second}`).replace(server.password, 'wrong');
    expect(await refusal(wrong)).toMatch(
      new RegExp(`^NO_SUITABLE_SERVER .*can be used\\.\n.*${server.port} refused the login`),
    );
    expect(await refusal(at(`127.0.0.1:${nobody},[::1]:1`))).toMatch(
      /^NO_SUITABLE_SERVER None of the servers 127\.0\.0\.1:\d+, \[::1\]:1 .*\nNo Post.*\nNo Post/,
    );
    // The database is for the command to make.
    expect(
      (await reachServer(resolveDatabase({ url: at(`${first()},x`) + '&dbname=no' }, {}), { pg }))
        .port,
    ).toBe(server.port);
  });

  test('target_session_attrs chooses by what a server is', async () => {
    await server.admin(`ALTER ROLE ${both} SET default_transaction_read_only = on`);
    expect(await portOf('target_session_attrs=any')).toBe(server.port);
    expect(await portOf('target_session_attrs=read-write')).toBe(main.port);
    expect(await portOf('target_session_attrs=read-only')).toBe(server.port);
    expect(await portOf('target_session_attrs=primary')).toBe(server.port);
    expect(await portOf('target_session_attrs=prefer-standby')).toBe(server.port);
    expect(await refusal(at(first(), 'target_session_attrs=standby'))).toMatch(
      /^NO_SUITABLE_SERVER The server at .* it is a primary, and target_session_attrs=standby/s,
    );
    await server.becomeStandby();
    expect(await portOf('target_session_attrs=read-write')).toBe(main.port);
    expect(await portOf('target_session_attrs=primary')).toBe(main.port);
    expect(await portOf('target_session_attrs=standby')).toBe(server.port);
    const turned = `postgres://${both}:both@${second},${first()}/postgres?target_session_attrs=`;
    expect(await sessionAt(`${turned}prefer-standby`)).toContain(server.port);
    expect(await sessionAt(`${turned}any`, { PGTARGETSESSIONATTRS: 'standby' })).toContain(
      main.port,
    );
    expect(() => resolveDatabase({ url: `${turned}leader` }, {})).toThrow('leader does not exist');
  });
});

test('a config names several servers as a URL does', () => {
  const { routes, host, target }: Connection = resolveDatabase(
    { host: 'a,b', port: '1,2', database: 'd' },
    { PGTARGETSESSIONATTRS: 'primary' },
  );
  expect([routes, host, target]).toEqual([
    [
      { host: 'a', port: 1 },
      { host: 'b', port: 2 },
    ],
    'a',
    'primary',
  ]);
  expect(() => resolveDatabase({ host: 'a,b', port: '1,2,3', database: 'd' }, {})).toThrow(
    'The config names 2 hosts and 3 ports.',
  );
});
