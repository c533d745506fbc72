import type { PageColumn, PageTable, TableShape } from '../document/page-document';
import { shortType } from '../plan/short-type';

/** Sizes of the picture, in pixels. The page's script draws with the same ones. */
export const METRICS = {
  header: 44,
  row: 20,
  foot: 6,
  padding: 12,
  /** The width of a character of the columns' font, which is a monospaced one. */
  character: 7.3,
  /** The same of the table's name, which is bold. */
  title: 8.6,
  keys: 30,
  gap: 14,
  minimum: 150,
  /** Rows of a card; a table of more columns says how many it has left out. */
  rows: 30,
  name: 36,
  type: 28,
} as const;

/** A row of a card. */
export interface CardRow {
  readonly column?: PageColumn;
  readonly name: string;
  readonly type: string;
}

/** The rows that a card shows. */
export function cardRows({ columns }: Pick<TableShape, 'columns'>): CardRow[] {
  const rows = columns.map((column) => ({
    column,
    name: clip(column.name, METRICS.name),
    type: clip(shortType(column.type), METRICS.type) + (column.notNull ? '' : '?'),
  }));
  if (rows.length <= METRICS.rows) return rows;
  const kept = rows.slice(0, METRICS.rows - 1);
  return [...kept, { name: `… ${rows.length - kept.length} more columns`, type: '' }];
}

/** The width and height of a table's card. */
export function measureCard(table: PageTable): { width: number; height: number } {
  const rows = cardRows(table);
  const names = Math.max(0, ...rows.map(({ name }) => textWidth(name)));
  const types = Math.max(0, ...rows.map(({ type }) => textWidth(type)));
  const { padding, character, title, keys, gap, minimum, header, row, foot } = METRICS;
  const inner = Math.max(
    keys + names * character + (types > 0 ? gap + types * character : 0),
    textWidth(cardTitle(table)) * title + 30,
    textWidth(cardSubtitle(table)) * character,
  );
  return {
    width: Math.ceil(Math.max(minimum, inner + 2 * padding)),
    height: header + rows.length * row + foot,
  };
}

/** The middle of a column's row, from the card's top. */
export function rowMiddle(table: PageTable, column: string | undefined): number {
  const { header, row, rows } = METRICS;
  const position = table.columns.findIndex(({ name }) => name === column);
  if (position < 0) return header / 2;
  return header + (Math.min(position, rows - 1) + 0.5) * row;
}

export function cardTitle({ schema, name }: Pick<TableShape, 'schema' | 'name'>): string {
  return clip(schema === 'public' ? name : `${schema}.${name}`, METRICS.name);
}

export function cardSubtitle({ models, junction }: PageTable): string {
  const who = models.length === 0 ? 'no model' : models.join(', ');
  return clip(junction ? `${who} · junction` : who, METRICS.name);
}

/** The text cut to a number of characters, with an ellipsis. */
export function clip(text: string, length: number): string {
  // By what people take for a character: the halves of a surrogate pair stay together.
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, length - 1).join('')}…`;
}

/** How many characters wide a text is: those of East Asia and emoji take two. */
export function textWidth(text: string): number {
  return [...text].reduce((width, one) => width + ((one.codePointAt(0) ?? 0) >= 0x1100 ? 2 : 1), 0);
}
