import type { QualifiedName } from '../schema/schema';
import { object, text, type Code } from './code';
import type { ModuleStyle } from './migration-module';

/** What statements are written for: the style of the file, and the version. */
export interface CodegenContext extends ModuleStyle {
  /** Sequelize 5 takes the columns of a constraint as an argument of their own. */
  readonly sequelizeMajor: 5 | 6;
}

/** A data type, `DataTypes.STRING` or, in JavaScript, `Sequelize.STRING`. */
export function dataType(context: CodegenContext, name: string): string {
  return `${context.language === 'typescript' ? 'DataTypes' : 'Sequelize'}.${name}`;
}

/** SQL that Sequelize passes on as it is. */
export function sqlLiteral(sql: string): Code {
  return { kind: 'call', callee: 'Sequelize.literal', args: [text(sql)] };
}

/**
 * A table as an argument of queryInterface: its name, or with its schema where that is not `public`.
 * A name with a dot would be taken for both.
 */
export function tableArgument({ schema, name }: QualifiedName): Code {
  if (schema === 'public' && !name.includes('.')) return text(name);
  return object([
    ['tableName', text(name)],
    ['schema', text(schema)],
  ]);
}

/** Whether Sequelize cannot be told the name of a column, constraint or index: it splits at dots and takes quotes off. */
export function isUnsayable(name: string): boolean {
  return /[."]/.test(name);
}

/** Whether Sequelize cannot be told the name of a table: it takes quotes off. */
export function isUnsayableTable({ schema, name }: QualifiedName): boolean {
  return `${schema}${name}`.includes('"');
}
