import { AsyncLocalStorage } from 'node:async_hooks';
import type { Attempt } from '../attempt/attempt';

/** Which attempt is running, and whether the code that asks is the file's. */
export class AttemptScope {
  private readonly context = new AsyncLocalStorage<true>();
  /** The attempt that is running. */
  current: Attempt | undefined;
  /** The attempt before: statements that come late belong to it. */
  last: Attempt | undefined;

  /** @param exclusive whether the process belongs to keel, so that all that it does is the file's */
  constructor(private readonly exclusive: boolean) {}

  /** Runs what tries a file; within `inside` the file's code runs. */
  async enter<T>(
    attempt: Attempt,
    run: (inside: <R>(code: () => R) => R) => Promise<T>,
  ): Promise<T> {
    this.current = attempt;
    try {
      return await run((code) => this.context.run(true, code));
    } finally {
      this.current = undefined;
      this.last = attempt;
    }
  }

  /** Whether a query that is made here and now is the file's. */
  get covers(): boolean {
    return this.current !== undefined && (this.exclusive || this.context.getStore() === true);
  }
}
