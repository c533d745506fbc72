import { NOTHING_CHANGED } from '../errors';
import { databaseError } from '../db/connection-error';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { openFolder, readFolder } from './ledger/migration-folder';
import type { MigrationKind } from './ledger/history';
import type { MigrationState } from './files/migration-state';

/** Where a project's migrations or seeders stand. */
export interface StatusResult {
  readonly kind: MigrationKind;
  readonly migrations: readonly MigrationState[];
  readonly pending: number;
  readonly missing: number;
  readonly changed: number;
}

/** Reads where things stand; changes nothing, takes no lock, and works for a role that may only read. */
export async function readStatus(project: Project, kind: MigrationKind): Promise<StatusResult> {
  const folder = openFolder(project, kind);
  const { states } = await withProjectClient(project, (client) =>
    readFolder(folder, client, { history: true, checksums: true }),
  ).catch((error: unknown) => {
    throw databaseError(error, {
      doing: `reading which ${kind}s are applied`,
      state: NOTHING_CHANGED,
    });
  });
  const count = (test: (state: MigrationState) => boolean): number => states.filter(test).length;
  return {
    kind,
    migrations: states,
    pending: count(({ status }) => status === 'pending'),
    missing: count(({ missing }) => missing),
    changed: count(({ changed }) => changed),
  };
}
