import { incrementOf, plainDefault } from '../diff/column-types';
import type { Column, Constraint, EnumType, QualifiedName } from '../schema/schema';
import { object, text, type Code } from './code';
import { referencesOf } from './constraint-code';
import type { CodegenContext } from './codegen-context';
import { defaultCode } from './default-code';
import { enumCode, isSequelizeEnum, typeCode } from './type-code';

/** What a column is part of. */
export interface ColumnSurroundings {
  readonly table: QualifiedName;
  /** The enum of the column's type. */
  readonly enum: EnumType | undefined;
  readonly isPrimaryKey: boolean;
  /** UNIQUE and foreign keys of this column alone. */
  readonly inline: readonly Constraint[];
}

/** A column as Sequelize describes one: its type alone where there is no more to say. */
export function columnCode(
  context: CodegenContext,
  column: Column,
  around: ColumnSurroundings,
): Code {
  const increment = incrementOf(column);
  const value = plainDefault(column);
  const foreignKey = around.inline.find(({ kind }) => kind === 'foreign key');
  const entries: (readonly [string, Code | undefined])[] = [
    ['type', columnType(context, column, around)],
    ['allowNull', column.notNull ? 'false' : undefined],
    ['primaryKey', around.isPrimaryKey ? 'true' : undefined],
    ['autoIncrement', increment === 'serial' || increment === 'by default' ? 'true' : undefined],
    ['autoIncrementIdentity', increment === 'by default' ? 'true' : undefined],
    ['unique', around.inline.some(({ kind }) => kind === 'unique') ? 'true' : undefined],
    [
      'defaultValue',
      value === undefined
        ? undefined
        : defaultCode(value, column.type, column.enumType !== undefined),
    ],
    ...(foreignKey === undefined ? [] : referencesOf(around.table, foreignKey)),
    ['comment', column.comment === undefined ? undefined : text(column.comment)],
  ];
  const described = object(entries);
  const [only] = described.entries;
  return described.entries.length === 1 && only !== undefined ? only[1] : described;
}

function columnType(
  context: CodegenContext,
  column: Column,
  { table, enum: type }: ColumnSurroundings,
): Code {
  if (column.generated !== undefined) {
    const { expression, kind } = column.generated;
    return text(`${column.type} GENERATED ALWAYS AS (${expression}) ${kind.toUpperCase()}`);
  }
  if (column.identity === 'always') return text(`${column.type} GENERATED ALWAYS AS IDENTITY`);
  if (column.collation !== undefined) return text(`${column.type} COLLATE ${column.collation}`);
  if (isSequelizeEnum(table, column, type)) return enumCode(context, column, type);
  return typeCode(context, column.type);
}
