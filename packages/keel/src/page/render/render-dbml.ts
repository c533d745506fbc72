import type { PageColumn, PageDocument, PageLink, PageTable } from '../document/page-document';
import { labelLines } from '../layout/layout-diagram';
import { visibleText } from './escape-markup';

/**
 * The tables and lines as DBML.
 *
 * @see https://dbml.dbdiagram.io/docs/
 */
export function renderDbml({ tables, links }: PageDocument): string {
  const names = new Map(tables.map((table) => [table.key, nameOf(table)]));
  const known = new Map(tables.map((table) => [table.key, table]));
  return [
    ...tables.map((table) => renderTable(table)),
    ...links.flatMap((link) => renderLink(link, names, known)),
  ].join('\n');
}

function renderTable(table: PageTable): string {
  const { models, comment, columns } = table;
  const note = [
    ...(models.length > 0 ? [`model ${models.join(', ')}`] : []),
    ...(comment === undefined ? [] : [comment]),
  ].join(': ');
  const keys = columns.filter(({ primaryKey }) => primaryKey);
  const composite = keys.length > 1;
  return [
    `Table ${nameOf(table)} {`,
    ...columns.map((column) => `  ${columnLine(column, composite)}`),
    ...(composite
      ? ['  indexes {', `    (${keys.map(({ name }) => quote(name)).join(', ')}) [pk]`, '  }']
      : []),
    ...(note === '' ? [] : [`  Note: ${text(note)}`]),
    '}',
    '',
  ].join('\n');
}

function columnLine(column: PageColumn, composite: boolean): string {
  const { name, type, notNull, primaryKey, unique, comment, default: value } = column;
  const increments =
    value === 'serial' || value === 'autoIncrement' || value?.startsWith('identity');
  const settings = [
    ...(primaryKey && !composite ? ['pk'] : []),
    ...(increments === true ? ['increment'] : []),
    ...(notNull && !primaryKey ? ['not null'] : []),
    ...(unique && !primaryKey ? ['unique'] : []),
    ...(value === undefined || increments === true ? [] : [`default: ${expression(value)}`]),
    ...(comment === undefined ? [] : [`note: ${text(comment)}`]),
  ];
  return `${quote(name)} ${quote(type)}${settings.length === 0 ? '' : ` [${settings.join(', ')}]`}`;
}

/** A column may stand in a reference that its table does not have: DBML refuses the whole file then. */
function renderLink(
  link: PageLink,
  names: ReadonlyMap<string, string>,
  tables: ReadonlyMap<string, PageTable>,
): string[] {
  const has = (key: string, columns: readonly string[]): boolean =>
    columns.every((column) => tables.get(key)?.columns.some(({ name }) => name === column));
  const says = oneLine([link.kind, ...labelLines(link)].join(' · '));
  if (!has(link.child, link.childColumns) || !has(link.parent, link.parentColumns))
    return [`// ${says}`];
  const end = (key: string, columns: readonly string[]): string =>
    `${names.get(key) ?? ''}.${columns.length === 1 ? quote(columns[0] ?? '') : `(${columns.map(quote).join(', ')})`}`;
  const arrow = link.kind === '1:1' ? '-' : '>';
  const actions = [
    ...(link.onDelete === undefined ? [] : [`delete: ${link.onDelete.toLowerCase()}`]),
    ...(link.onUpdate === undefined ? [] : [`update: ${link.onUpdate.toLowerCase()}`]),
  ];
  return [
    `// ${says}`,
    `Ref: ${end(link.child, link.childColumns)} ${arrow} ${end(link.parent, link.parentColumns)}${actions.length === 0 ? '' : ` [${actions.join(', ')}]`}`,
    '',
  ];
}

function nameOf({ schema, name }: PageTable): string {
  return schema === 'public' ? quote(name) : `${quote(schema)}.${quote(name)}`;
}

function oneLine(value: string): string {
  return visibleText(value).replace(/[\r\n\t]+/g, ' ');
}

/** A name; DBML knows no way to write a quote in it. */
function quote(name: string): string {
  return `"${oneLine(name).replaceAll('"', "'").replaceAll('\\', '/')}"`;
}

function text(value: string): string {
  return `'${oneLine(value).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

function expression(value: string): string {
  return `\`${oneLine(value).replaceAll('`', "'").replaceAll('\\', '/')}\``;
}
