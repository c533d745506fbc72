import type { Operation } from '../diff/operation';
import { layOut } from './code';
import type { CodegenContext, MigrationLanguage } from './codegen-context';
import type { Statement } from './write-statements';

/** What a migration file is made of. */
export interface MigrationSource {
  readonly up: readonly Statement[];
  readonly down: readonly Statement[];
  /** Lines to stand above an operation, such as a warning of lost data. */
  readonly remarks: ReadonlyMap<Operation, readonly string[]>;
  /** What `down` says where there is nothing to undo. */
  readonly emptyDown?: string;
  /** Whether the runner is told to use no transaction. */
  readonly withoutTransaction: boolean;
}

export interface Layout {
  /** Columns; prettier's own default is 80. */
  readonly printWidth: number;
}

/** The text of a migration file, laid out as prettier (with `singleQuote`) lays it out. */
export function writeMigrationFile(
  context: CodegenContext,
  source: MigrationSource,
  layout: Layout,
): string {
  if (context.language === 'commonjs') return commonJsFile(source, layout);
  const up = bodyOf(source.up, source, layout, 2);
  const down = bodyOf(source.down, source, layout, 2);
  const functions = [
    moduleFunction(context.language, 'up', up),
    moduleFunction(context.language, 'down', down),
  ].join('\n\n');
  const transaction = source.withoutTransaction ? 'export const transaction = false;\n\n' : '';
  const imports = context.language === 'typescript' ? importsOf(`${up}${down}`) : '';
  return `${imports}${transaction}${functions}\n`;
}

function importsOf(code: string): string {
  const names = ['DataTypes', 'Sequelize'].filter((name) => new RegExp(`\\b${name}\\.`).test(code));
  const values = names.length === 0 ? '' : `import { ${names.join(', ')} } from 'sequelize';\n`;
  const types = code.includes('queryInterface.')
    ? `import type { QueryInterface } from 'sequelize';\n`
    : '';
  return values + types + (values + types === '' ? '' : '\n');
}

function moduleFunction(language: MigrationLanguage, name: string, body: string): string {
  const isTyped = language === 'typescript';
  const result = isTyped ? ': Promise<void>' : '';
  return `export async function ${name}(${parameters(body, isTyped)})${result} {\n${body}}`;
}

/** In TypeScript `Sequelize` is imported, where it has its type. */
function parameters(body: string, isTyped: boolean): string {
  if (!body.includes('queryInterface.')) return '';
  if (isTyped) return 'queryInterface: QueryInterface';
  return body.includes('Sequelize.') ? 'queryInterface, Sequelize' : 'queryInterface';
}

function commonJsFile(source: MigrationSource, layout: Layout): string {
  const methods = (['up', 'down'] as const).map((name) => {
    const body = bodyOf(source[name], source, layout, 4);
    return `  async ${name}(${parameters(body, false)}) {\n${body}  },\n`;
  });
  const transaction = source.withoutTransaction ? '  transaction: false,\n\n' : '';
  const head = `'use strict';\n\n/** @type {import('sequelize-cli').Migration} */\nmodule.exports = {\n`;
  return `${head}${transaction}${methods.join('\n')}};\n`;
}

function bodyOf(
  statements: readonly Statement[],
  source: MigrationSource,
  layout: Layout,
  indent: number,
): string {
  const margin = ' '.repeat(indent);
  if (statements.length === 0) return `${margin}// ${source.emptyDown ?? 'Nothing to do.'}\n`;
  return statements
    .map(({ operations, code }) => {
      const remarks = operations
        .flatMap((operation) => source.remarks.get(operation) ?? [])
        .map((line) => `${margin}// ${line}\n`)
        .join('');
      const start = `${margin}await `;
      const calls = code.map(
        (one) => `${start}${layOut(one, layout.printWidth, indent, start.length, 1)};\n`,
      );
      return remarks + calls.join('');
    })
    .join('');
}
