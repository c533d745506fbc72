import { startTemporaryServer } from '../../src/embedded/temporary-server';
import type { TemporaryServer } from '../../src/embedded/temporary-server';
import { buildIfStale } from './build';
import { SERVER_VARIABLE } from './server';

/** What the tear-down, which runs in the same process, needs of the set-up. */
export type GlobalWithServer = typeof globalThis & { keelTestServer?: TemporaryServer };

export default async function setUp(): Promise<void> {
  buildIfStale();
  process.env[SERVER_VARIABLE] = process.env.DATABASE_URL ?? (await startServer());
}

async function startServer(): Promise<string> {
  const server = await startTemporaryServer({ settings: { max_connections: '300' } });
  (globalThis as GlobalWithServer).keelTestServer = server;
  return `postgres://${server.user}:${server.password}@${server.host}:${server.port}/postgres`;
}
