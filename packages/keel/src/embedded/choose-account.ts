import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { KeelError } from '../errors';

/** The account that a server runs as when this process is root, which PostgreSQL refuses to be. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Which account to run PostgreSQL as: undefined (our own) unless we are root. For root it is the
 * owner of the folder, so that `sudo` once does not lock the developer out of their data, or else
 * `postgres` or `nobody`.
 *
 * @param folder the data folder, or the nearest folder above it that exists
 */
export function chooseAccount(folder: string): Account | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const accounts = readAccounts();
  const owner = statSync(nearestFolder(folder)).uid;
  const account =
    // initdb looks its account up by number, so an owner without an entry will not do.
    (owner === 0 ? undefined : accounts.find(({ uid }) => uid === owner)) ??
    accounts.find(({ name }) => name === 'postgres') ??
    accounts.find(({ name }) => name === 'nobody');
  if (account === undefined) {
    throw new KeelError(
      'PostgreSQL refuses to run as root, and there is no account to run it as.',
      {
        code: 'EMBEDDED_NO_ACCOUNT',
        state: 'Nothing was started.',
        hint: 'Add an account "postgres" (useradd postgres), run keel as an ordinary user, or use a server of your own with --url.',
      },
    );
  }
  return account;
}

/** The options of `spawn` that make a process run as the account. */
export function identityOf(account: Account | undefined): { uid?: number; gid?: number } {
  return account === undefined ? {} : { uid: account.uid, gid: account.gid };
}

/** Whether the account can enter a folder: every folder on the way lets it pass. */
export function canReach(account: Account | undefined, folder: string): boolean {
  if (account === undefined) return true;
  for (let path = nearestFolder(folder); ; path = dirname(path)) {
    const { uid, gid, mode } = statSync(path);
    // Supplementary groups do not count: Node drops them when it starts a process as someone else.
    const shift = uid === account.uid ? 6 : gid === account.gid ? 3 : 0;
    if (((mode >> shift) & 1) === 0) return false;
    if (path === dirname(path)) return true;
  }
}

/** The folder itself, or the nearest one above it that exists. */
function nearestFolder(folder: string): string {
  for (let path = resolve(folder); ; path = dirname(path)) {
    if (statSync(path, { throwIfNoEntry: false }) !== undefined || path === dirname(path)) {
      return path;
    }
  }
}

function readAccounts(): Account[] {
  return readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .flatMap(([name, , uid, gid]) =>
      name !== undefined && uid !== undefined && gid !== undefined
        ? [{ name, uid: Number(uid), gid: Number(gid) }]
        : [],
    );
}
