import { AsyncLocalStorage } from 'node:async_hooks';

const silenced = new AsyncLocalStorage<true>();
let active = 0;
let restore: () => void = () => undefined;

/**
 * Runs the project's code without what it prints; what anyone else prints meanwhile is printed. A program that
 * the code starts has the terminal for itself, and cannot be silenced so.
 */
export async function withoutOutput<Result>(use: () => Promise<Result>): Promise<Result> {
  if (active++ === 0) restore = filterOutput();
  try {
    return await silenced.run(true, use);
  } finally {
    if (--active === 0) restore();
  }
}

function filterOutput(): () => void {
  const undo = [process.stdout, process.stderr].map((stream) => {
    const write = stream.write.bind(stream);
    const filtered = ((...args: Parameters<typeof write>) => {
      if (!silenced.getStore()) return write(...args);
      // The last argument may be a function that waits for the text to be written.
      const done: unknown = args.at(-1);
      if (typeof done === 'function') process.nextTick(done);
      return true;
    }) as typeof write;
    stream.write = filtered;
    return () => {
      stream.write = write;
    };
  });
  return () => undo.forEach((each) => each());
}
