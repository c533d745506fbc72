import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PACKAGE } from './paths';

/** The compiled command, which the global set-up builds. */
export const KEEL = join(PACKAGE, 'dist', 'bin.js');

/** How a command is run. */
interface KeelOptions {
  /** The project's folder. */
  readonly cwd?: string;
  /** Variables besides those of {@link cleanEnvironment}. */
  readonly env?: Readonly<Record<string, string>>;
  /** What it reads from its standard input. */
  readonly input?: string;
  /** Seconds after which it is killed, 50 unless told otherwise. */
  readonly timeout?: number;
}

/** What a command came to. */
interface KeelResult {
  /** The exit code; null when a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs keel as a user does, and waits for its end. */
export function runKeel(
  args: readonly string[],
  { cwd, env, input = '', timeout = 50 }: KeelOptions = {},
): Promise<KeelResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [KEEL, ...args], {
      cwd,
      env: { ...cleanEnvironment(), ...env },
      timeout: timeout * 1000,
      killSignal: 'SIGKILL',
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
    // A command that ends without reading it all closes the pipe.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** This process's environment without what would change a command's behaviour, such as jest's NODE_ENV. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const hidden = /^(NODE_ENV|NODE_OPTIONS|DATABASE_URL|NO_COLOR|FORCE_COLOR|PG|KEEL_|JEST_|npm_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !hidden.test(name)));
}
