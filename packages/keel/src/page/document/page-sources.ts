import type { CheckResult } from '../../check/check-schema';
import type { Difference } from '../../diff/describe-operation';
import type { MigrationState } from '../../runner/files/migration-state';
import type {
  ModelColumn,
  PageAssociation,
  PageLock,
  TableChange,
  TableShape,
} from './page-document';

/** The models of a table, as they declare it. */
export interface ModelTable {
  readonly shape: TableShape;
  readonly models: readonly string[];
  readonly columns: readonly ModelColumn[];
}

/** What the models say; no database is needed for it. */
export interface PageModels {
  readonly tables: ReadonlyMap<string, ModelTable>;
  readonly associations: readonly PageAssociation[];
  readonly notices: readonly Difference[];
}

/** What one migration did on a scratch database. */
export interface TimelineStep {
  readonly name: string;
  readonly statements: readonly string[];
  readonly locks: readonly PageLock[];
  readonly changes: readonly TableChange[];
}

/** The schema's life, one migration after the other. */
export interface Timeline {
  readonly steps: readonly TimelineStep[];
  /** After all of them. */
  readonly tables: readonly TableShape[];
  /** Where the scratch database was, if not on the project's own server, and why. */
  readonly notice?: string;
}

/** How much is in a table. */
export interface TableSize {
  readonly rows?: number;
  readonly estimated: boolean;
  readonly bytes: number;
}

/** The project's database as it is. */
export interface LiveTables {
  readonly tables: readonly TableShape[];
  readonly sizes: ReadonlyMap<string, TableSize>;
  /** The schema of a table that names none. */
  readonly defaultSchema: string;
}

/** A side that was read, or the sentence that says why it was not. */
export type Read<T> = { readonly value: T } | { readonly reason: string };

/** All that could be read of a project. */
export interface PageSources {
  readonly title: string;
  readonly environment: string;
  readonly models: Read<PageModels>;
  readonly timeline: Read<Timeline>;
  readonly live: Read<LiveTables>;
  /** What is in the folder of migrations, and in the ledger where it could be read. */
  readonly states: readonly MigrationState[];
  /** Why the ledger could not be read; undefined where it was. */
  readonly statesUnknown: string | undefined;
  readonly check: Read<CheckResult>;
}
