/** A signal that comes again within this time is the same one: npm hands on what the terminal has sent already. */
const ECHO_MS = 500;

/** How the process is told to stop. */
export interface Interruption {
  /** The signal for a command, which from now on ends by itself. */
  readonly take: () => AbortSignal;
  /** The exit code of the signal that interrupted the command; undefined while none has. */
  readonly code: () => number | undefined;
}

/**
 * The first signal lets a command that has taken its signal roll back and say where it stands; the second, or
 * the first before that, ends the process at once.
 *
 * @param endNow ends the process; `state` says what is left, where a command was running
 */
export function watchSignals(endNow: (code: number, state?: string) => never): Interruption {
  const interruption = new AbortController();
  let taken = false;
  let interruptedBy: number | undefined;
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const) {
    let first = 0;
    process.on(signal, () => {
      if (interruption.signal.aborted && Date.now() - first < ECHO_MS) return;
      if (interruption.signal.aborted)
        endNow(code, 'What was running in a transaction is rolled back by the server.');
      if (!taken) endNow(code);
      first = Date.now();
      interruptedBy = code;
      interruption.abort();
    });
  }
  return {
    take: () => {
      taken = true;
      return interruption.signal;
    },
    code: () => interruptedBy,
  };
}
