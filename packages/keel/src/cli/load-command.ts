import type { CommandName } from './command-groups';
import type { CommandDefinition } from './define-command';

const loaders: Readonly<Record<CommandName, () => CommandDefinition>> = {
  'db:migrate': () =>
    (require('./commands/db-migrate') as typeof import('./commands/db-migrate')).dbMigrate,
  'db:plan': () => (require('./commands/db-plan') as typeof import('./commands/db-plan')).dbPlan,
  'db:migrate:status': () =>
    (require('./commands/db-migrate-status') as typeof import('./commands/db-migrate-status'))
      .dbMigrateStatus,
  'db:migrate:undo': () =>
    (require('./commands/db-migrate-undo') as typeof import('./commands/db-migrate-undo'))
      .dbMigrateUndo,
  'db:migrate:undo:all': () =>
    (require('./commands/db-migrate-undo-all') as typeof import('./commands/db-migrate-undo-all'))
      .dbMigrateUndoAll,
  'db:migrate:redo': () =>
    (require('./commands/db-migrate-redo') as typeof import('./commands/db-migrate-redo'))
      .dbMigrateRedo,
  'db:migrate:schema:timestamps:add': () =>
    (
      require('./commands/db-migrate-schema-timestamps-add') as typeof import('./commands/db-migrate-schema-timestamps-add')
    ).dbMigrateSchemaTimestampsAdd,
  'db:seed': () => (require('./commands/db-seed') as typeof import('./commands/db-seed')).dbSeed,
  'db:seed:all': () =>
    (require('./commands/db-seed-all') as typeof import('./commands/db-seed-all')).dbSeedAll,
  'db:seed:status': () =>
    (require('./commands/db-seed-status') as typeof import('./commands/db-seed-status'))
      .dbSeedStatus,
  'db:seed:undo': () =>
    (require('./commands/db-seed-undo') as typeof import('./commands/db-seed-undo')).dbSeedUndo,
  'db:seed:undo:all': () =>
    (require('./commands/db-seed-undo-all') as typeof import('./commands/db-seed-undo-all'))
      .dbSeedUndoAll,
  'db:seed:bulk': () =>
    (require('./commands/db-seed-bulk') as typeof import('./commands/db-seed-bulk')).dbSeedBulk,
  'db:seed:bulk:undo': () =>
    (require('./commands/db-seed-bulk-undo') as typeof import('./commands/db-seed-bulk-undo'))
      .dbSeedBulkUndo,
  'db:check': () =>
    (require('./commands/db-check') as typeof import('./commands/db-check')).dbCheck,
  'db:lint': () => (require('./commands/db-lint') as typeof import('./commands/db-lint')).dbLint,
  'db:pull': () => (require('./commands/db-pull') as typeof import('./commands/db-pull')).dbPull,
  'db:schema:dump': () =>
    (require('./commands/db-schema-dump') as typeof import('./commands/db-schema-dump'))
      .dbSchemaDump,
  'schema:page': () =>
    (require('./commands/schema-page') as typeof import('./commands/schema-page')).schemaPage,
  'db:create': () =>
    (require('./commands/db-create') as typeof import('./commands/db-create')).dbCreate,
  'db:drop': () => (require('./commands/db-drop') as typeof import('./commands/db-drop')).dbDrop,
  'db:reset': () =>
    (require('./commands/db-reset') as typeof import('./commands/db-reset')).dbReset,
  'db:setup': () =>
    (require('./commands/db-setup') as typeof import('./commands/db-setup')).dbSetup,
  'db:start': () =>
    (require('./commands/db-start') as typeof import('./commands/db-start')).dbStart,
  'db:stop': () => (require('./commands/db-stop') as typeof import('./commands/db-stop')).dbStop,
  'db:url': () => (require('./commands/db-url') as typeof import('./commands/db-url')).dbUrl,
  'db:environment': () =>
    (require('./commands/db-environment') as typeof import('./commands/db-environment'))
      .dbEnvironment,
  'migration:generate': () =>
    (require('./commands/migration-generate') as typeof import('./commands/migration-generate'))
      .migrationGenerate,
  'seed:generate': () =>
    (require('./commands/seed-generate') as typeof import('./commands/seed-generate')).seedGenerate,
  'model:generate': () =>
    (require('./commands/model-generate') as typeof import('./commands/model-generate'))
      .modelGenerate,
  init: () => (require('./commands/init') as typeof import('./commands/init')).initCommand('init'),
  'init:config': () =>
    (require('./commands/init') as typeof import('./commands/init')).initCommand('init:config'),
  'init:migrations': () =>
    (require('./commands/init') as typeof import('./commands/init')).initCommand('init:migrations'),
  'init:models': () =>
    (require('./commands/init') as typeof import('./commands/init')).initCommand('init:models'),
  'init:seeders': () =>
    (require('./commands/init') as typeof import('./commands/init')).initCommand('init:seeders'),
  adopt: () => (require('./commands/adopt') as typeof import('./commands/adopt')).adopt,
  doctor: () => (require('./commands/doctor') as typeof import('./commands/doctor')).doctor,
  completion: () =>
    (require('./commands/completion') as typeof import('./commands/completion')).completion,
};

/** Loads the file of a command, which the list of commands does without. */
export function loadCommand(name: CommandName): CommandDefinition {
  return loaders[name]();
}
