import { defineCommand } from '../define-command';

interface Flags {
  readonly name: string;
  readonly attributes: string;
  readonly underscored?: boolean;
  readonly force?: boolean | string;
}

/** `model:generate`: writes a model and the migration that makes its table. */
export const modelGenerate = defineCommand<Flags>({
  examples: [
    ['keel model:generate --name User --attributes name:string,bio:text', 'a model and its table'],
    [
      'keel model:generate --name User --attributes "role:enum:{admin,guest},tags:array:string"',
      'with an enum and an array',
    ],
  ],
  configure: (command) => {
    command
      .requiredOption('--name <name>', 'the name of the model')
      .requiredOption('--attributes <list>', 'its attributes, name:type separated by commas')
      .option('--underscored', 'name the table and its columns in snake case')
      .option('--force [value]', 'replace a model of the same name');
  },
  run: async ({ flags, output }) => {
    const { readOutline } =
      require('../../project/read-project') as typeof import('../../project/read-project');
    const { generateModel } =
      require('../../scaffold/generate-model') as typeof import('../../scaffold/generate-model');
    const { renderGenerated } =
      require('../render/render-scaffold') as typeof import('../render/render-scaffold');
    const generated = await generateModel(await readOutline(flags), {
      name: flags.name,
      attributes: flags.attributes,
      underscored: flags.underscored ?? false,
      force: flags.force !== undefined,
    });
    output.result(generated, [
      renderGenerated('model', generated.model),
      renderGenerated('migration', generated.migration),
      ...generated.steps,
    ]);
  },
});
