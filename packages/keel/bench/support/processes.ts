import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What a process took. */
export interface Measure {
  /** From its start to its end, in milliseconds. */
  readonly ms: number;
  /** The time of the processor that it took itself, in milliseconds: the same on a busy machine as on an idle one. */
  readonly cpuMs: number;
  /** The most memory that it held, in MiB. */
  readonly peakMiB: number;
}

/** Written on exit by a hook, since the parent cannot ask what a child has used. */
const HOOK = `
const { writeFileSync } = require('node:fs');
const file = process.env.BENCH_USED;
process.on('exit', () => { if (file) writeFileSync(file, JSON.stringify(process.resourceUsage())); });
`;

/**
 * Runs a Node program to its end and measures it.
 *
 * @throws Error with its output where it fails
 */
export async function measureNode(
  script: string,
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: Readonly<Record<string, string>> },
): Promise<Measure> {
  const folder = mkdtempSync(path.join(tmpdir(), 'keel-bench-'));
  const hook = path.join(folder, 'hook.cjs');
  const usedFile = path.join(folder, 'used');
  writeFileSync(hook, HOOK);
  const start = process.hrtime.bigint();
  try {
    await new Promise<void>((resolve, reject) => {
      const env = { ...process.env, ...options.env, NODE_ENV: 'development', BENCH_USED: usedFile };
      const child = spawn(process.execPath, ['--require', hook, script, ...args], {
        cwd: options.cwd,
        env,
      });
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-4000)));
      child.stderr.on('data', (chunk: Buffer) => (output = (output + String(chunk)).slice(-4000)));
      child.once('error', reject);
      child.once('close', (code) => {
        if (code === 0) resolve();
        else
          reject(new Error(`${script} ${args.join(' ')} ended with ${String(code)}:\n${output}`));
      });
    });
    const ms = Number(process.hrtime.bigint() - start) / 1e6;
    const used = JSON.parse(readFileSync(usedFile, 'utf8')) as NodeJS.ResourceUsage;
    const cpuMs = (used.userCPUTime + used.systemCPUTime) / 1000;
    return { ms, cpuMs, peakMiB: used.maxRSS / 1024 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The middle of some numbers; of an even count the lower of the two. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Number.NaN;
}
