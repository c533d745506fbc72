import type { Findings } from './findings';
import type { TransactionControl } from '../../db/sql-text';

/** Whose statement it is: one of the connections that the file's code was given. */
export interface ConnectionOwner {
  /** Whether it is of the instance that the file was handed, not of an application's own. */
  readonly own: boolean;
}

interface Savepoint {
  readonly name: string;
  readonly owner: ConnectionOwner;
  /** Whether others sent statements since it was set. */
  shared: boolean;
  done: boolean;
}

/** An empty result in the form in which `pg` gives one. */
export interface EmptyResult {
  readonly command: string;
  readonly rowCount: null;
  readonly rows: readonly never[];
  readonly fields: readonly never[];
  readonly oid: null;
}

/** The result of a statement that was not sent as it stood. */
export function emptyResult(command: string): EmptyResult {
  return { command, rowCount: null, rows: [], fields: [], oid: null };
}

/** Carries the transactions that a file opens on its connections as savepoints of the runner's one transaction. */
export class SavepointStack {
  private readonly savepoints: Savepoint[] = [];
  private count = 0;

  /**
   * @param send sends a statement on the run's connection
   * @param hasFailed whether the server says that the transaction has failed
   */
  constructor(
    private readonly send: (sql: string) => Promise<void>,
    private readonly hasFailed: () => boolean,
    private readonly findings: Findings,
  ) {}

  /** Transactions that are open. */
  get open(): number {
    return this.savepoints.filter((savepoint) => !savepoint.done).length;
  }

  /** Does what stands for a BEGIN, COMMIT, ROLLBACK or SET TRANSACTION of one of the file's connections. */
  async control(
    owner: ConnectionOwner,
    kind: Exclude<TransactionControl, 'savepoint'>,
  ): Promise<EmptyResult> {
    switch (kind) {
      case 'begin':
        return this.begin(owner);
      case 'commit':
        return this.commit(owner);
      case 'rollback':
        return this.rollback(owner);
      case 'characteristics':
        // An isolation level cannot be set for part of a transaction.
        return emptyResult('SET');
    }
  }

  /** Notes that a connection sends a statement, which falls into the transactions that others have open. */
  touch(owner: ConnectionOwner): void {
    for (let i = this.savepoints.length - 1; i >= 0; i -= 1) {
      const savepoint = this.savepoints[i] as Savepoint;
      if (savepoint.owner === owner) return;
      savepoint.shared = true;
    }
  }

  private async begin(owner: ConnectionOwner): Promise<EmptyResult> {
    // Within a transaction PostgreSQL only warns of another BEGIN.
    if (!this.openOf(owner)) {
      this.count += 1;
      const name = `keel_transaction_${this.count}`;
      await this.send(`SAVEPOINT ${name}`);
      this.savepoints.push({ name, owner, shared: false, done: false });
    }
    return emptyResult('BEGIN');
  }

  private async commit(owner: ConnectionOwner): Promise<EmptyResult> {
    const savepoint = this.openOf(owner);
    if (!savepoint) return emptyResult('COMMIT');
    // PostgreSQL answers the COMMIT of a failed transaction with a silent ROLLBACK.
    if (this.hasFailed()) return this.rollback(owner);
    savepoint.done = true;
    for (let top = this.savepoints.at(-1); top?.done; top = this.savepoints.at(-1)) {
      await this.send(`RELEASE SAVEPOINT ${top.name}`);
      this.savepoints.pop();
    }
    return emptyResult('COMMIT');
  }

  private async rollback(owner: ConnectionOwner): Promise<EmptyResult> {
    const savepoint = this.openOf(owner);
    if (!savepoint) return emptyResult('ROLLBACK');
    if (savepoint.shared || this.savepoints.at(-1) !== savepoint) this.findings.overlap = true;
    await this.send(`ROLLBACK TO SAVEPOINT ${savepoint.name}; RELEASE SAVEPOINT ${savepoint.name}`);
    this.savepoints.splice(this.savepoints.indexOf(savepoint));
    return emptyResult('ROLLBACK');
  }

  private openOf(owner: ConnectionOwner): Savepoint | undefined {
    return this.savepoints.findLast((savepoint) => savepoint.owner === owner && !savepoint.done);
  }
}
