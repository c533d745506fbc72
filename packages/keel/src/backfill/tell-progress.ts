import { formatCount } from '../format-count';
import type { BackfillProgress } from './backfill-options';

/** Where nobody listens, a line at most so often, in milliseconds. */
const LINE_EVERY_MS = 5000;

/** Turns what is done into rows a second and the time that is left. */
export class ProgressTeller {
  private readonly start = Date.now();

  constructor(
    private readonly table: string,
    private readonly from: { readonly done: number; readonly total: number },
    private readonly tell: (progress: BackfillProgress) => void,
  ) {}

  report(done: number, waiting?: string): void {
    const { table, from } = this;
    const elapsed = Date.now() - this.start;
    const rate = elapsed > 0 ? (done - from.done) / elapsed : 0;
    const total = Math.max(from.total, done);
    const leftMs = rate > 0 ? (total - done) / rate : undefined;
    this.tell({ table, done, total, rowsPerSecond: Math.round(rate * 1000), leftMs, waiting });
  }
}

/** Prints a line a few seconds on standard error: outside of keel nobody else shows what goes on. */
export function printProgress(write: (line: string) => void): (progress: BackfillProgress) => void {
  let last = Date.now();
  return (progress) => {
    if (Date.now() - last < LINE_EVERY_MS) return;
    last = Date.now();
    write(`${describeProgress(progress)}\n`);
  };
}

/** A backfill's progress as a line. */
export function describeProgress(progress: BackfillProgress): string {
  const { table, done, total, rowsPerSecond, leftMs, waiting } = progress;
  const count = (rows: number): string => formatCount(Math.round(rows));
  const left = leftMs === undefined ? '' : `, ${describeTime(leftMs)} left`;
  const pace =
    waiting === undefined ? `${count(rowsPerSecond)} rows/s${left}` : `waits: ${waiting}`;
  return `${table}: ${count(done)} of about ${count(total)} rows, ${pace}`;
}

function describeTime(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${(minutes / 60).toFixed(1)} h`;
}
