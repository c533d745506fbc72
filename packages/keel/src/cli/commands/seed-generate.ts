import { defineCommand } from '../define-command';

interface Flags {
  readonly name: string;
}

/** `seed:generate`: writes an empty seeder. */
export const seedGenerate = defineCommand<Flags>({
  examples: [['keel seed:generate --name demo-users', 'an empty seeder']],
  configure: (command) => {
    command.requiredOption('--name <name>', 'the name of the seeder');
  },
  run: async ({ flags, output }) => {
    const { readOutline } =
      require('../../project/read-project') as typeof import('../../project/read-project');
    const { generateSeeder } =
      require('../../scaffold/generate-file') as typeof import('../../scaffold/generate-file');
    const { renderFolder, renderGenerated } =
      require('../render/render-scaffold') as typeof import('../render/render-scaffold');
    const generated = await generateSeeder(await readOutline(flags), flags.name);
    output.result(generated, [
      ...renderFolder(generated.folder),
      renderGenerated('seed', generated.path),
    ]);
  },
});
