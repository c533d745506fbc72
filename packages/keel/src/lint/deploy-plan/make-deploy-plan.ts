import { createHash } from 'node:crypto';
import { postgresError } from '../../db/connection-error';
import { KeelError, NOTHING_CHANGED } from '../../errors';
import type { Project } from '../../project/project';
import { withProjectClient } from '../../project/with-project-client';
import { checksum } from '../../runner/files/checksum';
import type { MigrationState } from '../../runner/files/migration-state';
import { selectUp, type UpRequest } from '../../runner/files/select-files';
import { openFolder, readFolder } from '../../runner/ledger/migration-folder';
import type { LintOptions } from '../lint-project';
import { readFacts } from '../read-facts';
import { offlineRun } from '../offline-run';
import { compareDeployPlan, type PlannedFacts } from './compare-deploy-plan';
import type { DeployPlan } from './deploy-plan';

/**
 * Works out what `db:migrate` would do. The SQL and the locks are from a run on a scratch database; the real one is
 * only read.
 */
export async function makeDeployPlan(
  project: Project,
  request: UpRequest,
  options: Pick<LintOptions, 'exclusive' | 'signal'>,
): Promise<{ readonly plan: DeployPlan; readonly warnings: readonly string[] }> {
  const database = await readFacts(project);
  if (database.failure) throw database.failure;
  const { states } = database;
  const selected = selectUp(states, request, 'db:migrate:status');
  const facts = await readPlannedFacts(project, { states, selected });
  const { files, warnings } = await offlineRun(project, request, { ...options, database });
  const shown = new Map(files.map((file) => [file.name, file]));
  const { to, from, step } = request;
  const names = request.names && selected.map(({ name }) => name);
  const plan: DeployPlan = {
    keelPlan: 1,
    database: facts.database,
    server: facts.server,
    direction: 'up',
    request: { to, from, names, step },
    applied: facts.applied,
    files: facts.files.map(({ name, sha256 }) => ({
      name,
      sha256,
      locks: (shown.get(name)?.locks ?? []).map(({ relation, mode }) => `${mode} ${relation}`),
      statements: (shown.get(name)?.statements ?? []).map(({ sql, values }) =>
        values && values.length > 0 ? `${sql} -- with ${JSON.stringify(values)}` : sql,
      ),
    })),
  };
  return { plan, warnings };
}

/**
 * @param pending what is about to run
 * @throws KeelError `PLAN_DIFFERS` where that is not what the plan says
 */
export async function requireAsPlanned(
  project: Project,
  plan: DeployPlan,
  pending: {
    readonly states: readonly MigrationState[];
    readonly selected: readonly MigrationState[];
  },
): Promise<void> {
  const details = compareDeployPlan(plan, await readPlannedFacts(project, pending));
  if (details.length === 0) return;
  throw new KeelError('The plan is not what would run now.', {
    code: 'PLAN_DIFFERS',
    details,
    state: NOTHING_CHANGED,
    hint: 'Make a new plan with keel db:plan, and let it be reviewed.',
  });
}

/** What would run now. */
export async function readPending(
  project: Project,
  request: UpRequest,
): Promise<{
  readonly states: readonly MigrationState[];
  readonly selected: readonly MigrationState[];
}> {
  const folder = openFolder(project, 'migration');
  const options = { history: false, checksums: false };
  const { states } = await withProjectClient(project, (client) =>
    readFolder(folder, client, options),
  );
  return { states, selected: selectUp(states, request, 'db:migrate:status') };
}

async function readPlannedFacts(
  project: Project,
  { states, selected }: Awaited<ReturnType<typeof readPending>>,
): Promise<PlannedFacts> {
  const names = states.flatMap(({ name, status }) => (status === 'applied' ? [name] : []));
  return {
    ...(await readServer(project)),
    applied: {
      count: names.length,
      last: names.at(-1) ?? null,
      sha256: createHash('sha256').update(names.join('\n')).digest('hex'),
    },
    files: selected.flatMap(({ name, file }) =>
      file ? [{ name, sha256: checksum(file.path) }] : [],
    ),
  };
}

/** Over a connection of its own: a question that is refused would cost the run its lock. */
function readServer(project: Project): Promise<Pick<PlannedFacts, 'database' | 'server'>> {
  return withProjectClient(project, async (client) => {
    const database = await client.query<{ name: string }>(
      'SELECT pg_catalog.current_database() AS name',
    );
    const server = await client
      .query<{ id: string }>(
        'SELECT system_identifier::text AS id FROM pg_catalog.pg_control_system()',
      )
      .catch((error: unknown) => {
        if (postgresError(error)) return undefined;
        throw error;
      });
    return {
      database: database.rows[0]?.name ?? project.connection.database,
      server: server?.rows[0]?.id ?? null,
    };
  });
}
