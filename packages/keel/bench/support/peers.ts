import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '..', '..');

/** Where the peers are installed: a folder of their own, apart from keel's dependencies. */
export const PEERS = path.join(ROOT, 'bench', '.peers');

/**
 * Installs packages, and keel as it is packed for users, into the peers' folder.
 *
 * @param packages names with versions, as npm takes them
 */
export function installPeers(packages: readonly string[]): void {
  mkdirSync(PEERS, { recursive: true });
  for (const old of readdirSync(PEERS).filter((name) => name.endsWith('.tgz')))
    rmSync(path.join(PEERS, old));
  const manifest = path.join(PEERS, 'package.json');
  if (!existsSync(manifest)) writeFileSync(manifest, '{ "name": "peers", "private": true }\n');
  const npm = (args: readonly string[], cwd: string): string =>
    execFileSync('npm', [...args, '--silent', '--no-audit', '--no-fund'], {
      cwd,
      encoding: 'utf8',
      shell: process.platform === 'win32',
    });
  npm(['pack', '--pack-destination', PEERS], ROOT);
  const packed = readdirSync(PEERS).find((name) => name.endsWith('.tgz'));
  npm(['install', '--no-save', `./${String(packed)}`, ...packages], PEERS);
}
