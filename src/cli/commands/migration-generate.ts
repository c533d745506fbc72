import { readOutline } from '../../project/project';
import { generateMigration } from '../../scaffold/generate';
import { defineCommand } from '../command';
import { renderFolder, renderGenerated } from '../render/scaffold';

interface Flags {
  readonly name: string;
}

/** `migration:generate`: writes an empty migration. */
export const migrationGenerate = defineCommand<Flags>({
  name: 'migration:generate',
  aliases: ['migration:create'],
  summary: 'Generate a new migration file',
  examples: [['keel migration:generate --name add-phone-to-users', 'an empty migration']],
  configure: (command) => {
    command
      .requiredOption('--name <name>', 'the name of the migration')
      .option('--underscored', 'taken as sequelize-cli takes it; without effect here');
  },
  run: async ({ flags, output }) => {
    const generated = generateMigration(await readOutline(flags), flags.name);
    output.result(generated, [
      ...renderFolder(generated.folder),
      renderGenerated('migration', generated.path),
    ]);
  },
});
