import type { PageDocument, PageLink, PageTable } from '../document/page-document';
import { labelLines } from '../layout/layout-diagram';
import { cardTitle } from '../layout/measure-card';
import { shortType } from '../plan/short-type';
import { visibleText } from './escape-markup';

/**
 * An entity relationship diagram for Mermaid, as GitHub draws it.
 *
 * @see https://mermaid.js.org/syntax/entityRelationshipDiagram.html
 */
export function renderMermaid({ tables, links }: PageDocument): string {
  const names = new Map(tables.map((table) => [table.key, quote(cardTitle(table))]));
  return [
    'erDiagram',
    ...tables.flatMap((table) => [
      `  ${names.get(table.key) ?? ''} {`,
      ...table.columns.map((column) => `    ${columnLine(column)}`),
      '  }',
    ]),
    ...links.map((link) => {
      const [parent, child] = [names.get(link.parent), names.get(link.child)];
      const said = [link.kind, ...labelLines(link)].join(' · ');
      return `  ${parent ?? ''} ${feet(link)} ${child ?? ''} : ${quote(said)}`;
    }),
    '',
  ].join('\n');
}

function columnLine({
  name,
  type,
  primaryKey,
  foreignKey,
  unique,
}: PageTable['columns'][number]): string {
  const keys = [
    ...(primaryKey ? ['PK'] : []),
    ...(foreignKey ? ['FK'] : []),
    ...(unique && !primaryKey ? ['UK'] : []),
  ].join(', ');
  const word = wordOf(name);
  // Its names are words; what another name is, stands in the comment.
  const comment = word === name ? '' : ` ${quote(name)}`;
  return `${wordOf(shortType(type).replace(/,\s*/g, '-'), '()[]')} ${word}${keys === '' ? '' : ` ${keys}`}${comment}`;
}

function feet({ kind, optional, marks }: PageLink): string {
  const line = marks.includes('no foreign key') ? '..' : '--';
  return `${optional ? '|o' : '||'}${line}${kind === '1:1' ? 'o|' : 'o{'}`;
}

/** A name that Mermaid takes without quotes: it begins with a letter. */
function wordOf(text: string, others = ''): string {
  const word = [...visibleText(text)]
    .map((one) => (/[\p{L}\p{N}_]/u.test(one) || others.includes(one) ? one : '_'))
    .join('');
  return /^\p{L}/u.test(word) ? word : `c_${word}`;
}

/** A text in quotes; a quote in it would end it, and the rest would make entities or links of its own. */
function quote(text: string): string {
  return `"${visibleText(text)
    .replace(/[\r\n\t]+/g, ' ')
    .replace(/["\\]/g, "'")
    .replace(/[<>&#;%{}`]/g, '_')}"`;
}
