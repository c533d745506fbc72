import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { once } from 'node:events';
import path from 'node:path';
import { startTemporaryServer, type TemporaryServer } from '../../src/embedded/temporary-server';
import { resolveDatabase } from '../../src/project/resolve-database';
import { withProjectClient } from '../../src/project/with-project-client';
import type { Connection, ConnectionOrigin } from '../../src/db/connection';
import { PACKAGE } from '../support/paths';
import { databaseUrl } from '../support/server';

const url: ConnectionOrigin = { place: '--url', isUrl: true, flags: ['--url <the same URL>'] };
const file: ConnectionOrigin = { place: 'config/config.js', isUrl: false, flags: ['--env test'] };

/** Connects to what a URL names, which fails. */
async function failureAt(text: string, origin: ConnectionOrigin): Promise<unknown> {
  const connection: Connection = { ...resolveDatabase({ url: text }, {}), origin };
  return withProjectClient({ paths: { root: PACKAGE }, connection }, () => Promise.resolve()).then(
    () => 'connected',
    ({ code, message, hint }: { code: string; message: string; hint?: string }) =>
      [code, message, hint].join('\n'),
  );
}

test.each([
  ['postgres://u:p@[::1]:1/d', url, 'SERVER_UNREACHABLE\nNo PostgreSQL server answers at [::1]:1.'],
  ['postgres://u@/d?host=/not/there', file, 'answers at /not/there/.s.PGSQL.5432.'],
  ['postgres://u@not.there.invalid/d', file, 'Correct the host in config/config.js.'],
  ['postgres://u@127.0.0.1:1/d', url, 'Start the server, or correct host and port in --url.'],
])('%s', async (text, origin, said) => {
  expect(await failureAt(text, origin)).toContain(said);
});

test('a database that is not there comes with the command that makes this one', async () => {
  const missing = databaseUrl('keel_not_there');
  expect(await failureAt(missing, url)).toMatch(/keel db:create --url <the same URL>$/);
  expect(await failureAt(missing, file)).toMatch(/keel db:create --env test$/);
});

test('what the server refuses to set is no matter of host and port', async () => {
  const address = new URL(databaseUrl('postgres'));
  address.searchParams.set('options', '-c timezone=nowhere');
  expect(await failureAt(address.href, file)).toMatch(
    /TimeZone.*\nCheck timezone and dialectOptions in config\/config\.js\./s,
  );
});

describe('what listens and is no PostgreSQL server', () => {
  const listeners: Server[] = [];
  const listen = async (onConnection: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(onConnection).listen(0, '127.0.0.1');
    listeners.push(server);
    await once(server, 'listening');
    return `postgres://u@127.0.0.1:${String((server.address() as AddressInfo).port)}/d`;
  };

  afterAll(() => {
    for (const server of listeners) server.close();
  });

  test('never answers, for as long as connect_timeout says', async () => {
    const silent = await listen((socket) => socket.on('error', () => undefined));
    const said = await failureAt(`${silent}?connect_timeout=1`, url);
    expect(said).toMatch(
      /^SERVER_UNREACHABLE\nNothing at 127\.0\.0\.1:\d+ answered .* within 1 s\./,
    );
    expect(said).toMatch(/Correct host and port in --url/);
  });

  test('hangs up, or speaks of something else', async () => {
    const closing = await listen((socket) => socket.end());
    expect(await failureAt(closing, file)).toMatch(/^CONNECTION_FAILED\n.*config\/config\.js/s);
    const web = await listen((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect(await failureAt(web, file)).toMatch(/Correct host and port in config\/config\.js/);
  });
});

test('a connect_timeout that is no number is an error, and 0 is no limit', () => {
  const options = (text: string): unknown =>
    resolveDatabase({ url: `postgres://h/d?connect_timeout=${text}` }, {}).options;
  expect(() => options('soon')).toThrow('connect_timeout=soon is not a whole number of seconds.');
  expect(options('0')).toEqual({ connectionTimeoutMillis: 0 });
  expect(resolveDatabase({ database: 'd' }, { PGCONNECT_TIMEOUT: '3' }).options).toEqual({
    connectionTimeoutMillis: 3000,
  });
});

describe('a server with rules of its own', () => {
  let server: TemporaryServer;
  const address = (password: string): string =>
    `postgres://${server.user}${password}@${server.host}:${String(server.port)}/postgres`;
  const allow = async (rule: string): Promise<void> => {
    await withProjectClient(
      {
        paths: { root: PACKAGE },
        connection: resolveDatabase({ url: address(`:${server.password}`) }, {}),
      },
      async (client) => {
        writeFileSync(path.join(server.dataDir, 'pg_hba.conf'), `${rule}\n`);
        await client.query('SELECT pg_reload_conf(), pg_sleep(0.2)');
      },
    );
  };

  beforeAll(async () => {
    server = await startTemporaryServer({ root: PACKAGE });
  });
  afterAll(() => server.stop());

  test('asks for a password where none is given, and for TLS', async () => {
    const without = await failureAt(address(''), file);
    expect(without).toMatch(/^LOGIN_REFUSED\n.* asks for a password .*, and there is none\./);
    expect(without).toMatch(/Set the password in config\/config\.js\.$/);
    await allow('hostssl all all all scram-sha-256');
    const plain = await failureAt(address(`:${server.password}`), url);
    expect(plain).toMatch(/^LOGIN_REFUSED\n.* lets nobody in without TLS: no pg_hba\.conf entry/);
    expect(plain).toMatch(/Add \?sslmode=require to the URL in --url\.$/);
    expect(plain).not.toContain(server.password);
  });
});
