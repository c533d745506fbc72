import { array, call, object, text, texts, type Code } from '../../codegen/code';
import { defaultCode } from '../../codegen/default-code';
import { enumCode, isSequelizeEnum, typeCode } from '../../codegen/type-code';
import { incrementOf, plainDefault } from '../../diff/column-types';
import type { Column, EnumType, Table } from '../../schema/schema';
import type { PlannedAttribute } from './model-plan';
import { primaryKeyOf, type ForeignKey } from './table-facts';
import { valueTypeOf, type TypeLookup } from './value-type';

/** What an attribute is planned from besides its column. */
export interface AttributeSurroundings {
  readonly table: Table;
  readonly name: string;
  /** What Sequelize would call the column of an attribute of that name. */
  readonly usualColumn: string;
  readonly types: TypeLookup;
  /** The attribute of the model that the column is a foreign key to, where it is one. */
  readonly reference: PlannedAttribute['references'];
  readonly foreignKey: ForeignKey | undefined;
  /** The reference as the attribute itself has to say it, because no association can. */
  readonly ownReference: readonly (readonly [string, Code | undefined])[];
  /** The column that `autoIncrement` is said of: Sequelize takes it for one attribute only. */
  readonly numbered: string | undefined;
  /** The name of a UNIQUE over several columns that is said by its attributes. */
  readonly uniqueTogether: string | undefined;
  /** Whether Sequelize adds an attribute of this name by itself, and keeps it filled. */
  readonly isTimestamp: boolean;
}

const context = { language: 'typescript', sequelizeMajor: 6 } as const;

/** A column as an attribute. */
export function planAttribute(column: Column, around: AttributeSurroundings): PlannedAttribute {
  const { table, name, usualColumn, types } = around;
  const isPrimaryKey = primaryKeyOf(table).includes(column.name);
  const entries = object([
    ['type', attributeType(column, around)],
    ['field', column.name === usualColumn ? undefined : text(column.name)],
    ['allowNull', allowNull(column, around)],
    ['primaryKey', isPrimaryKey ? 'true' : undefined],
    ...incrementEntries(column, around),
    ['unique', uniqueOf(column, around)],
    ['defaultValue', defaultOf(column)],
    ...around.ownReference,
    ['validate', validation(column, around)],
    ['comment', column.comment === undefined ? undefined : text(column.comment)],
  ]);
  const [only] = entries.entries;
  const isPlain = entries.entries.length === 1 && only !== undefined;
  return {
    name,
    column: column.name,
    code: isPlain ? only[1] : entries,
    isImplied: isImplied(column, around, entries.entries.length),
    valueType: valueTypeOf(column, types),
    isNullable: !column.notNull,
    isFilled:
      incrementOf(column) !== 'none' ||
      column.default !== undefined ||
      column.generated !== undefined ||
      around.isTimestamp,
    isPrimaryKey,
    references: around.reference,
  };
}

function attributeType(column: Column, { table, types, numbered }: AttributeSurroundings): Code {
  const increment = incrementOf(column);
  if (increment !== 'none' && column.name !== numbered) {
    return text(
      increment === 'serial'
        ? (serials[column.type] ?? column.type)
        : `${column.type} GENERATED ${increment.toUpperCase()} AS IDENTITY`,
    );
  }
  const type = types.enumOf(column);
  return isSequelizeEnum(table, column, type)
    ? enumCode(context, column, type)
    : typeCode(context, column.type);
}

const serials: Readonly<Record<string, string>> = {
  smallint: 'SMALLSERIAL',
  integer: 'SERIAL',
  bigint: 'BIGSERIAL',
};

function incrementEntries(
  column: Column,
  { numbered }: AttributeSurroundings,
): (readonly [string, Code | undefined])[] {
  if (column.name !== numbered) return [];
  return [
    ['autoIncrement', 'true'],
    ['autoIncrementIdentity', incrementOf(column) === 'serial' ? undefined : 'true'],
  ];
}

/**
 * `allowNull: false` also makes Sequelize ask for a value before it inserts a row, so it is left out where the
 * database makes the value by itself. A foreign key says `true`, for its associations decide by it.
 */
function allowNull(
  column: Column,
  { foreignKey, numbered }: AttributeSurroundings,
): Code | undefined {
  if (column.generated !== undefined) return undefined;
  if (incrementOf(column) !== 'none' && column.name !== numbered) return undefined;
  if (column.notNull) return 'false';
  return foreignKey === undefined ? undefined : 'true';
}

function uniqueOf(
  column: Column,
  { table, uniqueTogether }: AttributeSurroundings,
): Code | undefined {
  const isUnique = table.constraints.some(
    (constraint) =>
      constraint.kind === 'unique' &&
      constraint.columns.length === 1 &&
      constraint.columns[0] === column.name,
  );
  if (isUnique) return 'true';
  return uniqueTogether === undefined ? undefined : text(uniqueTogether);
}

function defaultOf(column: Column): Code | undefined {
  if (column.generated !== undefined) return undefined;
  const value = plainDefault(column);
  if (value === undefined || value.startsWith('NULL::')) return undefined;
  return defaultCode(value, column.type, column.enumType !== undefined);
}

/** An enum that Sequelize did not make is said by its name, which tells nobody its values. */
function validation(column: Column, { table, types }: AttributeSurroundings): Code | undefined {
  const type = types.enumOf(column);
  if (type === undefined || column.type.endsWith('[]')) return undefined;
  if (isSequelizeEnum(table, column, type)) return undefined;
  return object([['isIn', valuesOf(type)]]);
}

function valuesOf({ values }: EnumType): Code {
  return array([texts(values)]);
}

/** `id` and the timestamps, where they are just what Sequelize would make. */
function isImplied(
  column: Column,
  { name, usualColumn, table, isTimestamp, uniqueTogether }: AttributeSurroundings,
  entries: number,
): boolean {
  if (column.name !== usualColumn || uniqueTogether !== undefined) return false;
  if (name === 'id') {
    const isOwnKey = JSON.stringify(primaryKeyOf(table)) === JSON.stringify([column.name]);
    return (
      isOwnKey && column.type === 'integer' && incrementOf(column) === 'serial' && entries === 4
    );
  }
  if (!isTimestamp || column.type !== 'timestamp with time zone') return false;
  return name === 'deletedAt' ? entries === 1 : column.notNull && entries === 2;
}

/** The SQL of a literal is written as `Sequelize.literal(…)` by the code generator of migrations. */
export function withLiterals(code: Code, literal: string): Code {
  if (typeof code === 'string') return code;
  if (code.kind === 'object') {
    const entries = code.entries.map(
      ([key, value]) => [key, withLiterals(value, literal)] as const,
    );
    return object(entries, code.expanded);
  }
  if (code.kind === 'array') return array(code.items.map((item) => withLiterals(item, literal)));
  const callee = code.callee === 'Sequelize.literal' ? literal : code.callee;
  return call(callee, ...code.args.map((arg) => withLiterals(arg, literal)));
}
