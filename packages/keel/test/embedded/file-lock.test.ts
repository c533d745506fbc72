import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withFileLock } from '../../src/embedded/file-lock';
import { evaluateInProcess, resultOf } from '../support/embedded';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'keel-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('six processes that count under the lock lose no count', async () => {
  const counter = join(folder, 'counter');
  writeFileSync(counter, '0');
  const children = Array.from({ length: 6 }, () =>
    lockInProcess(`for (let i = 0; i < 8; i += 1) await locked(async () => {
      const count = Number(fs.readFileSync(${JSON.stringify(counter)}));
      await new Promise((resolve) => setTimeout(resolve, 2));
      fs.writeFileSync(${JSON.stringify(counter)}, String(count + 1));
    });`),
  );
  await Promise.all(children.map(resultOf));
  expect(readFileSync(counter, 'utf8')).toBe('48');
  expect(readdirSync(folder)).toEqual(['counter', 'lock.48']);
});

test('the lock of a killed process passes on at once', async () => {
  const child = lockInProcess(
    `await locked(() => { console.log('held'); return new Promise(() => setInterval(() => {}, 1000)); });`,
  );
  await once(child.stdout!, 'data');
  child.kill('SIGKILL');
  await once(child, 'close');
  await expect(withFileLock(path, () => Promise.resolve('mine'))).resolves.toBe('mine');
});

test('a lock without a heartbeat passes on although its process id is in use', async () => {
  writeFileSync(`${path}.3`, String(process.ppid));
  const longAgo = new Date(Date.now() - 60_000);
  utimesSync(`${path}.3`, longAgo, longAgo);
  await withFileLock(path, () => Promise.resolve());
  expect(readdirSync(folder)).toEqual(['lock.4']);
});

test('the lock is free again after an error', async () => {
  await expect(withFileLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  await expect(withFileLock(path, () => Promise.resolve('mine'))).resolves.toBe('mine');
});

/** A process of its own that runs a program in which `locked(use)` takes the lock. */
function lockInProcess(program: string): ChildProcess {
  return evaluateInProcess(`(async () => {
    const fs = require('node:fs');
    const { withFileLock } = load('embedded/file-lock.js');
    const locked = (use) => withFileLock(${JSON.stringify(path)}, use);
    ${program}
    return null;
  })()`);
}
