import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { checkSchema } from '../../check/check-schema';
import { postgresError } from '../../db/connection-error';
import { isKeelError, KeelError, messageOf, NOTHING_WRITTEN } from '../../errors';
import { maskSecrets } from '../../mask-secrets';
import { withServer, type ServerOptions } from '../../project/with-server';
import type { Project } from '../../project/project';
import { listFiles } from '../../runner/files/list-files';
import { planState, type MigrationState } from '../../runner/files/migration-state';
import { readStatus } from '../../runner/read-status';
import type { PageDocument } from '../document/page-document';
import type { Read } from '../document/page-sources';
import { planPage } from '../plan/plan-page';
import { readLiveTables } from './read-live-tables';
import { readPageModels } from './read-model-side';
import { readTimeline } from './read-timeline';

export interface GatherOptions extends Pick<ServerOptions, 'waitMs' | 'onWait'> {
  /** Read the models and the names of the migrations, and connect to nothing. */
  readonly offline: boolean;
  /**
   * Leave the database out where the migrations build one: for a picture that is the same on every machine and at
   * any time.
   */
  readonly codeOnly: boolean;
  readonly signal?: AbortSignal;
}

const OFFLINE = 'not read (--offline)';

/**
 * Reads all that the pictures show. A side that cannot be read is left out with the reason: models alone make a
 * picture, and so does a database alone.
 *
 * @throws KeelError NOTHING_TO_SHOW
 */
export async function gatherPage(
  given: Project,
  { offline, codeOnly, signal, waitMs, onWait }: GatherOptions,
): Promise<PageDocument> {
  const server = await attempt(offline, () =>
    withServer(given, { database: false, waitMs, onWait }),
  );
  const project = 'value' in server ? server.value : given;
  const files = await listStates(project);
  const online = <T>(read: () => Promise<T>): Promise<Read<T>> => {
    if ('reason' in server) return Promise.resolve(server);
    if (codeOnly && files.length > 0)
      return Promise.resolve({ reason: 'left out of this picture' });
    return attempt(offline, read);
  };
  const live = await online(() => readLiveTables(project));
  const status = await online(async () => (await readStatus(project, 'migration')).migrations);
  const states = 'value' in status ? status.value : files;
  const defaultSchema = 'value' in live ? live.value.defaultSchema : 'public';
  const models = await attempt(false, () => readPageModels(project, defaultSchema));
  const timeline = await attempt(offline, () => readTimeline(project, states, { signal }));
  const check =
    'value' in live && 'value' in timeline
      ? await online(() => checkSchema(project, { exclusive: true, signal }))
      : { reason: 'not compared, as a side of it could not be read' };
  const document = planPage({
    title: await readTitle(project),
    environment: project.environment,
    models,
    timeline,
    live,
    states,
    statesUnknown: 'value' in status || isNotThereYet(status.reason) ? undefined : status.reason,
    check,
  });
  if (document.tables.length === 0 && states.length === 0)
    throw nothingToShow([document.models.text, document.database.text]);
  return document;
}

async function attempt<T>(offline: boolean, read: () => Promise<T>): Promise<Read<T>> {
  if (offline) return { reason: OFFLINE };
  try {
    return { value: await read() };
  } catch (error) {
    if (isKeelError(error, 'INTERRUPTED')) throw error;
    if (isKeelError(error, 'DATABASE_NOT_FOUND')) return { reason: NOT_THERE_YET };
    const details = isKeelError(error) ? error.details : [];
    if (!isKeelError(error) && postgresError(error) === undefined) throw error;
    return { reason: maskSecrets([messageOf(error), ...details].join('\n')) };
  }
}

const NOT_THERE_YET = 'The database is not there yet: keel db:setup makes it.';

function isNotThereYet(reason: string): boolean {
  return reason === NOT_THERE_YET;
}

/** The files of the folder, where no ledger can be read. */
async function listStates({ paths }: Project): Promise<MigrationState[]> {
  if (!existsSync(paths.migrations)) return [];
  return planState({ files: await listFiles(paths.migrations, 'migrations-path'), ledger: [] });
}

/** The package's name; it is the same on every machine. */
async function readTitle({ paths }: Project): Promise<string> {
  try {
    const text = await readFile(path.join(paths.root, 'package.json'), 'utf8');
    const { name } = JSON.parse(text) as { readonly name?: unknown };
    if (typeof name === 'string' && name !== '') return name;
  } catch {
    // The folder's name will do.
  }
  return path.basename(paths.root);
}

function nothingToShow(reasons: readonly string[]): KeelError {
  return new KeelError('There is nothing to show: no model, no migration and no table.', {
    code: 'NOTHING_TO_SHOW',
    state: NOTHING_WRITTEN,
    details: reasons,
    hint: 'Name the folders with --models-path and --migrations-path, or the database with --url.',
  });
}
