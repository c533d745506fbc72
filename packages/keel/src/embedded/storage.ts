import { createHash } from 'node:crypto';
import { chmodSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolders } from '../make-folders';
import { canReach } from './choose-account';
import type { Account } from './choose-account';

/**
 * Where root keeps what another account must reach. A project below /root, as is common in
 * containers, is closed to the account that PostgreSQL runs as, and keel does not open up folders
 * that are not its own.
 */
const SHARED = '/var/lib/keel';

/** The folder in which the data folder of `home` goes: `home` itself, or one of its own below SHARED. */
export function storageFor(home: string, account: Account | undefined): string {
  if (canReach(account, home)) return home;
  const hash = createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 16);
  return openFolder(join(openFolder(SHARED), hash));
}

/** Where a copy of the binaries goes if one is needed. */
export function binariesStorage(own: string, account: Account | undefined): string {
  return account === undefined ? own : openFolder(SHARED);
}

/** The system's folder for temporary files, or another one if the account cannot reach it. */
export function temporaryStorage(account: Account | undefined): string {
  return canReach(account, tmpdir()) ? tmpdir() : openFolder(SHARED);
}

/** A folder that every account can enter, whatever the umask says. */
function openFolder(path: string): string {
  makeFolders(path);
  chmodSync(path, 0o755);
  return path;
}
