import type { PageColumn, TableChange, TableShape } from '../document/page-document';

/** The tables that differ between two times, and how in words. */
export function compareShapes(
  before: ReadonlyMap<string, TableShape>,
  after: ReadonlyMap<string, TableShape>,
): TableChange[] {
  const keys = [...new Set([...before.keys(), ...after.keys()])].sort();
  return keys.flatMap((key) => {
    const [old, now] = [before.get(key), after.get(key)];
    if (old === now || JSON.stringify(old) === JSON.stringify(now)) return [];
    return [{ key, before: old, after: now, said: sayChange(old, now) }];
  });
}

function sayChange(before: TableShape | undefined, after: TableShape | undefined): string[] {
  if (after === undefined) return ['drops the table'];
  if (before === undefined) return [`creates the table, ${after.columns.length} columns`];
  const columns = new Map(before.columns.map((column) => [column.name, column]));
  const kept = new Set(after.columns.map(({ name }) => name));
  const comment = (text: string | undefined): string => text ?? 'none';
  return [
    ...after.columns.flatMap((column) => sayColumn(columns.get(column.name), column)),
    ...before.columns.flatMap(({ name }) => (kept.has(name) ? [] : [`drops the column ${name}`])),
    ...sayParts('', before.constraints, after.constraints),
    ...sayParts('the index ', before.indexes, after.indexes),
    ...(before.comment === after.comment ? [] : [`comment: ${comment(after.comment)}`]),
  ];
}

function sayColumn(before: PageColumn | undefined, after: PageColumn): string[] {
  const { name } = after;
  if (before === undefined)
    return [`adds the column ${name} ${after.type}${after.notNull ? ' NOT NULL' : ''}`];
  const facts: readonly [string, string | undefined, string | undefined][] = [
    ['type', before.type, after.type],
    ['default', before.default, after.default],
    ['comment', before.comment, after.comment],
  ];
  const changed = facts
    .filter(([, old, now]) => old !== now)
    .map(([what, old, now]) => `${what} ${old ?? 'none'} → ${now ?? 'none'}`);
  if (before.notNull !== after.notNull) changed.push(after.notNull ? 'NOT NULL' : 'may be NULL');
  return changed.length === 0 ? [] : [`column ${name}: ${changed.join(', ')}`];
}

function sayParts(what: string, before: readonly string[], after: readonly string[]): string[] {
  return [
    ...after.filter((part) => !before.includes(part)).map((part) => `adds ${what}${part}`),
    ...before.filter((part) => !after.includes(part)).map((part) => `drops ${what}${part}`),
  ];
}
