import { flatObject, text } from './code';

/** The language that a migration is written in. */
export type MigrationLanguage = 'typescript' | 'commonjs' | 'esm';

/** How a file with `up` and `down` is written. */
export interface ModuleStyle {
  /** `esm` is JavaScript with ES syntax. */
  readonly language: MigrationLanguage;
  /** The installed package that has the type `Migration`; undefined where there is none. */
  readonly typesFrom?: 'sequelize-keel' | 'sequelize-cli';
  /** TypeScript with `import x = require()` and `export =`, as `verbatimModuleSyntax` wants it of CommonJS. */
  readonly requires?: boolean;
}

/** What the file is made of. */
export interface ModuleParts {
  readonly type: 'Migration' | 'Seeder';
  /** The lines of each function, indented by {@link bodyIndent}, each with its end. */
  readonly up: string;
  readonly down: string;
  readonly withoutTransaction: boolean;
  /** Rules of `db:lint` that it breaks on purpose, each with the reason. */
  readonly safe?: Readonly<Record<string, string>>;
  /** Functions of JavaScript have both arguments, used or not. */
  readonly allArguments: boolean;
}

/** Whether the functions are methods of one object, the export. */
function isObject({ language, typesFrom, requires }: ModuleStyle): boolean {
  if (language === 'commonjs') return true;
  return language === 'typescript' && (typesFrom === 'sequelize-keel' || requires === true);
}

/** The columns by which the body of a function is indented. */
export function bodyIndent(style: ModuleStyle): number {
  return isObject(style) ? 4 : 2;
}

/** The text of a migration or seeder. */
export function migrationModule(style: ModuleStyle, parts: ModuleParts): string {
  const head = headOf(style, parts);
  return head + (isObject(style) ? objectOf(style, parts) : functionsOf(style, parts));
}

/** What a migration may call of keel. */
const HELPERS = ['backfill', 'requireRelease', 'syncColumns', 'unsyncColumns'];

function headOf(style: ModuleStyle, { up, down, type }: ModuleParts): string {
  const code = withoutComments(`${up}${down}`);
  const helpers = HELPERS.filter((name) => new RegExp(`await ${name}\\(`).test(code));
  const braced = `{ ${helpers.join(', ')} }`;
  const required = `const ${braced} = require('sequelize-keel');\n\n`;
  if (style.language === 'commonjs')
    return `'use strict';\n\n${helpers.length > 0 ? required : ''}`;
  if (style.language === 'esm')
    return helpers.length > 0 ? `import ${braced} from 'sequelize-keel';\n\n` : '';
  const names = ['DataTypes', 'QueryTypes', 'Sequelize'].filter((name) =>
    new RegExp(`\\b${name}\\.`).test(code),
  );
  const types =
    style.typesFrom === 'sequelize-keel'
      ? keelImport(style, type, helpers)
      : needsQueryInterface(style, `${up}${down}`)
        ? `import type { QueryInterface } from 'sequelize';\n`
        : '';
  const imports = (names.length === 0 ? '' : valuesOf(style, names)) + types;
  const members = names.filter((name) => name !== 'Sequelize');
  const unpacked =
    style.requires && members.length > 0 ? `const { ${members.join(', ')} } = Sequelize;\n\n` : '';
  return `${imports}${imports === '' ? '' : '\n'}${unpacked}`;
}

function withoutComments(code: string): string {
  return code.replaceAll(/^ *(\/?\*|\/\/).*$/gm, '');
}

function keelImport({ requires }: ModuleStyle, type: string, helpers: readonly string[]): string {
  if (helpers.length === 0) return `import type { ${type} } from 'sequelize-keel';\n`;
  const names = helpers.join(', ');
  return requires
    ? `import keel = require('sequelize-keel');\n\ntype ${type} = keel.${type};\nconst { ${names} } = keel;\n`
    : `import { ${names}, type ${type} } from 'sequelize-keel';\n`;
}

function valuesOf({ requires }: ModuleStyle, names: readonly string[]): string {
  return requires
    ? `import Sequelize = require('sequelize');\n`
    : `import { ${names.join(', ')} } from 'sequelize';\n`;
}

function needsQueryInterface(style: ModuleStyle, code: string): boolean {
  return style.typesFrom !== 'sequelize-keel' && code.includes('queryInterface');
}

function objectOf(style: ModuleStyle, parts: ModuleParts): string {
  const { language, typesFrom, requires } = style;
  const methods = (['up', 'down'] as const).map((name) => {
    const result = language === 'typescript' && typesFrom === undefined ? ': Promise<void>' : '';
    return `  async ${name}(${parameters(style, parts, parts[name])})${result} {\n${parts[name]}  },\n`;
  });
  const transaction = parts.withoutTransaction ? '  transaction: false,\n\n' : '';
  const object = `{\n${transaction}${safeOf(parts, (rules) => `  safe: ${rules},\n\n`)}${methods.join('\n')}}`;
  if (language === 'commonjs')
    return `${typeComment(style, parts.type)}module.exports = ${object};\n`;
  const satisfies = typesFrom === 'sequelize-keel' ? ` satisfies ${parts.type}` : '';
  return `${requires ? 'export =' : 'export default'} ${object}${satisfies};\n`;
}

function functionsOf(style: ModuleStyle, parts: ModuleParts): string {
  const functions = (['up', 'down'] as const).map((name) => {
    const comment = style.language === 'esm' ? typeComment(style, parts.type, name) : '';
    const result = style.language === 'typescript' ? ': Promise<void>' : '';
    const given = parameters(style, parts, parts[name]);
    return `${comment}export async function ${name}(${given})${result} {\n${parts[name]}}\n`;
  });
  const transaction = parts.withoutTransaction ? 'export const transaction = false;\n\n' : '';
  const safe = safeOf(parts, (rules) => `export const safe = ${rules};\n\n`);
  return transaction + safe + functions.join('\n');
}

function safeOf({ safe }: ModuleParts, write: (rules: string) => string): string {
  const entries = Object.entries(safe ?? {});
  if (entries.length === 0) return '';
  return write(flatObject(entries.map(([rule, reason]) => [rule, text(reason)])));
}

/** For editors: JavaScript has types, too, where the package is there. sequelize-cli has none for seeders. */
function typeComment({ typesFrom }: ModuleStyle, type: string, member?: string): string {
  if (typesFrom === undefined) return '';
  const name = typesFrom === 'sequelize-cli' ? 'Migration' : type;
  const indexed = member === undefined ? '' : `['${member}']`;
  return `/** @type {import('${typesFrom}').${name}${indexed}} */\n`;
}

/** In TypeScript `Sequelize` is imported, where it has its type. */
function parameters(style: ModuleStyle, { allArguments }: ModuleParts, body: string): string {
  if (!allArguments && !/\bqueryInterface\b/.test(withoutComments(body))) return '';
  if (style.language === 'typescript')
    return style.typesFrom === 'sequelize-keel'
      ? 'queryInterface'
      : 'queryInterface: QueryInterface';
  return allArguments || body.includes('Sequelize.')
    ? 'queryInterface, Sequelize'
    : 'queryInterface';
}
