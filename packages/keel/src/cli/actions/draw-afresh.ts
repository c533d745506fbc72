import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { KeelError, type KeelErrorDetails } from '../../errors';
import type { PageResult } from '../render/render-page-result';
import { givenArguments, type GivenProjectFlags } from '../render/repeat-flags';

export interface DrawOptions {
  readonly flags: GivenProjectFlags & { readonly debug?: boolean; readonly wait?: number };
  readonly offline: boolean;
  /** The environment of the process: without what its `.env` and config have added since. */
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

/** A page that was drawn, or the error that prevented it. */
export type Drawn = ({ readonly page: DrawnPage } | { readonly error: KeelError }) & {
  /** What the process said on standard error. */
  readonly said: string;
};

export type DrawnPage = PageResult & { readonly text: string };

const PROGRAM = path.join(__dirname, '..', '..', 'bin.js');

/**
 * Draws a page that is to be served, in a process of its own: Node loads a module once, and the project's have changed.
 */
export async function drawAfresh({ flags, offline, env, signal }: DrawOptions): Promise<Drawn> {
  const args = [
    ...[...process.execArgv, PROGRAM, 'schema:page', '--live', '--json'],
    ...givenArguments(flags),
    ...(offline ? ['--offline'] : []),
    ...(flags.debug === true ? ['--debug'] : []),
    ...(flags.wait === undefined ? [] : [`--wait=${flags.wait}ms`]),
  ];
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const stop = (): void => void child.kill('SIGINT');
  signal.addEventListener('abort', stop);
  const [out, err] = [child.stdout, child.stderr].map((stream) => {
    const chunks: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => void chunks.push(chunk));
    return () => Buffer.concat(chunks).toString('utf8');
  }) as [() => string, () => string];
  try {
    await once(child, 'close');
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return read(out(), err());
}

type Document = DrawnPage & { readonly error?: KeelErrorDetails & { readonly message: string } };

function read(out: string, said: string): Drawn {
  try {
    const document = JSON.parse(out) as Document;
    const { error } = document;
    if (error === undefined) return { page: document, said };
    return { error: new KeelError(error.message, error), said };
  } catch (cause) {
    const [last = 'it said nothing'] = said.trim().split('\n').reverse();
    const message = `The process that draws the page has ended early: ${last}`;
    return { error: new KeelError(message, { code: 'PROCESS_ENDED', cause }), said };
  }
}
