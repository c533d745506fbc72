/** Writes lines, those that come too fast for anyone to read a few milliseconds later and together. */
export interface PacedWriter {
  readonly write: (text: string) => void;
  /** Writes now what is held back. */
  readonly flush: () => void;
}

/** How many writes go out at once before they are paced: a run of a few files is shown as it happens. */
const AT_ONCE = 20;

/** How long lines are held back at most, and after how long one more may go out at once, in milliseconds. */
const PERIOD_MS = 10;

/** Every write to a pipe or a terminal wakes whoever reads it, which takes longer than the write itself. */
export function paceWrites(write: (text: string) => void): PacedWriter {
  let held = '';
  let allowed = AT_ONCE;
  let counted = performance.now();
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const text = held;
    held = '';
    if (text !== '') write(text);
  };
  const mayWrite = (): boolean => {
    const now = performance.now();
    allowed = Math.min(AT_ONCE, allowed + (now - counted) / PERIOD_MS);
    counted = now;
    return allowed >= 1;
  };
  return {
    write: (text) => {
      held += text;
      if (timer) return;
      if (!mayWrite()) timer = setTimeout(flush, PERIOD_MS);
      else {
        allowed -= 1;
        flush();
      }
    },
    flush,
  };
}
