import { withClient } from '../db/client';
import { loadPg } from '../project/sequelize';
import { readTableCounts } from '../db/table-counts';
import { connectionUrl } from '../project/connection';
import type { Project } from '../project/types';
import type { Invocation } from './command';
import { renderSetup } from './render/setup';
import { runOptions, type RunFlags } from './run-options';

/** Migrates, seeds, and says what is there now. */
export async function migrateAndSeed(
  invocation: Invocation<RunFlags>,
  project: Project,
): Promise<void> {
  const { output } = invocation;
  const { run } = require('../runner/migrator') as typeof import('../runner/migrator');
  const options = runOptions(invocation);
  const migrations = await run(project, { kind: 'migration', direction: 'up' }, options);
  const seeders = await run(project, { kind: 'seeder', direction: 'up' }, options);
  const { connection, paths } = project;
  const tables = await withClient(connection, readTableCounts, { pg: loadPg(paths.root) });
  // The embedded server's password stands in the project's config and opens nothing else.
  const url = connectionUrl(connection, { password: project.embedded });
  const document = { migrations, seeders, tables, url };
  output.result(document, renderSetup(document));
}
