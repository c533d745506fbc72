import type { PageTable } from '../document/page-document';
import type { Box } from '../layout/diagram-layout';
import {
  cardRows,
  cardSubtitle,
  cardTitle,
  clip,
  METRICS,
  textWidth,
  type CardRow,
} from '../layout/measure-card';
import { escapeMarkup } from './escape-markup';

/** How many colours there are for schemas. */
const COLOURS = 8;

export interface CardOptions {
  /** Which of the page's tables it is: the script finds the card by it. */
  readonly index: number;
  /** Of the table's schema among all schemas. */
  readonly colour: number;
  readonly links: number;
  readonly interactive: boolean;
}

/** A table's card as an SVG group. */
export function drawCard(table: PageTable, box: Box, options: CardOptions): string {
  const { header, padding } = METRICS;
  const { colour, interactive, index } = options;
  const says = escapeMarkup(describeCard(table, options.links));
  const attributes = interactive
    ? ` data-table="${index}" tabindex="${index === 0 ? 0 : -1}" role="button" aria-label="${says}"`
    : '';
  const classes = ['card', `s${colour % COLOURS}`, ...stateClasses(table)].join(' ');
  const title = escapeMarkup(cardTitle(table));
  // Its schema is told by the colour then.
  const name = clip(table.name, METRICS.name);
  const size = Math.min(box.height / 2.5, (box.width / Math.max(6, textWidth(name))) * 1.5, 90);
  return [
    `<g class="${classes}" transform="translate(${box.x} ${box.y})"${attributes}>`,
    interactive ? '' : `<title>${says}</title>`,
    `<rect class="box" width="${box.width}" height="${box.height}" rx="7"/>`,
    `<path class="head" d="M0 ${header}V7a7 7 0 0 1 7-7H${box.width - 7}a7 7 0 0 1 7 7V${header}Z"/>`,
    `<text class="title" x="${padding}" y="19">${title}</text>`,
    `<text class="sub" x="${padding}" y="36">${escapeMarkup(cardSubtitle(table))}</text>`,
    badge(table, box.width),
    `<g class="rows">${cardRows(table)
      .map((row, position) => drawRow(row, position, box.width))
      .join('')}</g>`,
    interactive
      ? `<text class="far" x="${box.width / 2}" y="${box.height / 2}" font-size="${Math.round(size)}">${escapeMarkup(name)}</text>`
      : '',
    '</g>',
  ].join('');
}

function drawRow({ column, name, type }: CardRow, position: number, width: number): string {
  const { header, row, padding, keys } = METRICS;
  const y = header + (position + 0.5) * row + 4;
  const marks = keyMarks(column);
  return [
    marks === '' ? '' : `<text class="key" x="${padding}" y="${y}">${marks}</text>`,
    `<text class="${column?.primaryKey === true ? 'col pk' : 'col'}" x="${padding + keys}" y="${y}">${escapeMarkup(name)}</text>`,
    type === ''
      ? ''
      : `<text class="type" x="${width - padding}" y="${y}">${escapeMarkup(type)}</text>`,
  ].join('');
}

/** PK and FK; a column that is both is the more worth saying what it refers with. */
export function keyMarks(column: CardRow['column']): string {
  if (column === undefined) return '';
  const { primaryKey, foreignKey, unique } = column;
  if (primaryKey) return foreignKey ? 'PF' : 'PK';
  if (foreignKey) return unique ? 'FU' : 'FK';
  return unique ? 'U' : '';
}

function badge({ drift }: PageTable, width: number): string {
  if (drift.length === 0) return '';
  return `<g class="badge"><circle cx="${width - 15}" cy="15" r="9"/><text x="${width - 15}" y="19">${drift.length}</text></g>`;
}

function stateClasses({ drift, junction, models }: PageTable): string[] {
  return [
    ...(junction ? ['junction'] : []),
    ...(models.length === 0 ? ['unmodelled'] : []),
    ...(drift.length > 0 ? ['drifted'] : []),
  ];
}

function describeCard(table: PageTable, links: number): string {
  const { models, columns, junction, drift } = table;
  return [
    `table ${cardTitle(table)}`,
    models.length === 0 ? 'no model' : `model ${models.join(', ')}`,
    ...(junction ? ['junction'] : []),
    `${columns.length} columns`,
    `${links} lines`,
    ...(drift.length > 0 ? [`${drift.length} differences`] : []),
  ].join(', ');
}
