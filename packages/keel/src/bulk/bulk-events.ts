import type { BulkPlan } from './plan/bulk-plan';

/** What a run tells while it goes on. Plain data, so that `--json` can print it. */
export type BulkEvent =
  | {
      readonly event: 'plan';
      readonly seed: number;
      readonly tables: readonly {
        readonly model: string;
        readonly table: string;
        readonly rows: number;
        readonly existing: boolean;
        readonly done: number;
      }[];
    }
  | { readonly event: 'notice'; readonly message: string }
  | {
      readonly event: 'table';
      readonly model: string;
      readonly table: string;
      readonly rows: number;
      readonly done: number;
    }
  /** Rows that were handed to the server, and those of them that are committed. */
  | {
      readonly event: 'progress';
      readonly table: string;
      readonly sent: number;
      readonly committed: number;
      readonly rows: number;
    }
  | { readonly event: 'constraints'; readonly table: string; readonly step: 'dropped' | 'adding' }
  | {
      readonly event: 'done';
      readonly table: string;
      readonly rows: number;
      readonly durationMs: number;
    }
  /** An undo begins with a table, and is done with it. */
  | {
      readonly event: 'removing';
      readonly model: string;
      readonly table: string;
      readonly rows: number;
    }
  | ({ readonly event: 'removed' } & UndoneTable);

/** The event, or events, of a name. */
export type BulkEventOf<Name extends BulkEvent['event']> = Extract<
  BulkEvent,
  { readonly event: Name }
>;

/** What an undo removed from a table. */
export interface UndoneTable {
  readonly model: string;
  readonly table: string;
  /** Rows that it removed, and rows it had made that were gone already. */
  readonly removed: number;
  readonly missing: number;
}

/** What a table got in a run. */
export interface TableResult {
  readonly model: string;
  readonly table: string;
  /** Rows written by this run, and all that the plan has made. */
  readonly written: number;
  readonly rows: number;
  readonly durationMs: number;
}

/** What a run did. */
export interface BulkResult {
  readonly seed: number;
  readonly tables: readonly TableResult[];
  readonly durationMs: number;
}

/** The plan as an event. */
export function planEvent(plan: BulkPlan, done: (table: string) => number): BulkEvent {
  return {
    event: 'plan',
    seed: plan.seed,
    tables: plan.tables.map((table) => ({
      model: table.model,
      table: table.id,
      rows: table.rows,
      existing: table.existing,
      done: table.existing ? table.rows : done(table.id),
    })),
  };
}
