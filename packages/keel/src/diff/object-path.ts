import { displayName } from '../schema/object-names';
import type { QualifiedName, Schema, Table } from '../schema/schema';

/** The name of a thing as flags take it: `users`, `billing.users`, `users.name`, `users.role.admin`. */
export interface ObjectPath {
  readonly segments: readonly string[];
  /** Whether a segment was quoted, so that its dots belong to it. */
  readonly quoted: boolean;
}

/** What a path names. */
export interface NamedObject {
  readonly table: Table;
  /** A column, or an index where those are asked for; undefined for the table itself. */
  readonly part?: string;
  /** A value of the column's enum. */
  readonly value?: string;
}

/**
 * Reads paths that are separated by `:`. A segment with a dot, a colon or a quote in it stands in double
 * quotes, as in SQL.
 *
 * @returns undefined where a quote is not closed or a segment is empty
 */
export function readPaths(text: string): ObjectPath[] | undefined {
  const pattern = /("(?:[^"]|"")*"|[^".:]+)([.:]|$)/y;
  const paths: { segments: string[]; quoted: boolean }[] = [{ segments: [], quoted: false }];
  for (let end = ''; pattern.lastIndex < text.length || end !== '';) {
    const match = pattern.exec(text);
    const [, segment = '', separator = ''] = match ?? [];
    const path = paths.at(-1);
    if (match === null || path === undefined) return undefined;
    const isQuoted = segment.startsWith('"');
    path.segments.push(isQuoted ? segment.slice(1, -1).replaceAll('""', '"') : segment);
    if (isQuoted) path.quoted = true;
    if (separator === ':') paths.push({ segments: [], quoted: false });
    end = separator;
  }
  return paths.at(-1)?.segments.length === 0 ? undefined : paths;
}

/** Segments as {@link readPaths} reads them. */
export function writePath(segments: readonly string[]): string {
  return segments
    .map((name) =>
      /^[^".:\s'\\]+$/.test(name) && name.trim() === name
        ? name
        : `"${name.replaceAll('"', '""')}"`,
    )
    .join('.');
}

/** A word as a shell takes it: in single quotes where it would read something into it. */
export function shellWord(text: string): string {
  return /^[\w.:,@%+=/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Whether a path may name a part of a table too, and of a column its values. */
export interface PathScope {
  readonly tables: readonly Table[];
  readonly parts: (table: Table) => readonly string[];
  readonly values?: (table: Table, part: string) => readonly string[];
}

/** Columns, and the values of their enums. */
export function columnScope({ tables, enums }: Pick<Schema, 'tables' | 'enums'>): PathScope {
  return {
    tables,
    parts: ({ columns }) => columns.map(({ name }) => name),
    values: (table, part) => {
      const type = table.columns.find(({ name }) => name === part)?.enumType;
      const found = enums.find(({ schema, name }) => schema === type?.schema && name === type.name);
      return found?.values ?? [];
    },
  };
}

/** What a path names: a table before a column, a column before a value. */
export function findObject(path: ObjectPath, scope: PathScope): NamedObject | undefined {
  // Without quotes, `my.table` may be one name; but only where nothing is called just so.
  return find(path, scope, isExactly) ?? (path.quoted ? undefined : find(path, scope, isLoosely));
}

function find(
  path: ObjectPath,
  scope: PathScope,
  isSame: (path: ObjectPath, form: readonly string[]) => boolean,
): NamedObject | undefined {
  for (const list of [tablesOf, partsOf, valuesOf]) {
    const found = list(scope).find(({ object, rest }) =>
      formsOf(object.table, rest).some((form) => isSame(path, form)),
    );
    if (found !== undefined) return found.object;
  }
  return undefined;
}

interface Listed {
  readonly object: NamedObject;
  /** The segments after the table's name. */
  readonly rest: readonly string[];
}

function tablesOf({ tables }: PathScope): Listed[] {
  return tables.map((table) => ({ object: { table }, rest: [] }));
}

function partsOf(scope: PathScope): Listed[] {
  return scope.tables.flatMap((table) =>
    scope.parts(table).map((part) => ({ object: { table, part }, rest: [part] })),
  );
}

function valuesOf(scope: PathScope): Listed[] {
  return scope.tables.flatMap((table) =>
    scope.parts(table).flatMap((part) =>
      (scope.values?.(table, part) ?? []).map((value) => ({
        object: { table, part, value },
        rest: [part, value],
      })),
    ),
  );
}

/** The short form first: without the schema where that is `public`. */
function formsOf({ schema, name }: QualifiedName, rest: readonly string[]): string[][] {
  const full = [schema, name, ...rest];
  return schema === 'public' ? [[name, ...rest], full] : [full];
}

function isExactly({ segments }: ObjectPath, form: readonly string[]): boolean {
  return JSON.stringify(segments) === JSON.stringify(form);
}

function isLoosely({ segments }: ObjectPath, form: readonly string[]): boolean {
  return segments.join('.') === form.join('.');
}

/** The shortest path that names `object` and nothing else. */
export function pathOf({ table, part, value }: NamedObject, scope: PathScope): string {
  const rest = [part, value].filter((segment) => segment !== undefined);
  const forms = formsOf(table, rest).map(writePath);
  const isRead = (text: string): boolean => {
    const found = findObject(readPaths(text)?.[0] ?? { segments: [], quoted: true }, scope);
    return found?.table === table && found.part === part && found.value === value;
  };
  return forms.find(isRead) ?? forms.at(-1) ?? displayName(table);
}
