import { readTableCounts } from '../../db/read-table-counts';
import { connectionUrl } from '../../db/connection-url';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import type { MigrationKind } from '../../runner/ledger/history';
import type { Invocation } from '../define-command';
import { renderSetup } from '../render/render-setup';
import { runOptions, type RunFlags } from '../flags/run-flags';

/** Migrates, seeds, and says what is there now. */
export async function migrateAndSeed(
  invocation: Invocation<RunFlags>,
  project: Project,
): Promise<void> {
  const { output } = invocation;
  const { run } = require('../../runner/run') as typeof import('../../runner/run');
  const runAll = (kind: MigrationKind) => {
    const request = { kind, direction: 'up' } as const;
    return run(project, request, runOptions(invocation, project, request));
  };
  const migrations = await runAll('migration');
  const seeders = await runAll('seeder');
  const { connection } = project;
  const tables = await withProjectClient(project, readTableCounts);
  // The embedded server's password stands in the project's config and opens nothing else.
  const url = connectionUrl(connection, { password: project.embedded });
  const document = { migrations, seeders, tables, url };
  output.result(document, renderSetup(document));
}
