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

/**
 * Whether Sequelize reads a name as something else: it takes double quotes off, splits at dots, and looks in the SQL that it
 * has written for words of its own, such as NOT NULL. Some of its queries hold a name between plain single quotes, and `$$`
 * and `$&` mean something to `String.replace`; `__proto__` is lost as the key of an object. SQL takes every name, so that only what is surely harmless passes.
 */
export function isUnsayable(...names: readonly string[]): boolean {
  return names.some(
    (name) =>
      !/^[\p{L}\p{N}_ -]+$/u.test(name) ||
      name === '__proto__' ||
      /NOT NULL|PRIMARY KEY|REFERENCES|UNIQUE|DEFAULT|COMMENT|ENUM|SERIAL/.test(name),
  );
}

/** {@link isUnsayable} of a table's name, or of its schema's. */
export function isUnsayableTable({ schema, name }: QualifiedName): boolean {
  return isUnsayable(schema, name);
}
