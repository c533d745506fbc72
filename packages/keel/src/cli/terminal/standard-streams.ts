import { paceWrites } from './pace-writes';

/** This process's standard output and error, which may be a full disk or a pipe whose reader has gone. */
export interface StandardStreams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Why standard output did not take everything; undefined where it did, or where its reader wanted no more. */
  readonly failure: () => Error | undefined;
  /** Writes now what is held back, in a process that ends at once. */
  readonly flush: () => void;
  /** Resolves when all that was written is on its way. */
  readonly drained: () => Promise<void>;
}

type Write = typeof process.stdout.write;

/**
 * Lets no write throw, neither keel's nor the project's: a run must not be torn down by what reads its output.
 *
 * @param options `json`: what anyone else prints goes to standard error, as standard output carries one document
 */
export function claimStreams({ json }: { readonly json: boolean }): StandardStreams {
  const { stdout, stderr } = process;
  let failure: Error | undefined;
  const fail = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') failure ??= error;
  };
  stdout.on('error', fail);
  stderr.on('error', () => undefined);
  const out = guard(stdout, fail);
  const err = guard(stderr, () => undefined);
  const { write, flush } = paceWrites((text) => void out(text));
  const inTurn =
    (next: (...args: unknown[]) => boolean): Write =>
    (...args: unknown[]) => {
      flush();
      return next(...args);
    };
  const errInTurn = inTurn(err);
  stdout.write = json ? errInTurn : inTurn(out);
  stderr.write = errInTurn;
  return {
    out: write,
    err: (text) => void errInTurn(text),
    failure: () => failure,
    flush,
    drained: async () => {
      flush();
      await Promise.all([drained(stdout, out), drained(stderr, err)]);
      // A stream tells of its error in the next round of the event loop.
      await new Promise(setImmediate);
    },
  };
}

/** Node writes to files at once and throws; to pipes and terminals it tells the stream. */
function guard(
  stream: NodeJS.WriteStream,
  onError: (error: Error) => void,
): (...args: unknown[]) => boolean {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  return (...args) => {
    try {
      return write(...args);
    } catch (error) {
      onError(error as Error);
      return true;
    }
  };
}

function drained(
  stream: NodeJS.WriteStream,
  write: (...args: unknown[]) => boolean,
): Promise<void> {
  return new Promise((resolve) => {
    if (stream.writableLength === 0 || stream.destroyed) resolve();
    else write('', () => resolve());
  });
}
