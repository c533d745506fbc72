import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { quoteIdentifier } from '../../db/quote';
import { ByteWriter } from '../generators/byte-writer';
import { escapeCopy } from '../generators/format-values';
import type { RowRange } from '../plan/row-ranges';
import { bulkInterrupted } from './bulk-interrupted';
import type { ColumnProgram } from '../program/column-program';

/** What is written where. */
export interface CopyTarget {
  /** Quoted and qualified. */
  readonly table: string;
  readonly columns: readonly ColumnProgram[];
}

/** How to stop a long write, and how it reports progress. */
export interface CopyHooks {
  readonly signal?: AbortSignal | undefined;
  /** Called with the number of rows that were handed over since the last call. */
  readonly onRows?: ((rows: number) => void) | undefined;
}

const BUFFER = 65_536;
const BINARY_HEADER = Buffer.from('PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');

/** Writes rows by COPY: in binary where every column's type allows it, as text otherwise. */
export async function copyRows(
  client: pg.Client,
  target: CopyTarget,
  range: RowRange,
  hooks: CopyHooks = {},
): Promise<void> {
  if (target.columns.length === 0) return insertDefaults(client, target, range, hooks);
  const binary = target.columns.every((column) => column.binary);
  const columns = target.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  const sql = `COPY ${target.table} (${columns}) FROM STDIN ${binary ? '(FORMAT binary)' : ''}`;
  const stream = openCopy(client, sql);
  try {
    await writeRows(
      stream,
      binary ? binaryRow(target.columns) : textRow(target.columns),
      binary,
      range,
      hooks,
    );
    await stream.end();
  } catch (error) {
    await stream.abort(error);
    throw error;
  }
}

type RowWriter = (writer: ByteWriter, i: number) => void;

async function writeRows(
  stream: CopyStream,
  writeRow: RowWriter,
  binary: boolean,
  { from, to }: RowRange,
  { signal, onRows }: CopyHooks,
): Promise<void> {
  const writer = new ByteWriter(BUFFER * 2);
  if (binary) writer.position = BINARY_HEADER.copy(writer.buffer);
  let told = from;
  for (let i = from; i < to; i += 1) {
    writeRow(writer, i);
    if (writer.position < BUFFER) continue;
    if (signal?.aborted) throw bulkInterrupted();
    // The buffer is used again, so wait until the kernel has it.
    await stream.write(writer.buffer.subarray(0, writer.position));
    writer.position = 0;
    onRows?.(i + 1 - told);
    told = i + 1;
  }
  if (binary) {
    writer.reserve(2);
    writer.int16(-1);
  }
  await stream.write(writer.buffer.subarray(0, writer.position));
  onRows?.(to - told);
}

function binaryRow(columns: readonly ColumnProgram[]): RowWriter {
  const encoders = columns.map((column) => column.binary!);
  return (writer, i) => {
    writer.reserve(2);
    writer.int16(encoders.length);
    for (const encoder of encoders) {
      writer.reserve(encoder.size);
      encoder.write(writer, i);
    }
  };
}

function textRow(columns: readonly ColumnProgram[]): RowWriter {
  return (writer, i) => {
    writer.text(`${columns.map((column) => escapeCopy(column.text(i))).join('\t')}\n`);
  };
}

interface CopyStream {
  write(chunk: Buffer): Promise<void>;
  end(): Promise<void>;
  abort(reason: unknown): Promise<void>;
}

/** A COPY as promises. A server error or a lost connection rejects the one that is pending. */
function openCopy(client: pg.Client, sql: string): CopyStream {
  const stream = client.query(copyFrom(sql));
  let failure: Error | undefined;
  let fail: ((error: Error) => void) | undefined;
  const lost = (): void => failed(new Error('Connection terminated unexpectedly'));
  const failed = (error: Error): void => {
    failure ??= error;
    fail?.(failure);
  };
  stream.on('error', failed);
  client.once('end', lost);
  const wait = (start: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      if (failure) {
        reject(failure);
        return;
      }
      fail = reject;
      start((error) => {
        if (error) reject(error);
        else resolve();
      });
    });
  return {
    write: (chunk) => wait((done) => stream.write(chunk, done)),
    end: () => wait((done) => stream.end(done)).finally(() => client.off('end', lost)),
    abort: async (reason) => {
      client.off('end', lost);
      if (failure) return;
      // The server answers CopyFail with an error, after which the connection is free again.
      await new Promise<void>((resolve) => {
        stream.once('error', () => resolve());
        stream.once('close', () => resolve());
        client.once('end', () => resolve());
        stream.destroy(reason instanceof Error ? reason : new Error('interrupted'));
      });
    },
  };
}

/** Rows of which every column is left to the database, which COPY cannot say. */
async function insertDefaults(
  client: pg.Client,
  { table }: CopyTarget,
  { from, to }: RowRange,
  { onRows }: CopyHooks,
): Promise<void> {
  await client.query(`INSERT INTO ${table} SELECT FROM generate_series(1, $1::int8)`, [to - from]);
  onRows?.(to - from);
}

/** Writes rows by INSERT, for tables whose row security refuses COPY. */
export async function insertRows(
  client: pg.Client,
  target: CopyTarget,
  range: RowRange,
  hooks: CopyHooks = {},
): Promise<void> {
  if (target.columns.length === 0) return insertDefaults(client, target, range, hooks);
  const names = target.columns.map((column) => quoteIdentifier(column.name)).join(', ');
  // A statement takes at most 65,535 parameters.
  const step = Math.max(1, Math.min(500, Math.floor(60_000 / target.columns.length)));
  for (let start = range.from; start < range.to; start += step) {
    if (hooks.signal?.aborted) throw bulkInterrupted();
    const end = Math.min(range.to, start + step);
    const values: (string | null)[] = [];
    const tuples: string[] = [];
    for (let i = start; i < end; i += 1) {
      const fields = target.columns.map((column) => {
        values.push(column.text(i));
        return `$${values.length}`;
      });
      tuples.push(`(${fields.join(', ')})`);
    }
    await client.query(
      `INSERT INTO ${target.table} (${names}) OVERRIDING SYSTEM VALUE VALUES ${tuples.join(', ')}`,
      values,
    );
    hooks.onRows?.(end - start);
  }
}
