import type { Sides } from './describe-operation';

/** How much of each side is shown; the whole of a long function would hide the rest of the differences. */
const shownLines = 3;

/** Says how two texts differ, by the lines that are not in both. */
export function describeChange(
  before: string,
  after: string,
  { before: there, after: here }: Sides,
): string {
  const [old, next] = [linesOf(before), linesOf(after)];
  const common = leading(old, next);
  const tail = leading([...old].slice(common).reverse(), [...next].slice(common).reverse());
  const gone = old.slice(common, old.length - tail);
  const come = next.slice(common, next.length - tail);
  if (gone.length + come.length === 0) return 'in its white space';
  return `${quoted(come)} in ${here}, ${quoted(gone)} in ${there}`;
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** How many lines are the same at the beginning. */
function leading(a: readonly string[], b: readonly string[]): number {
  const end = Math.min(a.length, b.length);
  for (let position = 0; position < end; position += 1)
    if (a[position] !== b[position]) return position;
  return end;
}

function quoted(lines: readonly string[]): string {
  if (lines.length === 0) return 'nothing there';
  const rest = lines.length - shownLines;
  const shown = lines.slice(0, shownLines).join(' ');
  return `"${shown}"${rest > 0 ? ` and ${rest} more lines` : ''}`;
}
