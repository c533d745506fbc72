import { Command, CommanderError } from 'commander';
import pc from './terminal/colours';
import { keelVersion } from '../keel-version';
import type { CommandDefinition, Frame, Invocation } from './define-command';
import { dbCheck } from './commands/db-check';
import { dbCreate } from './commands/db-create';
import { dbDrop } from './commands/db-drop';
import { dbMigrate } from './commands/db-migrate';
import { dbMigrateRedo } from './commands/db-migrate-redo';
import { dbMigrateSchemaTimestampsAdd } from './commands/db-migrate-schema-timestamps-add';
import { dbMigrateStatus } from './commands/db-migrate-status';
import { dbMigrateUndo } from './commands/db-migrate-undo';
import { dbMigrateUndoAll } from './commands/db-migrate-undo-all';
import { dbReset } from './commands/db-reset';
import { dbSchemaDump } from './commands/db-schema-dump';
import { dbSeed } from './commands/db-seed';
import { dbSeedAll } from './commands/db-seed-all';
import { dbSeedBulk } from './commands/db-seed-bulk';
import { dbSeedBulkUndo } from './commands/db-seed-bulk-undo';
import { dbSeedStatus } from './commands/db-seed-status';
import { dbSeedUndo } from './commands/db-seed-undo';
import { dbSeedUndoAll } from './commands/db-seed-undo-all';
import { dbSetup } from './commands/db-setup';
import { dbStart } from './commands/db-start';
import { dbStop } from './commands/db-stop';
import { dbUrl } from './commands/db-url';
import { initCommands } from './commands/init';
import { migrationGenerate } from './commands/migration-generate';
import { modelGenerate } from './commands/model-generate';
import { seedGenerate } from './commands/seed-generate';

const COMMANDS: readonly CommandDefinition[] = [
  dbMigrate,
  dbMigrateStatus,
  dbMigrateUndo,
  dbMigrateUndoAll,
  dbMigrateRedo,
  dbMigrateSchemaTimestampsAdd,
  dbSeed,
  dbSeedAll,
  dbSeedStatus,
  dbSeedUndo,
  dbSeedUndoAll,
  dbSeedBulk,
  dbSeedBulkUndo,
  dbCheck,
  dbSchemaDump,
  dbCreate,
  dbDrop,
  dbReset,
  dbSetup,
  dbStart,
  dbStop,
  dbUrl,
  ...initCommands,
  migrationGenerate,
  seedGenerate,
  modelGenerate,
];

/** The whole command line, ready to be parsed. */
export function buildProgram(frame: Frame): Command {
  const program = new Command('keel')
    .description('Migrations and seeds for Sequelize on PostgreSQL')
    .version(keelVersion(), '--version', 'print the version')
    .helpOption('--help', 'show help')
    .helpCommand(false)
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .showHelpAfterError('Nothing was changed. See the commands with: keel --help')
    .exitOverride()
    .option('--env <name>', 'the environment to run in (default: NODE_ENV, or development)')
    .option('--config <path>', 'the config file')
    .option('--options-path <path>', 'a .sequelizerc by another name')
    .option('--url <url>', 'the database to use, in place of the config')
    .option('--migrations-path <path>', 'the folder of migrations')
    .option('--seeders-path <path>', 'the folder of seeders')
    .option('--models-path <path>', 'the folder of models')
    .option('--json', 'print one JSON document and nothing else')
    .option('--debug', 'show where an error comes from');
  for (const definition of COMMANDS) addCommand(program, definition, frame);
  return program;
}

function addCommand(program: Command, definition: CommandDefinition, frame: Frame): void {
  const command = program
    .command(definition.name)
    .aliases([...(definition.aliases ?? [])])
    .description(definition.summary)
    .helpOption('--help', 'show help')
    .showHelpAfterError(`Nothing was changed. See the flags with: keel ${definition.name} --help`)
    .exitOverride();
  definition.configure?.(command);
  command.addHelpText('after', `\nExamples:\n${examplesOf(definition)}`);
  command.action(async () => {
    const flags = command.optsWithGlobals<Invocation<Record<string, never>>['flags']>();
    const invocation = {
      flags,
      output: frame.output,
      get signal() {
        return frame.takeSignal();
      },
    };
    await definition.run(invocation, frame);
  });
}

function examplesOf({ examples }: CommandDefinition): string {
  return examples.map(([line, meaning]) => `  ${line}\n      ${pc.dim(meaning)}`).join('\n');
}

/** Whether commander has said all there is to say to people: help, a version, or a usage error. */
export function isCommanderExit(error: unknown): error is CommanderError {
  return error instanceof CommanderError;
}

/** A usage error as a document, for `--json`; undefined for help and the version. */
export function usageDocument({ exitCode, message }: CommanderError): object | undefined {
  if (exitCode === 0) return undefined;
  return {
    error: {
      code: 'USAGE',
      message: message.replace(/^error: /, ''),
      details: [],
      state: 'Nothing was changed.',
    },
  };
}
