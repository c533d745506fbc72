import { databaseUrl } from '../support/server';
import { copyDatabase, dropDatabase, withServerClient } from './database';
import { file, makeProject } from './fault-project';
import { startKeel } from './runner-process';
import { prepareScenario, type Scenario } from './trial';

const FILL = '20250101000001-fill.js';

/** A table whose rows tell how often each was done, also by a function over them. */
const TABLE = `CREATE TABLE counted (tenant text COLLATE "C", id integer, n integer NOT NULL DEFAULT 0,
    m bigint NOT NULL DEFAULT 0, PRIMARY KEY (tenant, id));
  INSERT INTO counted SELECT 't' || i % 3, i FROM generate_series(1, 200) i`;

const by = (n: number): string => `
  await backfill(q, { table: 'counted', set: { n: S.literal('n + ${n}') }, batch: 40, pause: 1 });
  await backfill(q, { table: 'counted', batch: 40, pause: 1,
    each: (rows) => rows.map(({ tenant, id, m }) => ({ tenant, id, m: BigInt(m) + ${n}n })) });`;

const MIGRATION = file(
  by(1),
  by(-1),
  `const { backfill } = require('sequelize-keel');\nmodule.exports.transaction = false;\n`,
);

/** Backfills that count, so that a row left out or done twice is seen: applied, and undone. */
export async function prepareBackfillScenarios(): Promise<{
  readonly scenarios: readonly Scenario[];
  dispose(): Promise<void>;
}> {
  const project = makeProject({ [FILL]: MIGRATION });
  const { root } = project;
  const filled = await copyDatabase();
  await withServerClient((client) => client.query(TABLE), databaseUrl(filled));
  const done = await copyDatabase(filled);
  await startKeel(root, databaseUrl(done), ['db:migrate']).ended;
  const shared = { root, ledger: 'migrations' } as const;
  const scenarios = [
    await prepareScenario(
      { ...shared, name: 'backfill', args: ['db:migrate'], direction: 'up', template: filled },
      [['db:migrate']],
    ),
    await prepareScenario(
      { ...shared, name: 'its undo', args: ['db:migrate:undo'], direction: 'down', template: done },
      [['db:migrate:undo']],
    ),
  ];
  return {
    scenarios,
    dispose: async () => {
      project.remove();
      await dropDatabase(filled);
      await dropDatabase(done);
    },
  };
}
