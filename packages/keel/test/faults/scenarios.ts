import { databaseUrl } from '../support/server';
import { copyDatabase, dropDatabase } from './database';
import { makeProject, MIGRATIONS, SEEDERS } from './fault-project';
import { startKeel } from './runner-process';
import { prepareScenario, type Point, type Scenario } from './trial';
import type { Fault } from './fault-kinds';

/** The commands that faults are done to, each on its prepared database. */
export interface Scenarios {
  readonly migrate: Scenario;
  readonly seed: Scenario;
  readonly undo: Scenario;
  dispose(): Promise<void>;
}

/** Prepares all scenarios on the run's server. */
export async function prepareScenarios(): Promise<Scenarios> {
  const project = makeProject(MIGRATIONS, SEEDERS);
  const { root } = project;
  const empty = await copyDatabase();
  const migrated = await copyDatabase();
  await startKeel(root, databaseUrl(migrated), ['db:migrate']).ended;
  const names = Object.keys(MIGRATIONS);
  const [migrate, seed, undo] = await Promise.all([
    prepareScenario(
      {
        name: 'db:migrate',
        root,
        args: ['db:migrate'],
        direction: 'up',
        ledger: 'migrations',
        template: empty,
      },
      names.map((name) => ['db:migrate', '--to', name]),
    ),
    prepareScenario(
      {
        name: 'db:seed:all',
        root,
        args: ['db:seed:all'],
        direction: 'up',
        ledger: 'seeders',
        template: migrated,
      },
      Object.keys(SEEDERS).map((name) => ['db:seed', '--seed', name]),
    ),
    prepareScenario(
      {
        name: 'db:migrate:undo:all',
        root,
        args: ['db:migrate:undo:all'],
        direction: 'down',
        ledger: 'migrations',
        template: migrated,
      },
      names.map(() => ['db:migrate:undo']),
    ),
  ]);
  return {
    migrate,
    seed,
    undo,
    dispose: async () => {
      project.remove();
      await dropDatabase(empty);
      await dropDatabase(migrated);
    },
  };
}

/** Every point of a scenario at which a fault can strike. */
export function allPoints(scenario: Scenario, fault: Pick<Fault, 'phases'>): Point[] {
  return scenario.statements.flatMap(({ number }) =>
    fault.phases.map((phase) => ({ statement: number, phase })),
  );
}
