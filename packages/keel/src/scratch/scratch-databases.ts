import type pg from 'pg';
import { dropIfThere, endSessions } from '../db/admin';

export interface ScratchServer {
  /** The connection that owns them. */
  readonly owner: pg.Client;
  readonly nameOf: (number: number) => string;
  /** Makes an empty database, on the owner's connection. */
  readonly make: (name: string) => Promise<void>;
  /** Opens a further connection. */
  readonly open: () => Promise<pg.Client>;
}

/** The scratch databases of a command. Making and dropping share a connection, so each waits for the one before. */
export class ScratchDatabases {
  /** Those that are there. */
  private readonly names = new Set<string>();
  /** Those that somebody uses. */
  private readonly taken: string[] = [];
  private readonly prepared: Promise<string>[] = [];
  private last: Promise<unknown> = Promise.resolve();
  private count = 0;

  constructor(private readonly server: ScratchServer) {}

  /** @returns the name of one that is prepared, or that is made now */
  async create(): Promise<string> {
    const name = await (this.prepared.shift() ?? this.begin());
    this.taken.push(name);
    return name;
  }

  /** Begins to make as many as will be created soon. */
  prepare(count: number): void {
    while (this.prepared.length < count) {
      const making = this.begin();
      // Whoever takes it gets the error.
      making.catch(() => undefined);
      this.prepared.push(making);
    }
  }

  /**
   * Begins to drop those that somebody has used: nobody needs them any more.
   *
   * @returns a promise that waits until the server is at it
   */
  async dropMeanwhile(): Promise<void> {
    const gone = this.taken.splice(0);
    await new Promise<void>((resolve) => {
      this.last = this.last
        .then(() => this.drop(gone, resolve))
        // Tried again at the end, and told of there.
        .catch(() => undefined)
        .finally(resolve);
    });
  }

  async dropAll(): Promise<void> {
    await this.last;
    await this.drop([...this.names]);
  }

  private begin(): Promise<string> {
    const name = this.server.nameOf(this.count++);
    const making = this.last.then(async () => {
      this.names.add(name);
      await this.server.make(name);
      return name;
    });
    this.last = making.catch(() => undefined);
    return making;
  }

  /**
   * All at the same moment: each DROP DATABASE waits for a checkpoint, which brings the files of all other databases to
   * disk, also those that are dropped right after. For a thousand tables that takes many seconds.
   */
  private async drop(names: readonly string[], onSent?: () => void): Promise<void> {
    const { owner, open } = this.server;
    const helpers = await Promise.all(names.slice(1).map(() => open().catch(() => undefined)));
    const clients = [owner, ...helpers];
    const each = (use: (client: pg.Client, name: string) => Promise<void>) =>
      Promise.all(names.map((name, i) => use(clients[i] ?? owner, name)));
    try {
      await each(endSessions);
      const dropping = each(dropIfThere);
      onSent?.();
      await dropping;
      for (const name of names) this.names.delete(name);
    } finally {
      for (const helper of helpers) await helper?.end();
    }
  }
}
