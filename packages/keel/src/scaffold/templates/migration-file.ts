import type { FileStyle } from '../file-style';

/** What the two functions of a migration or seeder do, as lines of code without indentation. */
export interface FunctionBodies {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** The text of a migration or a seeder. In TypeScript, types come from `DataTypes`, elsewhere from `Sequelize`. */
export function migrationFile({ language }: FileStyle, { up, down }: FunctionBodies): string {
  if (language === 'commonjs') {
    const method = (name: string, lines: readonly string[]): string =>
      `  async ${name}(queryInterface, Sequelize) {\n${indented(lines, 4)}\n  }`;
    return `'use strict';

/** @type {import('sequelize-cli').Migration} */
module.exports = {
${method('up', up)},

${method('down', down)},
};
`;
  }
  if (language === 'esm') {
    const exported = (name: string, lines: readonly string[]): string =>
      `/** @type {import('sequelize-cli').Migration['${name}']} */\nexport async function ${name}(queryInterface, Sequelize) {\n${indented(lines, 2)}\n}\n`;
    return `${exported('up', up)}\n${exported('down', down)}`;
  }
  const exported = (name: string, lines: readonly string[]): string =>
    `export async function ${name}(queryInterface: QueryInterface): Promise<void> {\n${indented(lines, 2)}\n}\n`;
  const values = [...up, ...down].some((line) => /^[^*]*\bDataTypes\./.test(line));
  return `${values ? "import { DataTypes } from 'sequelize';\n" : ''}import type { QueryInterface } from 'sequelize';

${exported('up', up)}
${exported('down', down)}`;
}

function indented(lines: readonly string[], columns: number): string {
  return lines
    .flatMap((line) => line.split('\n'))
    .map((line) => (line === '' ? '' : ' '.repeat(columns) + line))
    .join('\n');
}

/** An empty migration, with sequelize-cli's remarks. */
export function emptyMigration(style: FileStyle): string {
  const types = style.language === 'typescript' ? 'DataTypes' : 'Sequelize';
  return migrationFile(style, {
    up: remark('Add altering commands here.', [
      `await queryInterface.createTable('users', { id: ${types}.INTEGER });`,
    ]),
    down: remark('Add reverting commands here.', [`await queryInterface.dropTable('users');`]),
  });
}

/** An empty seeder, with sequelize-cli's remarks. */
export function emptySeeder(style: FileStyle): string {
  return migrationFile(style, {
    up: remark('Add seed commands here.', [
      `await queryInterface.bulkInsert('People', [{`,
      `  name: 'John Doe',`,
      `  isBetaMember: false`,
      `}], {});`,
    ]),
    down: remark('Add commands to revert seed here.', [
      `await queryInterface.bulkDelete('People', null, {});`,
    ]),
  });
}

function remark(text: string, example: readonly string[]): string[] {
  return ['/**', ` * ${text}`, ' *', ' * Example:', ...example.map((line) => ` * ${line}`), ' */'];
}
