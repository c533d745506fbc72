import type { PageLink } from '../document/page-document';
import type { Point, Route } from '../layout/diagram-layout';
import { labelLines } from '../layout/layout-diagram';
import { escapeMarkup } from './escape-markup';

/** How far the feet reach from the card. */
const FOOT = 12;

export interface LinkOptions {
  readonly index: number;
  readonly interactive: boolean;
}

/** A line with its feet and, where there is room for it, its label. */
export function drawLink(link: PageLink, route: Route, options: LinkOptions): string {
  const { points } = route;
  const [first, second] = points;
  const [last, before] = [points.at(-1), points.at(-2)];
  if (first === undefined || second === undefined || last === undefined || before === undefined)
    return '';
  const says = escapeMarkup([link.kind, ...labelLines(link)].join('; '));
  const many = link.kind !== '1:1';
  return [
    `<g class="${linkClasses(link)}"${options.interactive ? ` data-link="${options.index}"` : ''}>`,
    `<title>${says}</title>`,
    `<path class="wire" d="${pathOf(points)}"/>`,
    `<path class="foot" d="${many ? crowsFoot(first, second) : bar(first, second, 6)}${ringOrBar(first, second, true)}"/>`,
    `<path class="foot" d="${bar(last, before, 6)}${ringOrBar(last, before, link.optional)}"/>`,
    drawLabel(link, route),
    '</g>',
  ].join('');
}

export function linkClasses({ kind, marks }: PageLink): string {
  return [
    'link',
    { '1:1': 'one', '1:N': 'many', 'N:M': 'cross' }[kind],
    ...marks.map((mark) => mark.replaceAll(' ', '-')),
  ].join(' ');
}

function pathOf(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  let at = first;
  return `M${first.x} ${first.y}${rest
    .map((point) => {
      const step =
        point.y === at.y
          ? `H${point.x}`
          : point.x === at.x
            ? `V${point.y}`
            : `L${point.x} ${point.y}`;
      at = point;
      return step;
    })
    .join('')}`;
}

/** A line across, so far from the card. */
function bar(end: Point, next: Point, distance: number): string {
  const { x, y } = along(end, next, distance);
  return isLevel(end, next) ? `M${x} ${y - 5}V${y + 5}` : `M${x - 5} ${y}H${x + 5}`;
}

function crowsFoot(end: Point, next: Point): string {
  const { x, y } = along(end, next, FOOT);
  return isLevel(end, next)
    ? `M${end.x} ${end.y - 6}L${x} ${y}L${end.x} ${end.y + 6}`
    : `M${end.x - 6} ${end.y}L${x} ${y}L${end.x + 6} ${end.y}`;
}

/** A ring for none, a second bar for at least one. */
function ringOrBar(end: Point, next: Point, optional: boolean): string {
  if (!optional) return bar(end, next, 10);
  const { x, y } = along(end, next, FOOT + 4);
  return `M${x - 4} ${y}a4 4 0 1 0 8 0a4 4 0 1 0 -8 0`;
}

function along(end: Point, next: Point, distance: number): Point {
  if (isLevel(end, next)) return { x: end.x + Math.sign(next.x - end.x) * distance, y: end.y };
  return { x: end.x, y: end.y + Math.sign(next.y - end.y) * distance };
}

function isLevel(end: Point, next: Point): boolean {
  return end.y === next.y;
}

function drawLabel(link: PageLink, { label }: Route): string {
  if (label === undefined) return '';
  const middle = label.x + label.width / 2;
  const lines = labelLines(link).map(
    (line, position) =>
      `<text class="name" x="${middle}" y="${label.y + 32 + position * 15}">${escapeMarkup(line)}</text>`,
  );
  return [
    '<g class="label">',
    `<rect class="paper" x="${label.x}" y="${label.y}" width="${label.width}" height="${label.height}" rx="4"/>`,
    `<rect class="pill" x="${middle - 17}" y="${label.y + 2}" width="34" height="17" rx="8.5"/>`,
    `<text class="kind" x="${middle}" y="${label.y + 14.5}">${link.kind}</text>`,
    ...lines,
    '</g>',
  ].join('');
}
