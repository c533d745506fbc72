import pc from '../terminal/colours';
import type { BulkEventOf, BulkResult, UndoneTable } from '../../bulk/bulk-events';
import type { BulkPreview, TablePreview } from '../../bulk/preview-bulk';
import { counted, formatCount as count } from '../../format-count';
import { seconds } from './render-run';

/** The line before a table. */
export function renderBulkStart({ model, rows, done }: BulkEventOf<'table'>): string {
  const resumed = done > 0 && done < rows ? `, ${count(done)} there already` : '';
  return `== ${model}: ${counted(rows, 'row')}${resumed} =======`;
}

/** A line in the middle of a table, where no bar can be drawn. */
export function renderBulkProgress(
  { table, sent, rows }: BulkEventOf<'progress'>,
  written: number,
  ms: number,
): string {
  const speed = ms > 0 ? (written / ms) * 1000 : 0;
  const left = speed > 0 ? `, ${Math.ceil((rows - sent) / speed)} s left` : '';
  return `   ${table}: ${count(sent)} of ${count(rows)} rows (${count(Math.round(speed))} rows/s${left})`;
}

/** The line after a table. */
export function renderBulkDone({ table, rows, durationMs }: BulkEventOf<'done'>): string {
  return `== ${table}: ${pc.green('filled')} (${counted(rows, 'row')}, ${seconds(durationMs)})`;
}

/** The summary under a run. */
export function renderBulk({ tables, durationMs, seed }: BulkResult): string[] {
  const written = tables.reduce((sum, table) => sum + table.written, 0);
  if (written === 0) return ['', 'Nothing to do: every row of this plan is there.'];
  const speed = durationMs > 0 ? Math.round((written / durationMs) * 1000) : written;
  return [
    '',
    `${counted(written, 'row')} made in ${seconds(durationMs)} (${count(speed)} rows/s, seed ${seed}).`,
    'Remove them with: keel db:seed:bulk:undo',
  ];
}

/** The line after a table that an undo emptied. */
export function renderBulkRemoved({ table, removed, missing }: UndoneTable): string {
  const gone = missing > 0 ? `; ${count(missing)} were gone already` : '';
  return `== ${table}: ${pc.green('emptied')} (${counted(removed, 'row')}${gone})`;
}

/** The summary under an undo. */
export function renderBulkUndo(tables: readonly UndoneTable[]): string[] {
  if (tables.length === 0) return ['', 'There is no bulk data to remove.'];
  const removed = tables.reduce((sum, table) => sum + table.removed, 0);
  return ['', `${counted(removed, 'row')} removed.`];
}

/** The plan of a dry run. */
export function renderPreview({ tables, notices, seed }: BulkPreview): string[] {
  const header = [
    'Order',
    'Model',
    'Table',
    'Rows',
    'To write',
    'Size',
    'Unique columns (capacity)',
  ];
  const rows = tables.map((table, at) => [
    `${at + 1}`,
    table.model,
    table.table,
    count(table.rows),
    table.existing ? 'as they are' : count(table.missing),
    size(table.bytes),
    table.uniques
      .map(({ column, capacity }) => `${column} (${capacity === null ? 'any' : count(capacity)})`)
      .join(', '),
  ]);
  return [
    '',
    ...grid([header, ...rows]),
    '',
    ...tables.flatMap(renderSample),
    ...notices,
    `Seed ${seed}. Nothing was written.`,
  ];
}

function renderSample({ model, sample }: TablePreview): string[] {
  if (sample.length === 0) return [];
  const rows = sample.map(
    (row) =>
      `  ${Object.entries(row)
        .map(([name, value]) => `${name}=${shorten(value)}`)
        .join('  ')}`,
  );
  return [pc.bold(model), ...rows, ''];
}

function shorten(value: string | null): string {
  if (value === null) return 'NULL';
  return value.length > 40 ? `${value.slice(0, 37)}...` : value;
}

function size(bytes: number): string {
  if (bytes >= 1e9) return `${(bytes / 1e9).toFixed(1)} GB`;
  if (bytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  return `${Math.ceil(bytes / 1e3)} kB`;
}

function grid(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join('  ')
      .trimEnd(),
  );
}
