import { keyOf, sequelizeEnumName } from '../schema/object-names';
import type { Column, EnumType, QualifiedName } from '../schema/schema';
import { call, text, type Code } from './code';
import { dataType, type CodegenContext } from './codegen-context';

/**
 * PostgreSQL's names of types without arguments, and Sequelize's for them. Without HSTORE, which needs a
 * package that a database taken over may do without.
 */
const plainTypes: Readonly<Record<string, string>> = {
  integer: 'INTEGER',
  bigint: 'BIGINT',
  smallint: 'SMALLINT',
  real: 'REAL',
  'double precision': 'DOUBLE',
  numeric: 'DECIMAL',
  'character varying(255)': 'STRING',
  'character(255)': 'CHAR',
  text: 'TEXT',
  'public.citext': 'CITEXT',
  boolean: 'BOOLEAN',
  'timestamp with time zone': 'DATE',
  'time without time zone': 'TIME',
  date: 'DATEONLY',
  uuid: 'UUID',
  json: 'JSON',
  jsonb: 'JSONB',
  bytea: 'BLOB',
  inet: 'INET',
  cidr: 'CIDR',
  macaddr: 'MACADDR',
  tsvector: 'TSVECTOR',
  'public.geometry': 'GEOMETRY',
  'public.geography': 'GEOGRAPHY',
};

const rangeTypes: Readonly<Record<string, string>> = {
  int4range: 'INTEGER',
  int8range: 'BIGINT',
  numrange: 'DECIMAL',
  tstzrange: 'DATE',
  daterange: 'DATEONLY',
};

/**
 * A type as PostgreSQL writes it, in Sequelize's words; as a string where Sequelize has none, which it
 * passes on as it is.
 */
export function typeCode(context: CodegenContext, type: string): Code {
  if (type.endsWith('[]')) {
    const element = typeCode(context, type.slice(0, -2));
    // Sequelize cannot put a type that it does not know into an ARRAY.
    return isString(element) ? text(type) : call(dataType(context, 'ARRAY'), element);
  }
  const plain = plainTypes[type];
  if (plain !== undefined) return dataType(context, plain);
  const range = rangeTypes[type];
  if (range !== undefined) return call(dataType(context, 'RANGE'), dataType(context, range));
  return typeWithArguments(context, type) ?? text(type);
}

function isString(code: Code): boolean {
  return typeof code === 'string' && /^['"`]/.test(code);
}

function typeWithArguments(context: CodegenContext, type: string): Code | undefined {
  const match =
    /^(character varying|character|numeric|public\.geometry|public\.geography)\(([^()]+)\)$/.exec(
      type,
    );
  const [, name, list] = match ?? [];
  if (name === undefined || list === undefined) return undefined;
  const args = list.split(',');
  if (name === 'character varying') return call(dataType(context, 'STRING'), list);
  if (name === 'character') return call(dataType(context, 'CHAR'), list);
  if (name === 'numeric') return call(dataType(context, 'DECIMAL'), ...args);
  const key = name === 'public.geometry' ? 'GEOMETRY' : 'GEOGRAPHY';
  return call(dataType(context, key), text((args[0] ?? '').toUpperCase()), args[1]);
}

/** Whether Sequelize makes just this type by itself when the column is declared as an ENUM. */
export function isSequelizeEnum(
  table: QualifiedName,
  column: Column,
  type: EnumType | undefined,
): type is EnumType {
  if (column.enumType === undefined || type === undefined) return false;
  const name = sequelizeEnumName(table.name, column.name);
  // Its query generator finds the end of the list by the last parenthesis of the whole column.
  const isReadable = type.values.every((value) => !value.includes(')'));
  const isOwn = keyOf(type) === keyOf(column.enumType);
  return isOwn && type.name === name && type.schema === table.schema && isReadable;
}

/** `DataTypes.ENUM('a', 'b')`, or an array of it. */
export function enumCode(context: CodegenContext, column: Column, type: EnumType): Code {
  const code = call(dataType(context, 'ENUM'), ...type.values.map(text));
  return column.type.endsWith('[]') ? call(dataType(context, 'ARRAY'), code) : code;
}
