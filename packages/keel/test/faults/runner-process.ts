import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment, KEEL } from '../support/cli';

/** How a run of keel ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** It had to be killed because it did not end. */
  readonly hung: boolean;
}

/** A run of keel that faults are done to. */
export interface RunnerProcess {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has printed so far. */
  output(): string;
  /** Resolves once what it has printed matches. */
  printed(pattern: RegExp): Promise<void>;
  /** Kills it at once, and waits until it is dead. */
  kill(): Promise<void>;
}

/** Starts keel in a project against a database. */
export function startKeel(
  cwd: string,
  url: string,
  args: readonly string[],
  options: { readonly env?: Readonly<Record<string, string>>; readonly patienceMs?: number } = {},
): RunnerProcess {
  const child = spawn(process.execPath, [KEEL, ...args], {
    cwd,
    env: { ...cleanEnvironment(), FAULT_URL: url, NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  let hung = false;
  const listeners = new Set<() => void>();
  const heard = (): void => {
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => ((stdout += text), heard()));
  child.stderr.setEncoding('utf8').on('data', (text: string) => ((stderr += text), heard()));
  const exited = once(child, 'exit');
  const patience = setTimeout(() => {
    hung = true;
    child.kill('SIGKILL');
  }, options.patienceMs ?? 60_000);
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    clearTimeout(patience);
    return {
      code: code as number | null,
      signal: signal as NodeJS.Signals | null,
      stdout,
      stderr,
      hung,
    };
  });
  return {
    child,
    ended,
    output: () => stdout + stderr,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (!pattern.test(stdout + stderr)) return;
          listeners.delete(look);
          resolve();
        };
        listeners.add(look);
        void ended.then(() => {
          reject(new Error(`It ended without ${String(pattern)}:\n${stdout}${stderr}`));
        });
        look();
      }),
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
