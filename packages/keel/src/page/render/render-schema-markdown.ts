import type { PageDocument, PageLink, PageTable } from '../document/page-document';
import { labelLines } from '../layout/layout-diagram';
import { cardTitle } from '../layout/measure-card';
import { escapeMarkup } from './escape-markup';
import { renderMermaid } from './render-mermaid';

/** The diagram for GitHub and GitLab, and below it all that is drawn as tables: for a README or a review. */
export function renderSchemaMarkdown(document: PageDocument): string {
  const { title, tables, links } = document;
  const names = new Map(tables.map((table) => [table.key, cell(cardTitle(table))]));
  return [
    `# ${cell(title)}`,
    '',
    '```mermaid',
    renderMermaid(document).trimEnd(),
    '```',
    '',
    '## Associations and foreign keys',
    '',
    ...table(
      ['Kind', 'Table', 'Refers to', 'In the models'],
      links.map((link) => [
        link.kind,
        end(names.get(link.child), link.childColumns),
        end(names.get(link.parent), link.parentColumns),
        said(link),
      ]),
    ),
    ...tables.flatMap(section),
  ].join('\n');
}

function section(entry: PageTable): string[] {
  const { models, comment, columns } = entry;
  return [
    `## ${cell(cardTitle(entry))}`,
    '',
    models.length === 0 ? 'No model.' : `Model ${cell(models.join(', '))}.`,
    ...(comment === undefined ? [] : ['', cell(comment)]),
    '',
    ...table(
      ['Column', 'Type', 'Null', 'Default', 'Key'],
      columns.map((column) => [
        cell(column.name),
        cell(column.type),
        column.notNull ? 'no' : 'yes',
        cell(column.default ?? ''),
        [
          ...(column.primaryKey ? ['primary'] : []),
          ...(column.foreignKey ? ['foreign'] : []),
          ...(column.unique && !column.primaryKey ? ['unique'] : []),
        ].join(', '),
      ]),
    ),
  ];
}

function said(link: PageLink): string {
  return labelLines(link).map(cell).join('<br>');
}

function end(table: string | undefined, columns: readonly string[]): string {
  return `${table ?? ''} (${columns.map(cell).join(', ')})`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(headings), line(headings.map(() => '---')), ...rows.map(line), ''];
}

/** A text without meaning for Markdown: no markup of its own, no end of a cell, no link. */
function cell(text: string): string {
  return escapeMarkup(text.replace(/[\r\n\t]+/g, ' ')).replace(
    /[\\`*_{}[\]()#+!|~:@]/g,
    (character) => `\\${character}`,
  );
}
