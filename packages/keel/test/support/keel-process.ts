import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Keel } from '../../src/index';
import { cleanEnvironment } from './cli';
import { PACKAGE } from './paths';

type Method = 'migrate' | 'undo' | 'check' | 'generate';

/** A process that runs keel in one project after the other: many starts would take longer than what they do. */
export class KeelProcess {
  private readonly child = spawn(process.execPath, ['-e', PROGRAM], {
    env: { ...cleanEnvironment(), KEEL_INDEX: path.join(PACKAGE, 'dist', 'index.js') },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });

  /** @throws Error with what keel says and its code */
  async call<M extends Method>(
    project: { readonly root: string; readonly url: string },
    method: M,
    ...args: Parameters<Keel[M]>
  ): Promise<Awaited<ReturnType<Keel[M]>>> {
    this.child.send({ project, method, args });
    const [{ result, error }] = (await once(this.child, 'message')) as [
      { result: Awaited<ReturnType<Keel[M]>>; error?: string },
    ];
    if (error !== undefined) throw new Error(`${method} ${JSON.stringify(args)}: ${error}`);
    return result;
  }

  async close(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.disconnect();
    await ended;
  }
}

const PROGRAM = `
  const { createKeel } = require(process.env.KEEL_INDEX);
  process.on('message', async ({ project, method, args }) => {
    try {
      process.env.DATABASE_URL = project.url;
      const keel = await createKeel({ cwd: project.root });
      process.send({ result: await keel[method](...args) });
    } catch (error) {
      process.send({ error: [error.message, ...(error.details ?? []), error.hint, error.stack].join('\\n') });
    }
  });`;
