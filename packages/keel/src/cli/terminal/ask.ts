import { interrupted, NOTHING_CHANGED } from '../../errors';

/** Whether there is someone to ask: a terminal to show a question on, and one to read the answer from. */
export function canAsk(output: { readonly interactive: boolean }): boolean {
  return output.interactive && process.stdin.isTTY && process.stderr.isTTY;
}

/**
 * Asks a question on the terminal.
 *
 * @throws KeelError `INTERRUPTED` after Ctrl-C, Ctrl-D, or when the process is told to end
 */
export function ask(question: string, signal?: AbortSignal): Promise<string> {
  // Loaded late: hardly any command asks.
  const { createInterface } = require('node:readline') as typeof import('node:readline');
  // A terminal that is read line by line hands Ctrl-C over as a letter: no signal reaches the process.
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise<string>((resolve, reject) => {
    const stop = (): void => terminal.close();
    terminal.once('SIGINT', stop);
    signal?.addEventListener('abort', stop, { once: true });
    terminal.once('close', () => {
      signal?.removeEventListener('abort', stop);
      reject(interrupted({ state: NOTHING_CHANGED }));
    });
    if (signal?.aborted) stop();
    else
      terminal.question(question, (answer) => {
        resolve(answer.trim());
        stop();
      });
  });
}
