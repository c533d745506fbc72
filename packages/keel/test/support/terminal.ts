import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { cleanEnvironment, KEEL } from './cli';

/** What a command on a terminal came to. */
export interface TerminalResult {
  readonly code: number | null;
  /** All that the terminal shows, standard error included. */
  readonly screen: string;
}

interface Place {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Runs keel on a terminal of its own. */
export function runOnTerminal(
  args: readonly string[],
  answers: readonly (readonly [string, string])[],
  place: Place,
): Promise<TerminalResult> {
  const words = [process.execPath, KEEL, ...args].map((word) => `'${word}'`).join(' ');
  return runShellLine(`exec ${words}`, answers, place);
}

/**
 * Runs a line of shell on a terminal of its own (`script` of util-linux makes it).
 *
 * @param answers what is typed when a text appears, in this order
 */
export async function runShellLine(
  line: string,
  answers: readonly (readonly [string, string])[],
  { cwd, env }: Place,
): Promise<TerminalResult> {
  // A terminal without a size is one that cannot be drawn on.
  const child = spawn('script', ['-qec', `stty cols 100 rows 30; ${line}`, '/dev/null'], {
    cwd,
    env: { ...cleanEnvironment(), TERM: 'xterm', CI: '', ...env },
    stdio: ['pipe', 'pipe', 'inherit'],
    timeout: 50_000,
  });
  const open = [...answers];
  let screen = '';
  let read = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    screen += text;
    const [next] = open;
    if (!next || !stripVTControlCharacters(screen.slice(read)).includes(next[0])) return;
    open.shift();
    read = screen.length;
    child.stdin.write(next[1]);
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, screen };
}
