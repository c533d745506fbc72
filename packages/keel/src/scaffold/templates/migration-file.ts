import { bodyIndent, migrationModule } from '../../codegen/migration-module';
import type { FileStyle } from '../file-style';

/** What the two functions of a migration or seeder do, as lines of code without indentation. */
export interface FunctionBodies {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** The text of a migration or a seeder. In TypeScript, types come from `DataTypes`, elsewhere from `Sequelize`. */
export function migrationFile(
  style: FileStyle,
  { up, down }: FunctionBodies,
  type: 'Migration' | 'Seeder' = 'Migration',
): string {
  const indent = bodyIndent(style);
  return migrationModule(style, {
    type,
    up: `${indented(up, indent)}\n`,
    down: `${indented(down, indent)}\n`,
    withoutTransaction: false,
    allArguments: true,
  });
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
  const bodies = {
    up: remark('Add seed commands here.', [
      `await queryInterface.bulkInsert('People', [{`,
      `  name: 'John Doe',`,
      `  isBetaMember: false`,
      `}], {});`,
    ]),
    down: remark('Add commands to revert seed here.', [
      `await queryInterface.bulkDelete('People', null, {});`,
    ]),
  };
  return migrationFile(style, bodies, 'Seeder');
}

function remark(text: string, example: readonly string[]): string[] {
  return ['/**', ` * ${text}`, ' *', ' * Example:', ...example.map((line) => ` * ${line}`), ' */'];
}
