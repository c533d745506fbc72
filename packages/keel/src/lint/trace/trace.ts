import type { RunMode } from '../../runner/files/run-mode';
import type { CatalogChange, RelationRef } from './catalog-change';
import type { LockMode } from '../../runner/watch/lock-mode';

/** A line of the project's own code. */
export interface SourcePlace {
  /** Relative to the project's folder. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The call of `queryInterface`, or of `sequelize.query`, that sent a statement. */
export interface TracedCall {
  readonly method: string;
  /** Its arguments where they are plain values. */
  readonly args: readonly unknown[] | undefined;
}

/** A lock that a statement took and that was not held in this strength before. */
export interface TracedLock {
  readonly relation: RelationRef;
  readonly mode: LockMode;
  /** Whether rows are written to it; nobody writes to a view. */
  readonly written: boolean;
}

/** One statement as it ran on the scratch database. */
export interface TracedStatement {
  readonly sql: string;
  readonly values: readonly unknown[] | undefined;
  readonly call: TracedCall | undefined;
  readonly source: SourcePlace | undefined;
  /** How long PostgreSQL took, in milliseconds. */
  readonly durationMs: number;
  /** How long the file's own code worked since the statement before, in milliseconds. */
  readonly codeMs: number;
  readonly inTransaction: boolean;
  /** Which transaction of its own, in a file that has none: 1 for the first; else 0. */
  readonly transaction: number;
  /** On tables, views and sequences; those on indexes go with their table's. */
  readonly locks: readonly TracedLock[];
  readonly changes: readonly CatalogChange[];
  /** Tables that were read from end to end. */
  readonly scans: readonly RelationRef[];
  /** PostgreSQL's message where the statement failed and the file went on. */
  readonly error: string | undefined;
}

/** One file as it ran. */
export interface FileTrace {
  readonly name: string;
  /** Relative to the project's folder. */
  readonly path: string;
  readonly mode: RunMode;
  /** Whether the file says itself that it has no transaction; undefined where the trace does not know. */
  readonly asksNoTransaction: boolean;
  readonly statements: readonly TracedStatement[];
  /** How long the file's own code worked after its last statement, in milliseconds. */
  readonly codeMs: number;
  /** Whether it rolled back a transaction of its own. */
  readonly rollsBack: boolean;
  /** Whether it calls `backfill`, whose statements are not among these. */
  readonly backfills: boolean;
  /** What its first statement found; undefined where it sent none. */
  readonly session: { readonly timeZone: string; readonly searchPath: string } | undefined;
  /** Why it failed on the scratch database. */
  readonly error: string | undefined;
  /** Files before it that failed, so that it ran without what they do. */
  readonly without: readonly string[];
  /** Why each rule that the file names may be broken, as it says itself. */
  readonly safe: Readonly<Record<string, string>>;
}

/** How fast the scratch server works, measured. */
export interface ServerSpeed {
  /** Reading rows to check them. */
  readonly scanBytesPerMs: number;
  /** Writing a table anew. */
  readonly writeBytesPerMs: number;
  readonly indexRowsPerMs: number;
}

/** All files that were run, in their order. */
export interface Trace {
  readonly files: readonly FileTrace[];
  readonly speed: ServerSpeed;
  readonly serverVersion: string;
  /** Where the scratch databases were, if not on the project's own server, and why. */
  readonly notice: string | undefined;
}
