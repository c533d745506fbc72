import { readOutline } from '../../project/read-project';
import { generateSeeder } from '../../scaffold/generate-file';
import { defineCommand } from '../define-command';
import { renderFolder, renderGenerated } from '../render/render-scaffold';

interface Flags {
  readonly name: string;
}

/** `seed:generate`: writes an empty seeder. */
export const seedGenerate = defineCommand<Flags>({
  name: 'seed:generate',
  aliases: ['seed:create'],
  summary: 'Generate a new seed file',
  examples: [['keel seed:generate --name demo-users', 'an empty seeder']],
  configure: (command) => {
    command.requiredOption('--name <name>', 'the name of the seeder');
  },
  run: async ({ flags, output }) => {
    const generated = await generateSeeder(await readOutline(flags), flags.name);
    output.result(generated, [
      ...renderFolder(generated.folder),
      renderGenerated('seed', generated.path),
    ]);
  },
});
