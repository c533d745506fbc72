import { spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { PACKAGE } from './paths';

const SOURCES = path.join(PACKAGE, 'src');

/** Compiles src to dist, which the acceptance tests run, unless that is newer than every source. */
export function buildIfStale(): void {
  const builtAt = statSync(path.join(PACKAGE, 'dist', 'bin.js'), {
    throwIfNoEntry: false,
  })?.mtimeMs;
  const isOlder = (name: string) => statSync(path.join(SOURCES, name)).mtimeMs < (builtAt ?? 0);
  if (readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).every(isOlder)) return;
  const tsc = require.resolve('typescript/bin/tsc');
  const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], {
    cwd: PACKAGE,
    encoding: 'utf8',
  });
  // It is compiled all the same; `npm run check` is what refuses it.
  if (status !== 0) process.stderr.write(`The sources have type errors:\n${stdout}\n`);
}
