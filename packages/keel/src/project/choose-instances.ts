import type { Sequelize } from 'sequelize';
import { modelsOf } from './models-of';
import type { Project } from './project';

/** Which instances of Sequelize describe the project's database. */
export interface ChosenInstances {
  readonly instances: readonly Sequelize[];
  /** Whose models describe another database, a sentence each. */
  readonly leftOut: readonly string[];
}

/**
 * Chooses among the instances that a project's models are on. An application may connect to several databases, and
 * each file of its models may make an instance of its own: those for the project's database go together.
 */
export function chooseInstances(found: readonly Sequelize[], project: Project): ChosenInstances {
  const used = [...new Set(found)].filter((instance) => modelsOf(instance, project).length > 0);
  const { database: own } = project.standsFor ?? project.connection;
  const wanted = used.find((instance) => databaseOf(instance) === own);
  const database = databaseOf(wanted ?? used[0]);
  return {
    instances: used.filter((instance) => databaseOf(instance) === database),
    leftOut: used
      .filter((instance) => databaseOf(instance) !== database)
      .map((instance) => describe(instance, project)),
  };
}

function describe(instance: Sequelize, project: Project): string {
  const names = modelsOf(instance, project).map(({ name }) => name);
  const database = databaseOf(instance) ?? '(none)';
  return `the models ${names.join(', ')} are for another database, ${database}, and are left out`;
}

function databaseOf(instance: Sequelize | undefined): string | undefined {
  return instance && (instance.config as { readonly database?: string }).database;
}
