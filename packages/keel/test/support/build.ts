import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PACKAGE } from './paths';

const DIST = join(PACKAGE, 'dist');
const STAMP = join(DIST, '.built');

/** Compiles src to dist, which the acceptance tests run, unless that is newer than every source. */
export function buildIfStale(): void {
  const builtAt = existsSync(DIST)
    ? statSync(STAMP, { throwIfNoEntry: false })?.mtimeMs
    : undefined;
  const sources = readdirSync(join(PACKAGE, 'src'), { recursive: true, encoding: 'utf8' });
  const isOlder = (name: string) => statSync(join(PACKAGE, 'src', name)).mtimeMs < (builtAt ?? 0);
  if (sources.every(isOlder)) return;
  const startedAt = new Date();
  const tsc = require.resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });
  // It is compiled all the same; `npm run check` is what refuses it.
  if (status !== 0) process.stderr.write(`The sources have type errors:\n${stdout}\n`);
  mkdirSync(dirname(STAMP), { recursive: true });
  writeFileSync(STAMP, '');
  utimesSync(STAMP, startedAt, startedAt);
}
