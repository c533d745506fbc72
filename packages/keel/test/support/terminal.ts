import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cleanEnvironment, KEEL } from './cli';

/** What a command on a terminal came to. */
export interface TerminalResult {
  readonly code: number | null;
  /** All that the terminal shows, standard error included. */
  readonly screen: string;
}

/**
 * Runs keel on a terminal of its own (`script` of util-linux makes it).
 *
 * @param answers what is typed when a text appears, in this order
 */
export async function runOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [string, string])[],
  { cwd, env }: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<TerminalResult> {
  const words = [process.execPath, KEEL, ...args].map((word) => `'${word}'`).join(' ');
  // A terminal without a size is one that cannot be drawn on.
  const command = `stty cols 100 rows 30; exec ${words}`;
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd,
    env: { ...cleanEnvironment(), TERM: 'xterm', CI: '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const open = [...answers];
  let screen = '';
  let read = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = open;
    if (!next || !screen.slice(read).includes(next[0])) return;
    open.shift();
    read = screen.length;
    child.stdin.write(next[1]);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, screen };
}
