import type pg from 'pg';
import { close } from '../../db/client';
import { openProjectClient, type ProjectAddress } from '../../project/with-project-client';

/** After a failure to connect, how long not to try again, in milliseconds: a full server has better to do. */
const REST_MS = 5000;

/**
 * A second connection, which looks on while files run. It is opened when there is first something to look at.
 *
 * The lock's connection cannot do this. CREATE INDEX CONCURRENTLY waits for every transaction that has a snapshot at
 * the moment it looks, and the lock's transaction ends with the run only. This connection is in no transaction.
 */
export class ObserverConnection {
  private client: Promise<pg.Client> | undefined;
  private restsUntil = 0;

  constructor(private readonly project: ProjectAddress) {}

  /** Asks something; a connection over which that fails is given up. */
  async ask<T>(question: (client: pg.Client) => Promise<T>): Promise<T> {
    this.client ??= this.open();
    const { client } = this;
    try {
      return await question(await client);
    } catch (error) {
      if (this.client === client) this.drop();
      throw error;
    }
  }

  /** Gives the connection up, without waiting for it; the next question opens another. */
  drop(): void {
    const { client } = this;
    this.client = undefined;
    client?.then(close).catch(() => undefined);
  }

  private async open(): Promise<pg.Client> {
    if (Date.now() < this.restsUntil) throw new Error('There was no connection to look on.');
    try {
      return await openProjectClient(this.project, {
        applicationName: 'keel watch',
        timeoutMs: REST_MS,
      });
    } catch (error) {
      this.restsUntil = Date.now() + REST_MS;
      throw error;
    }
  }
}
