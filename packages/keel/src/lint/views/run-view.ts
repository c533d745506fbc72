import type { TableSize, TableSizes } from '../table-sizes';
import type { CatalogChange, RelationRef } from '../trace/catalog-change';
import type { Oid } from '../trace/traced-catalog';
import type { FileTrace, ServerSpeed } from '../trace/trace';

/** From when on a lock, or the work under it, is worth a word. */
export interface Threshold {
  /** Work over a table of at least so many rows. */
  readonly rows?: number;
  /** A lock that is held for longer. */
  readonly milliseconds?: number;
}

/** The files that run one after the other, and what is known of the database. */
export interface RunInput {
  readonly files: readonly FileTrace[];
  readonly sizes: TableSizes;
  readonly speed: ServerSpeed;
  readonly threshold: Threshold;
}

/** For how long nobody minds to wait. */
export const DEFAULT_MILLISECONDS = 200;

/** Work that a statement does, or several: an estimate. */
export interface Work {
  readonly ms: number;
  /** Of the biggest table that is worked on; 0 where there is none. */
  readonly rows: number;
  /** A table is worked on of which nothing is known. */
  readonly unknown: boolean;
}

export const noWork: Work = { ms: 0, rows: 0, unknown: false };

export function addWork(a: Work, b: Work): Work {
  return {
    ms: a.ms + b.ms,
    rows: Math.max(a.rows, b.rows),
    unknown: a.unknown || b.unknown,
  };
}

/** What all files of a run share. */
export class RunView {
  private readonly born = new Set<Oid>();
  private readonly firstNames = new Map<Oid, string>();

  constructor(readonly input: RunInput) {
    for (const { statements } of input.files)
      for (const { changes, locks } of statements) {
        for (const change of changes) this.note(change);
        for (const { relation } of locks) this.name(relation);
      }
  }

  /** Whether the run itself makes the table: then it is empty, and nobody else knows of it. */
  isNew({ oid }: RelationRef): boolean {
    return this.born.has(oid);
  }

  /** The table's size; undefined where it is not known. */
  sizeOf(table: RelationRef): TableSize | undefined {
    if (this.isNew(table)) return { rows: 0, bytes: 0 };
    const { tables, trusted } = this.input.sizes;
    const size = tables[this.firstNames.get(table.oid) ?? table.name];
    if (size === undefined || trusted) return size;
    const { scanBytesPerMs } = this.input.speed;
    return this.exceeds({ ...noWork, rows: size.rows, ms: size.bytes / scanBytesPerMs })
      ? size
      : undefined;
  }

  /** Whether work is too much to be done while others wait. */
  exceeds({ ms, rows, unknown }: Work): boolean {
    const { threshold } = this.input;
    if (unknown) return true;
    if (threshold.rows !== undefined && rows >= threshold.rows) return true;
    const most =
      threshold.milliseconds ?? (threshold.rows === undefined ? DEFAULT_MILLISECONDS : Infinity);
    return ms > most;
  }

  private note(change: CatalogChange): void {
    this.name(change.table);
    if (change.type === 'table-created') this.born.add(change.table.oid);
  }

  private name({ oid, name }: RelationRef): void {
    if (!this.firstNames.has(oid)) this.firstNames.set(oid, name);
  }
}
