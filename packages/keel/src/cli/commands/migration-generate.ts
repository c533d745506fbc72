import type { Command } from 'commander';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import { defineCommand, type Invocation } from '../define-command';
import { withProject } from '../actions/with-project';
import { collect } from '../flags/flag-values';

interface Flags {
  readonly name: string;
  readonly fromModels?: boolean;
  readonly fromDatabase?: boolean;
  /** `--no-rename` makes it false. */
  readonly rename?: readonly string[] | false;
  readonly drop?: readonly string[];
  readonly expand?: readonly string[];
  readonly simple?: boolean;
  readonly safe?: boolean;
}

/** `migration:generate`: writes a migration, empty, from the models, or from the database. */
export const migrationGenerate = defineCommand<Flags>({
  examples: [
    ['keel migration:generate --name add-phone-to-users', 'an empty migration'],
    [
      'keel migration:generate --from-models --name add-phone',
      'what the models have and the migrations do not build yet, up and down',
    ],
    [
      'keel migration:generate --from-models --name names --rename users.name:users.fullName',
      'the same, where a column was renamed',
    ],
    [
      'keel migration:generate --from-models --name names --expand users.name:users.fullName',
      'the same while old code runs: both columns, kept in step, until a later release',
    ],
    [
      'keel migration:generate --from-database --name baseline',
      'the first migration, for a database that has none; it is recorded as applied',
    ],
  ],
  configure,
  run: async (invocation) => {
    const { flags } = invocation;
    if (flags.fromModels === true && flags.fromDatabase === true) throw contradiction();
    const { safeFileName } =
      require('../../scaffold/safe-file-name') as typeof import('../../scaffold/safe-file-name');
    // Not after a minute of proofs.
    safeFileName(flags.name);
    if (flags.fromModels === true) await fromModels(invocation);
    else if (flags.fromDatabase === true) await fromDatabase(invocation);
    else await empty(invocation);
  },
});

function configure(command: Command): void {
  command
    .requiredOption('--name <name>', 'the name of the migration')
    .option(
      '--from-models',
      'write what brings the migrations up to the models, proved up and down',
    )
    .option('--from-database', 'write what the database has, and record it as applied')
    .option('--rename <old:new>', 'a table or column was renamed (may be repeated)', collect)
    .option('--no-rename', 'nothing was renamed: what is gone is dropped, what is new is added')
    .option('--drop <name>', 'a table, column or index that is to go (may be repeated)', collect)
    .option(
      '--expand <old:new>',
      'a column gets another name or type in steps that old code survives (may be repeated)',
      collect,
    )
    .option('--simple', 'one plain file, whatever the size of the tables')
    .option('--safe', 'steps that do not lock big tables, whatever their size here')
    .option('--underscored', 'taken as sequelize-cli takes it; without effect here');
}

function contradiction(): KeelError {
  return new KeelError('--from-models and --from-database exclude each other', {
    code: 'CONTRADICTING_FLAGS',
    state: NOTHING_WRITTEN,
  });
}

async function empty({ flags, output }: Invocation<Flags>): Promise<void> {
  const { readOutline } =
    require('../../project/read-project') as typeof import('../../project/read-project');
  const { generateMigration } =
    require('../../scaffold/generate-file') as typeof import('../../scaffold/generate-file');
  const { renderFolder, renderGenerated } =
    require('../render/render-scaffold') as typeof import('../render/render-scaffold');
  const generated = await generateMigration(await readOutline(flags), flags.name);
  output.result(generated, [
    ...renderFolder(generated.folder),
    renderGenerated('migration', generated.path),
  ]);
}

async function fromModels(invocation: Invocation<Flags>): Promise<void> {
  const { flags, output } = invocation;
  await withProject(invocation, async (project, { signal }) => {
    const { canAsk } = require('../terminal/ask') as typeof import('../terminal/ask');
    const { askRenames } =
      require('../terminal/ask-renames') as typeof import('../terminal/ask-renames');
    const { repeatInLines } =
      require('../render/repeat-flags') as typeof import('../render/repeat-flags');
    const { renderGeneration } =
      require('../render/render-generation') as typeof import('../render/render-generation');
    const { generateFromModels } =
      require('../../generate/generate-from-models') as typeof import('../../generate/generate-from-models');
    const result = await generateFromModels(project, {
      name: flags.name,
      renames: flags.rename === false ? [] : (flags.rename ?? []),
      noRename: flags.rename === false,
      drop: flags.drop ?? [],
      expand: flags.expand ?? [],
      steps: flags.simple === true ? 'simple' : flags.safe === true ? 'safe' : 'auto',
      ask: canAsk(output) ? (candidates) => askRenames(candidates, signal) : undefined,
      exclusive: true,
      signal,
    });
    output.result(
      result,
      repeatInLines(renderGeneration(result, project.paths.root), invocation.flags),
    );
  });
}

async function fromDatabase(invocation: Invocation<Flags>): Promise<void> {
  const { flags, output } = invocation;
  await withProject(invocation, async (project, { signal }) => {
    const { renderBaseline } =
      require('../render/render-generation') as typeof import('../render/render-generation');
    const { generateFromDatabase } =
      require('../../generate/generate-from-database') as typeof import('../../generate/generate-from-database');
    const result = await generateFromDatabase(project, {
      name: flags.name,
      exclusive: true,
      signal,
    });
    output.result(result, renderBaseline(result, project.paths.root));
  });
}
