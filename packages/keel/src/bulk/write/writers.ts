import type pg from 'pg';

/** What still goes on at some tables after their rows were handed over. */
interface Pending {
  readonly tables: ReadonlySet<string>;
  readonly done: Promise<void>;
}

/**
 * The connections that fill tables. While the server adds the keys of one table back, or analyzes it, the rows of the
 * next are made and written on another connection.
 */
export class Writers {
  private readonly busy = new Map<pg.Client, Promise<unknown>>();
  private readonly pending = new Set<Pending>();
  private failure: { readonly error: unknown } | undefined;

  constructor(readonly clients: readonly pg.Client[]) {}

  /**
   * Waits until nothing goes on at any of these tables, all of them where none are named.
   *
   * @throws what has failed meanwhile, at whatever table
   */
  async settled(tables?: readonly string[]): Promise<void> {
    for (const { tables: touched, done } of this.pending)
      if (!tables || tables.some((table) => touched.has(table))) await done;
    if (this.failure) throw this.failure.error;
  }

  /** A connection that has nothing to do. */
  async idle(): Promise<pg.Client> {
    return Promise.race(this.clients.map((client) => this.whenFree(client).then(() => client)));
  }

  /**
   * Begins work on a connection.
   *
   * @param tables what it locks or changes
   * @param work calls `handOver` where it needs this process no more
   * @returns when the work says so, or is done
   */
  async begin(
    client: pg.Client,
    tables: readonly string[],
    work: (handOver: () => void) => Promise<void>,
  ): Promise<void> {
    let handedOver = false;
    let release: () => void = () => undefined;
    const handed = new Promise<void>((resolve) => (release = resolve));
    const whole = work(() => {
      handedOver = true;
      release();
    });
    const entry = {
      tables: new Set(tables),
      done: whole.catch((error: unknown) => {
        if (handedOver) this.failure ??= { error };
      }),
    };
    this.pending.add(entry);
    this.busy.set(
      client,
      entry.done.then(() => this.pending.delete(entry)),
    );
    await Promise.race([handed, whole]);
  }

  /** Works through a list with all connections; the first failure stops the others after their current item. */
  async shareOut<T>(
    clients: readonly pg.Client[],
    items: readonly T[],
    work: (client: pg.Client, item: T) => Promise<void>,
  ): Promise<void> {
    let next = 0;
    let stop: () => void = () => undefined;
    const stopped = new Promise<void>((resolve) => (stop = resolve));
    const results = await Promise.allSettled(
      clients.map(async (client) => {
        // One that is busy with an earlier table helps as soon as it can, if there is anything left to do.
        await Promise.race([this.whenFree(client), stopped]);
        while (next < items.length) {
          const item = items[next]!;
          next += 1;
          if (next >= items.length) stop();
          try {
            await work(client, item);
          } catch (error) {
            next = items.length;
            stop();
            throw error;
          }
        }
      }),
    );
    const rejected = results.find((result) => result.status === 'rejected');
    if (rejected) throw rejected.reason;
  }

  /** Waits for all that goes on, whatever comes of it. */
  async idleAll(): Promise<void> {
    await Promise.allSettled(this.busy.values());
  }

  private async whenFree(client: pg.Client): Promise<void> {
    await this.busy.get(client);
  }
}
