import { inspect } from 'node:util';
import type { SafeFile, SafeForm } from './rules/rule';
import { splitName } from './split-name';

/** A statement of JavaScript that sends SQL. */
export function queryLine(sql: string): string {
  const text = sql.replace(/;\s*$/, '');
  const quoted = /['\\\n`]|\$\{/.test(text)
    ? `\`${text.replaceAll(/[\\`]|\$\{/g, '\\$&')}\``
    : `'${text}'`;
  return `await queryInterface.sequelize.query(${quoted});`;
}

/** A call of `queryInterface` with plain arguments. */
export function callLine(method: string, args: readonly unknown[]): string {
  return `await queryInterface.${method}(${args.map(code).join(', ')});`;
}

/** A call of one of keel's own functions. */
export function keelLine(name: Helper, options: object): string {
  return `await ${name}(queryInterface, ${code(options)});`;
}

const HELPERS = ['backfill', 'requireRelease', 'syncColumns', 'unsyncColumns'] as const;
type Helper = (typeof HELPERS)[number];

/** A call inside of options, such as `Sequelize.col('name')`. */
export function raw(callee: string, text: string): object {
  return { [inspect.custom]: () => `${callee}(${code(text)})` };
}

function code(value: unknown): string {
  return inspect(value, { depth: 8, breakLength: Infinity, compact: true });
}

/** A table as keel and queryInterface take it. */
export function tableOption({ name }: { readonly name: string }): string | object {
  const { schema, table: tableName } = splitName(name);
  return schema === 'public' ? tableName : { tableName, schema };
}

/** The safe form as the text of one migration or more, in the style of the file that is to change. */
export function renderSafeForm(form: SafeForm, file: string): string {
  const isCommonJs = /\.c?js$/.test(file);
  return form.map((each) => renderFile(each, isCommonJs)).join('\n\n');
}

function renderFile({ title, transaction, safe, lines }: SafeFile, isCommonJs: boolean): string {
  const helpers = HELPERS.filter((name) => lines.some((line) => line.includes(`await ${name}(`)));
  const hasSequelize = lines.some((line) => line.includes('Sequelize.'));
  const head = title === undefined ? [] : [`// ${title}`];
  const body = (indent: string): string[] => lines.map((line) => `${indent}${line}`);
  const names = `{ ${helpers.join(', ')} }`;
  if (isCommonJs) {
    if (helpers.length > 0) head.push(`const ${names} = require('sequelize-keel');`);
    const own = [
      ...(transaction ? [] : ['  transaction: false,']),
      ...(safe === undefined ? [] : [`  safe: ${code(safe)},`]),
    ];
    const given = hasSequelize ? 'queryInterface, Sequelize' : 'queryInterface';
    const text = ['module.exports = {', ...own, `  async up(${given}) {`, ...body('    ')];
    return [...head, ...text, '  },', '};'].join('\n');
  }
  if (hasSequelize) head.push(`import { Sequelize } from 'sequelize';`);
  if (helpers.length > 0) head.push(`import ${names} from 'sequelize-keel';`);
  const own = [
    ...(transaction ? [] : ['export const transaction = false;']),
    ...(safe === undefined ? [] : [`export const safe = ${code(safe)};`]),
  ];
  const text = [...own, 'export async function up(queryInterface) {', ...body('  '), '}'];
  return [...head, ...text].join('\n');
}
