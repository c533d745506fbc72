import { inspect } from 'node:util';
import type { SafeFile, SafeForm } from './rules/rule';

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
  const texts = args.map((arg) => inspect(arg, { depth: 8, breakLength: Infinity, compact: true }));
  return `await queryInterface.${method}(${texts.join(', ')});`;
}

/** The safe form as the text of one migration or more, in the style of the file that is to change. */
export function renderSafeForm(form: SafeForm, file: string): string {
  const isCommonJs = /\.c?js$/.test(file);
  return form.map((each) => renderFile(each, isCommonJs)).join('\n\n');
}

function renderFile({ title, transaction, lines }: SafeFile, isCommonJs: boolean): string {
  const head = title === undefined ? [] : [`// ${title}`];
  const body = (indent: string): string[] => lines.map((line) => `${indent}${line}`);
  if (isCommonJs) {
    const own = transaction ? [] : ['  transaction: false,'];
    const text = ['module.exports = {', ...own, '  async up(queryInterface) {', ...body('    ')];
    return [...head, ...text, '  },', '};'].join('\n');
  }
  const own = transaction ? [] : ['export const transaction = false;'];
  const text = [...own, 'export async function up(queryInterface) {', ...body('  '), '}'];
  return [...head, ...text].join('\n');
}
