/**
 * How a file runs:
 * - `transaction`: everything in one transaction with the ledger row
 * - `savepoints`: the same, with a savepoint round each statement, for a file that catches an error and goes on
 * - `none`: each statement on its own, for what PostgreSQL refuses in a transaction
 * - `pretend`: as `savepoints`, and what is refused in a transaction counts as done; for a dry run
 */
export type RunMode = 'transaction' | 'savepoints' | 'none' | 'pretend';
