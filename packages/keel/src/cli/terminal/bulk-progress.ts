import { SingleBar } from 'cli-progress';
import pc from './colours';
import type { BulkEvent, BulkEventOf } from '../../bulk/bulk-events';
import { formatCount } from '../../format-count';
import type { Output } from './output';
import {
  renderBulkDone,
  renderBulkProgress,
  renderBulkRemoved,
  renderBulkStart,
} from '../render/render-bulk';

/** Shows a bulk run while it goes on. */
export interface BulkProgress {
  onEvent(this: void, event: BulkEvent): void;
  /** Clears what is still drawn. */
  stop(this: void): void;
}

/** Where no bar can be drawn, a line at most so often, in milliseconds. */
const LINE_EVERY_MS = 5000;

/**
 * A bar for each table where the terminal is one, plain lines where it is not. With `--json` every event is a
 * line of JSON on standard error, because standard output carries one document.
 */
export function followBulk(output: Output): BulkProgress {
  if (output.json) {
    const onEvent = (event: BulkEvent): void => output.note(JSON.stringify(event));
    return { onEvent, stop: () => undefined };
  }
  return output.interactive ? withBars(output) : withLines(output);
}

function withLines(output: Output): BulkProgress {
  let start = 0;
  let first = 0;
  let last = 0;
  let current = '';
  const onEvent = (event: BulkEvent): void => {
    if (event.event === 'notice') output.note(event.message);
    if (event.event === 'table' || event.event === 'removing') {
      current = event.table;
      start = last = Date.now();
      first = event.event === 'table' ? event.done : 0;
    }
    if (event.event === 'table') output.line(renderBulkStart(event));
    if (event.event === 'removed') output.line(renderBulkRemoved(event));
    if (event.event === 'done') output.line(renderBulkDone(event));
    // Of a table before, whose keys are added back meanwhile, only its end is told.
    if (event.event !== 'progress' || event.table !== current) return;
    if (Date.now() - last >= LINE_EVERY_MS) {
      last = Date.now();
      output.line(renderBulkProgress(event, event.sent - first, last - start));
    }
  };
  return { onEvent, stop: () => undefined };
}

function withBars(output: Output): BulkProgress {
  let bar: SingleBar | undefined;
  let current = { table: '', name: '', rows: 0, sent: 0 };
  let start = 0;
  let first = 0;
  const stop = (): void => {
    bar?.stop();
    bar = undefined;
  };
  const draw = (): void => {
    const { name, rows, sent } = current;
    if (rows === sent) return;
    bar = newBar();
    bar.start(rows, sent, { name, speed: '', left: '' });
  };
  const begin = (event: BulkEventOf<'table' | 'removing'>, sent: number): void => {
    stop();
    start = Date.now();
    first = sent;
    current = { table: event.table, name: event.model, rows: event.rows, sent };
    draw();
  };
  const onEvent = (event: BulkEvent): void => {
    switch (event.event) {
      case 'plan':
        break;
      case 'notice':
        output.note(event.message);
        break;
      case 'table':
        begin(event, event.done);
        break;
      case 'removing':
        begin(event, 0);
        break;
      case 'removed':
        stop();
        output.line(renderBulkRemoved(event));
        break;
      case 'progress':
        if (event.table !== current.table) break;
        current.sent = event.sent;
        bar?.update(event.sent, figures(event, event.sent - first, Date.now() - start));
        break;
      case 'constraints':
        if (event.table === current.table)
          bar?.update({ left: event.step === 'adding' ? 'adding indexes and foreign keys' : '' });
        break;
      case 'done':
        stop();
        output.line(renderBulkDone(event));
        // The table before ends while the rows of the next are written.
        if (event.table !== current.table) draw();
        break;
    }
  };
  return { onEvent, stop };
}

/** The columns of a terminal that everything but the bar itself takes, and the widest bar. */
const BESIDES_BAR = 72;
const WIDEST_BAR = 40;

/** A line that fits into the terminal: without a bar where it is narrow. */
function newBar(columns = process.stdout.columns): SingleBar {
  const width = Math.min(WIDEST_BAR, columns - BESIDES_BAR);
  const bar = width < 8 ? '' : `${pc.cyan('{bar}')} `;
  return new SingleBar({
    format: `{name} ${bar}{percentage}% | {value}/{total} rows | {speed} {left}`,
    formatValue: (value, _options, type) =>
      type === 'percentage' ? `${value}` : formatCount(value),
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: Math.max(width, 1),
    hideCursor: true,
    clearOnComplete: true,
    stopOnComplete: false,
    fps: 5,
    stream: process.stdout,
    gracefulExit: false,
  });
}

function figures(
  { sent, rows }: { readonly sent: number; readonly rows: number },
  written: number,
  ms: number,
): { readonly speed: string; readonly left: string } {
  const speed = ms > 0 ? (written / ms) * 1000 : 0;
  const left = speed > 0 ? `${Math.ceil((rows - sent) / speed)} s left` : '';
  return { speed: `${formatCount(Math.round(speed))} rows/s`, left };
}
