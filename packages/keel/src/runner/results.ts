import type { BackfillProgress } from '../backfill/backfill-options';
import type { BlockingSession } from './attempt/blocking-session';
import type { RunMode } from './files/run-mode';
import type { MigrationKind } from './ledger/history';
import type { WatchReport } from './watch/watch-attempt';
import type { LockHolder } from '../db/advisory-lock';

/** One file that ran. */
export interface FileResult {
  readonly name: string;
  readonly direction: 'up' | 'down';
  /** How it ran; `fake` where it was only recorded. */
  readonly mode: RunMode | 'fake';
  /** From the first statement of the last try to its commit, in milliseconds. */
  readonly durationMs: number;
  /** Why it took more than one try, and what it did not wait for. */
  readonly notes: readonly string[];
}

/** A whole run of migrations or seeders. */
export interface RunResult {
  readonly kind: MigrationKind;
  readonly direction: 'up' | 'down';
  /** In the order in which they ran. */
  readonly files: readonly FileResult[];
  /** How many are pending now. */
  readonly pending: number;
  /** Their names, in the order in which they would run. */
  readonly pendingNames: readonly string[];
  /** How many files and records there are, applied or pending. */
  readonly known: number;
  /** What is doubtful and did not stop the run. */
  readonly warnings: readonly string[];
  readonly durationMs: number;
}

/** What happens during a run, for whoever shows it. */
export type RunEvent =
  | { readonly type: 'waiting'; readonly holder: LockHolder | undefined }
  | { readonly type: 'warning'; readonly message: string }
  /** Something that people should know, and need not do anything about. */
  | { readonly type: 'notice'; readonly message: string }
  | { readonly type: 'planned'; readonly count: number }
  | {
      readonly type: 'start';
      readonly name: string;
      readonly direction: 'up' | 'down';
      readonly index: number;
    }
  | { readonly type: 'report'; readonly name: string; readonly report: WatchReport }
  /** How far a backfill of the file has come. */
  | { readonly type: 'progress'; readonly name: string; readonly progress: BackfillProgress }
  | {
      readonly type: 'retry';
      readonly name: string;
      readonly reason: string;
      /** How it runs now. */
      readonly mode: RunMode;
      /** Whether it waited too long, and so is run again as it was. */
      readonly waits: boolean;
      /** Who held the locks that it waited for. */
      readonly blockedBy: readonly BlockingSession[];
    }
  /** What a file sent that has just run: the beginnings of very long ones, and the first of very many. */
  | { readonly type: 'sent'; readonly name: string; readonly statements: readonly string[] }
  | { readonly type: 'done'; readonly file: FileResult };
