import type { CommandDefinition } from './define-command';
import { adopt } from './commands/adopt';
import { completion } from './commands/completion';
import { dbCheck } from './commands/db-check';
import { dbCreate } from './commands/db-create';
import { dbDrop } from './commands/db-drop';
import { dbEnvironment } from './commands/db-environment';
import { dbLint } from './commands/db-lint';
import { dbMigrate } from './commands/db-migrate';
import { dbMigrateRedo } from './commands/db-migrate-redo';
import { dbMigrateSchemaTimestampsAdd } from './commands/db-migrate-schema-timestamps-add';
import { dbMigrateStatus } from './commands/db-migrate-status';
import { dbMigrateUndo } from './commands/db-migrate-undo';
import { dbMigrateUndoAll } from './commands/db-migrate-undo-all';
import { dbPlan } from './commands/db-plan';
import { dbPull } from './commands/db-pull';
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
import { doctor } from './commands/doctor';
import { initCommands } from './commands/init';
import { migrationGenerate } from './commands/migration-generate';
import { modelGenerate } from './commands/model-generate';
import { schemaPage } from './commands/schema-page';
import { seedGenerate } from './commands/seed-generate';

/** Commands that stand together in the list of commands. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly CommandDefinition[];
}

/** Every command, in the order of the list. */
export const commandGroups: readonly CommandGroup[] = [
  {
    heading: 'Migrations:',
    commands: [
      dbMigrate,
      dbPlan,
      dbMigrateStatus,
      dbMigrateUndo,
      dbMigrateUndoAll,
      dbMigrateRedo,
      dbMigrateSchemaTimestampsAdd,
    ],
  },
  {
    heading: 'Seeders:',
    commands: [
      dbSeed,
      dbSeedAll,
      dbSeedStatus,
      dbSeedUndo,
      dbSeedUndoAll,
      dbSeedBulk,
      dbSeedBulkUndo,
    ],
  },
  { heading: 'Schema:', commands: [dbCheck, dbLint, dbPull, dbSchemaDump, schemaPage] },
  {
    heading: 'Databases:',
    commands: [dbCreate, dbDrop, dbReset, dbSetup, dbStart, dbStop, dbUrl, dbEnvironment],
  },
  {
    heading: 'New files:',
    commands: [migrationGenerate, seedGenerate, modelGenerate, ...initCommands],
  },
  { heading: 'Your project:', commands: [adopt, doctor] },
  { heading: 'Your shell:', commands: [completion] },
];
