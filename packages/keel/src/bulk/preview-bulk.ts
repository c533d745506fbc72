import { ByteWriter } from './generators/byte-writer';
import { capacityOf } from './generators/capacity-of';
import { rowsIn } from './plan/row-ranges';
import type { TablePlan } from './plan/bulk-plan';
import { prepareBulk, previewPrograms, type BulkOptions } from './prepare-bulk';
import type { TableProgram } from './program/compile-plan';

/** One table of a plan, as `--dry-run` shows it. */
export interface TablePreview {
  readonly model: string;
  readonly table: string;
  /** Rows in all, and those of them that a run would still write. */
  readonly rows: number;
  readonly missing: number;
  /** Whether rows that are there already are used instead. */
  readonly existing: boolean;
  /** What the missing rows would take on their way to the server, in bytes; an estimate. */
  readonly bytes: number;
  /** Unique columns and how many different values they can hold; null is without limit. */
  readonly uniques: readonly { readonly column: string; readonly capacity: number | null }[];
  /** The first rows, by column, as PostgreSQL reads them. */
  readonly sample: readonly Readonly<Record<string, string | null>>[];
}

/** What a run would do. */
export interface BulkPreview {
  readonly seed: number;
  /** In the order in which they would be filled. */
  readonly tables: readonly TablePreview[];
  readonly notices: readonly string[];
}

const SAMPLE = 3;
const MEASURED = 100;

/** Makes the plan and shows it; writes nothing. */
export async function previewBulk(options: BulkOptions): Promise<BulkPreview> {
  const client = await options.connect();
  try {
    const prepared = await prepareBulk(client, options);
    const programs = previewPrograms(prepared);
    const tables = prepared.plan.tables.map((table) => {
      const done = rowsIn(prepared.stored.get(table.id)?.done[1] ?? []);
      return previewTable(table, table.existing ? 0 : table.rows - done, programs);
    });
    return { seed: prepared.plan.seed, tables, notices: prepared.notices };
  } finally {
    await client.end().catch(() => undefined);
  }
}

function previewTable(
  plan: TablePlan,
  missing: number,
  programs: (table: string) => TableProgram,
): TablePreview {
  const base = {
    model: plan.model,
    table: plan.id,
    rows: plan.rows,
    missing,
    existing: plan.existing,
  };
  if (plan.existing) return { ...base, bytes: 0, uniques: [], sample: [] };
  const program = programs(plan.id);
  const sample = Array.from({ length: Math.min(SAMPLE, plan.rows) }, (_, i) =>
    Object.fromEntries(program.columns.map((column) => [column.name, column.text(i)])),
  );
  const uniques = plan.columns
    .filter((column) => column.unique && column.generator.kind !== 'serial')
    .map((column) => {
      const capacity = capacityOf(column.generator);
      return { column: column.name, capacity: Number.isFinite(capacity) ? capacity : null };
    });
  return { ...base, bytes: Math.round(missing * bytesPerRow(program)), uniques, sample };
}

function bytesPerRow({ plan, columns }: TableProgram): number {
  const rows = Math.min(MEASURED, plan.rows);
  if (rows === 0) return 0;
  const writer = new ByteWriter(65_536);
  for (let i = 0; i < rows; i += 1) {
    for (const column of columns) {
      if (column.binary) {
        writer.reserve(column.binary.size);
        column.binary.write(writer, i);
      } else writer.text(column.text(i) ?? '');
    }
  }
  return writer.position / rows + 2;
}
