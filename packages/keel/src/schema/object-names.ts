import type { QualifiedName } from './schema';

/** PostgreSQL's NAMEDATALEN - 1: the bytes of a name that it keeps. */
export const maxNameBytes = 63;

/** A text that tells a table, type or sequence from every other: the table `b.c` of `a` from `c` of `a.b`. */
export function keyOf({ schema, name }: QualifiedName): string {
  return `${keyPart(schema)}.${keyPart(name)}`;
}

/** In quotes where a dot could be part of it, so that a column may follow. */
function keyPart(name: string): string {
  return /[."]/.test(name) ? `"${name.replaceAll('"', '""')}"` : name;
}

/** The name as a person writes it: the schema only where it is not `public`, a name with a dot in quotes. */
export function displayName({ schema, name }: QualifiedName): string {
  return schema === 'public' ? keyPart(name) : keyOf({ schema, name });
}

/** `name` cut to the bytes that PostgreSQL keeps, never through the middle of a character. */
export function truncateName(name: string, bytes: number = maxNameBytes): string {
  const buffer = Buffer.from(name);
  if (buffer.length <= bytes) return name;
  let end = bytes;
  while (end > 0 && ((buffer[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return buffer.subarray(0, end).toString();
}

/**
 * The name that PostgreSQL gives to an unnamed constraint, index or sequence (`makeObjectName` in
 * src/backend/commands/indexcmds.c): the longer of the two parts is shortened first.
 */
export function defaultObjectName(
  table: string,
  columns: readonly string[],
  label: string,
): string {
  const second = truncateName(columns.join('_'));
  let available = maxNameBytes - Buffer.byteLength(label) - 1;
  if (second !== '') available -= 1;
  let tableBytes = Buffer.byteLength(table);
  let secondBytes = Buffer.byteLength(second);
  while (tableBytes + secondBytes > available) {
    if (tableBytes > secondBytes) tableBytes -= 1;
    else secondBytes -= 1;
  }
  const parts = [truncateName(table, tableBytes), truncateName(second, secondBytes), label];
  return parts.filter((part) => part !== '').join('_');
}

/** The name of the enum that Sequelize makes for a column. */
export function sequelizeEnumName(table: string, column: string): string {
  return truncateName(`enum_${table}_${column}`);
}
