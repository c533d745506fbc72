import pc from './colours';
import { describeHolder } from '../../db/advisory-lock';
import { stem } from '../../runner/files/compare-names';
import type { RunEvent } from '../../runner/results';
import type { Output } from './output';
import { renderDone, renderProgress, renderReport, renderStart } from '../render/render-run';
import { renameSpinner, startSpinner, stopSpinner } from './spinner';

/** Where no line can be redrawn, one at most so often, in milliseconds. */
const PROGRESS_EVERY_MS = 10_000;

/** Shows a run while it goes on: a spinner where the terminal is one, a line for each file everywhere. */
export function followRun(output: Output): (event: RunEvent) => void {
  let count = 0;
  let held: string[] = [];
  let told = 0;
  const isNews = newsFilter(output);
  const show = (...lines: string[]): void => {
    const text = [...held, ...lines];
    held = [];
    if (text.length > 0) output.line(text.join('\n'));
  };
  // A file's end and the next one's beginning, a moment apart, are one write: each wakes whoever reads.
  const showSoon = (line: string): void => {
    held.push(line);
    setImmediate(show);
  };
  return (event) => {
    switch (event.type) {
      case 'waiting':
        output.note(`Another run is going on: waiting for ${describeHolder(event.holder)}.`);
        break;
      case 'planned':
        count = event.count;
        break;
      case 'warning':
        output.warn(event.message);
        break;
      case 'notice':
        if (!output.json) output.note(event.message);
        break;
      case 'start':
        told = Date.now();
        if (output.interactive)
          startSpinner(output, `${stem(event.name)} (${event.index + 1} of ${count})`);
        else show(renderStart(event));
        break;
      case 'report':
        // A backfill tells of itself.
        if (!output.json && Date.now() - told > PROGRESS_EVERY_MS) output.note(renderReport(event));
        break;
      case 'progress':
        if (output.interactive) renameSpinner(renderProgress(event));
        else if (!output.json && Date.now() - told > PROGRESS_EVERY_MS)
          output.note(renderProgress(event));
        else break;
        told = Date.now();
        break;
      case 'retry':
        if (!isNews(event)) break;
        output.note(pc.dim(`   ${event.name} is run again: ${event.reason}.`));
        break;
      case 'sent':
        break;
      case 'done':
        stopSpinner();
        showSoon(renderDone(event.file));
        break;
    }
  };
}

/** Of the files that run in another mode, the first is told and the summary counts them. A wait is always told. */
function newsFilter({ json }: Output): (event: Extract<RunEvent, { type: 'retry' }>) => boolean {
  const told = new Set<string>();
  return ({ waits, mode }) => {
    if (waits) return true;
    if (json || told.has(mode)) return false;
    told.add(mode);
    return true;
  };
}
