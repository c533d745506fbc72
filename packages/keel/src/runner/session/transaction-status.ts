import type pg from 'pg';
import { onAnswered, onErrorMessage, type WireStatus } from '../../db/wire';

/**
 * Follows what the server says of a connection's transaction. `pg` rejects a failed statement as soon as the
 * error arrives; the status comes with a later message, perhaps in a later packet.
 */
export class TransactionStatus {
  status: WireStatus = 'I';
  private answering = false;
  private waiting: (() => void)[] = [];

  constructor(client: pg.Client) {
    onErrorMessage(client, () => {
      this.answering = true;
    });
    onAnswered(client, (status) => {
      this.status = status;
      this.settle();
    });
    // After a fatal error nothing more comes.
    client.once('end', () => {
      this.settle();
    });
  }

  /** Resolves when the answer to a failed statement is complete. */
  async answered(): Promise<void> {
    if (!this.answering) return;
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  private settle(): void {
    this.answering = false;
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
