/** A command in the list. */
export interface ListedCommand {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
}

/** Commands that stand together in the list of commands. */
export interface CommandGroup {
  readonly heading: string;
  readonly commands: readonly ListedCommand[];
}

/** Every command, in the order of the list. */
export const commandGroups = [
  {
    heading: 'Migrations:',
    commands: [
      {
        name: 'db:migrate',
        summary: 'Run pending migrations',
      },
      {
        name: 'db:plan',
        summary: 'Write what db:migrate would do to a file that is reviewed',
      },
      {
        name: 'db:migrate:status',
        summary: 'List the status of all migrations',
      },
      {
        name: 'db:migrate:undo',
        summary: 'Revert the last migration',
      },
      {
        name: 'db:migrate:undo:all',
        summary: 'Revert all migrations that ran',
      },
      {
        name: 'db:migrate:redo',
        summary: 'Revert the last migration and run it again',
      },
      {
        name: 'db:migrate:schema:timestamps:add',
        summary: 'Update migration table to have timestamps',
      },
    ],
  },
  {
    heading: 'Seeders:',
    commands: [
      {
        name: 'db:seed',
        summary: 'Run specified seeders',
      },
      {
        name: 'db:seed:all',
        summary: 'Run every seeder',
      },
      {
        name: 'db:seed:status',
        summary: 'List the status of all seeders',
      },
      {
        name: 'db:seed:undo',
        summary: 'Undo the last seeder, or those that are named',
      },
      {
        name: 'db:seed:undo:all',
        summary: 'Undo every seeder',
      },
      {
        name: 'db:seed:bulk',
        summary: 'Fill tables with related rows, made from the models',
      },
      {
        name: 'db:seed:bulk:undo',
        summary: 'Remove exactly the rows that db:seed:bulk made',
      },
    ],
  },
  {
    heading: 'Schema:',
    commands: [
      {
        name: 'db:check',
        summary: 'Compare the models, the migrations and the database',
      },
      {
        name: 'db:lint',
        summary: 'Say what the pending migrations lock, rewrite and break',
      },
      {
        name: 'db:pull',
        summary: 'Write models from the tables of the database',
      },
      {
        name: 'db:schema:dump',
        summary: 'Write the schema of the database as sorted text',
      },
      {
        name: 'schema:page',
        summary: 'Draw the associations, tables, migrations and drift',
      },
    ],
  },
  {
    heading: 'Databases:',
    commands: [
      {
        name: 'db:create',
        summary: 'Create the database specified by configuration',
      },
      {
        name: 'db:drop',
        summary: 'Drop the database specified by configuration',
      },
      {
        name: 'db:reset',
        summary: 'Drop the database, create it, migrate it and seed it',
      },
      {
        name: 'db:setup',
        summary: 'Create the database if need be, migrate it and seed it',
      },
      {
        name: 'db:start',
        summary: 'Start the embedded PostgreSQL server',
      },
      {
        name: 'db:stop',
        summary: 'Stop the embedded PostgreSQL server',
      },
      {
        name: 'db:url',
        summary: "Print the database's URL",
      },
      {
        name: 'db:environment',
        summary: 'Show which environment the database is marked as, or mark it anew',
      },
    ],
  },
  {
    heading: 'New files:',
    commands: [
      {
        name: 'migration:generate',
        aliases: ['migration:create'],
        summary: 'Generate a new migration file',
      },
      {
        name: 'seed:generate',
        aliases: ['seed:create'],
        summary: 'Generate a new seed file',
      },
      {
        name: 'model:generate',
        aliases: ['model:create'],
        summary: 'Generate a model and its migration',
      },
      {
        name: 'init',
        summary: 'Initialize a project',
      },
      {
        name: 'init:config',
        summary: 'Initialize the configuration',
      },
      {
        name: 'init:migrations',
        summary: 'Initialize the migrations',
      },
      {
        name: 'init:models',
        summary: 'Initialize the models',
      },
      {
        name: 'init:seeders',
        summary: 'Initialize the seeders',
      },
    ],
  },
  {
    heading: 'Your project:',
    commands: [
      {
        name: 'adopt',
        summary: 'Take over a database: its first migration, and its models',
      },
      {
        name: 'doctor',
        summary: 'Say what keel found in the project and whether it works',
      },
    ],
  },
  {
    heading: 'Your shell:',
    commands: [
      {
        name: 'completion',
        summary: 'Print the completion script of a shell',
      },
    ],
  },
] as const satisfies readonly CommandGroup[];

/** The name of a command. */
export type CommandName = (typeof commandGroups)[number]['commands'][number]['name'];
