import type { GlobalWithServer } from './global-setup';

export default async function tearDown(): Promise<void> {
  await (globalThis as GlobalWithServer).keelTestServer?.stop();
}
