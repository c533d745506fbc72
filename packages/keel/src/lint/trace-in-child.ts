import { fork } from 'node:child_process';
import path from 'node:path';
import type { ConnectionTarget } from '../project/project';
import type { ProjectFlags } from '../project/project-flags';
import type { Trace } from './trace/trace';

/** What a child process is to trace. */
export interface TraceOrder {
  readonly flags: ProjectFlags;
  /** Where the project was led away from the config's database. */
  readonly movedTo: ConnectionTarget | undefined;
  /** Names of the files that are applied before, unseen. */
  readonly before: readonly string[];
  readonly files: readonly string[];
}

export type TraceAnswer = { readonly trace: Trace } | { readonly failure: string };

/**
 * Traces files in a process of its own. What their modules keep in variables, or open, must not be there when the same
 * command runs them for real.
 */
export async function traceInChild(order: TraceOrder, signal?: AbortSignal): Promise<TraceAnswer> {
  // What the files print was said when they ran, or will be.
  const child = fork(path.join(__dirname, 'trace-child.js'), [], { stdio: 'ignore', silent: true });
  const stop = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', stop, { once: true });
  try {
    return await new Promise<TraceAnswer>((resolve) => {
      child.once('message', (answer) => {
        resolve(answer as TraceAnswer);
      });
      child.once('error', ({ message }) => {
        resolve({ failure: message });
      });
      child.once('exit', (code, killedBy) => {
        resolve({
          failure: `the process that ran them ended (${killedBy ?? `code ${code ?? '?'}`})`,
        });
      });
      child.send(order);
    });
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}
