import { NOTHING_CHANGED } from '../errors';
import type pg from 'pg';
import {
  lockKey,
  readAndForget,
  withAdvisoryLock,
  type HeldLock,
  type LockOptions,
} from '../db/advisory-lock';
import { close } from '../db/client';
import { databaseError } from '../db/connection-error';
import type { Project } from '../project/project';
import type { Permission } from '../project/require-permission';
import { openProjectClient } from '../project/with-project-client';
import { reviewFiles } from './files/review-files';
import type { MigrationKind } from './ledger/history';
import { openFolder, readFolder, type MigrationFolder } from './ledger/migration-folder';
import type { RunEvent } from './results';
import {
  selectDown,
  selectUp,
  undoesAll,
  type DownRequest,
  type UpRequest,
} from './files/select-files';
import type { SessionOptions } from './session/session';
import type { MigrationState } from './files/migration-state';

/** How to run, besides what. */
export interface RunOptions extends Omit<SessionOptions, 'onReport' | 'defaultLockTimeoutMs'> {
  /** How long to wait for another runner, in milliseconds; ten minutes where undefined. */
  readonly waitMs?: number;
  /** How often a file that ran into a timeout is tried again; 3 where undefined, more for locks. */
  readonly retries?: number;
  /** For how long a file is tried again while others hold its locks, in milliseconds; ten minutes where undefined. */
  readonly lockWaitMs?: number;
  /** Go on although applied files are gone, in a strict project too. */
  readonly allowMissing?: boolean;
  /** Record the files as applied or undone and run nothing. */
  readonly fake?: boolean;
  /** Run all files in one transaction: all of them take effect, or none. */
  readonly atomic?: boolean;
  /** Looks at what is about to run, with the lock held. What it throws stops the run before anything is changed. */
  readonly review?: (plan: Plan, client: pg.Client) => Promise<void>;
  /** Whether everything may be undone in production, and who is asked. */
  readonly permission?: Permission;
  readonly onEvent?: (event: RunEvent) => void;
}

/** What to run. */
export type RunRequest =
  | ({ readonly kind: MigrationKind; readonly direction: 'up' } & UpRequest)
  | ({ readonly kind: MigrationKind; readonly direction: 'down' } & DownRequest);

const WAIT_MS = 600_000;

/** What a run is going to do. */
export interface Plan {
  readonly folder: MigrationFolder;
  readonly states: readonly MigrationState[];
  readonly selected: readonly MigrationState[];
  readonly warnings: readonly string[];
  readonly lastBatch: number;
  /** Whether nothing stays applied, and more is undone than the last file. */
  readonly undoesAll: boolean;
}

/**
 * Works out what there is to do and, where there is anything, holds the runner's lock while it is done.
 *
 * @param use not called where there is nothing to do
 * @param guard refuses what is not to be done, before the lock and with it
 */
export async function withPlan<T>(
  project: Project,
  request: RunRequest,
  options: RunOptions,
  use: (plan: Plan, lock: HeldLock) => Promise<T>,
  guard?: (plan: Plan) => Promise<void>,
): Promise<T | Plan> {
  const folder = openFolder(project, request.kind);
  const client = await openProjectClient(project, { applicationName: 'keel lock' });
  let running = false;
  try {
    // Look before locking: a run with nothing to do needs no lock, and no right to write.
    const first = await plan(folder, client, request, project, options);
    await guard?.(first);
    if (first.selected.length === 0) return announce(first, options);
    return await withAdvisoryLock(
      client,
      keyOf(folder),
      lockOptions(project, folder, options),
      async (lock) => {
        const planned = await readAndForget(client, () =>
          plan(folder, client, request, project, options),
        );
        announce(planned, options);
        if (planned.selected.length === 0) return planned;
        await guard?.(planned);
        await options.review?.(planned, client);
        options.onEvent?.({ type: 'planned', count: planned.selected.length });
        running = true;
        return use(planned, lock);
      },
    );
  } catch (error) {
    if (running) throw error;
    throw databaseError(error, {
      doing: `reading which ${folder.kind}s are applied`,
      state: NOTHING_CHANGED,
    });
  } finally {
    await close(client);
  }
}

function announce(planned: Plan, { onEvent }: RunOptions): Plan {
  for (const message of planned.warnings) onEvent?.({ type: 'warning', message });
  return planned;
}

/** The key of the lock that runners of a folder hold. */
export function keyOf({ kind, ledger: { settings } }: MigrationFolder): bigint {
  return lockKey(settings.schema ?? '', settings.storage === 'sequelize' ? settings.table : kind);
}

function lockOptions(project: Project, folder: MigrationFolder, options: RunOptions): LockOptions {
  return {
    timeoutMs: options.waitMs ?? WAIT_MS,
    flag: '--lock-wait',
    purpose: `the ${folder.kind}s of the database ${project.connection.database}`,
    onWait: (holder) => options.onEvent?.({ type: 'waiting', holder }),
    signal: options.signal,
  };
}

async function plan(
  folder: MigrationFolder,
  client: pg.Client,
  request: RunRequest,
  project: Project,
  options: RunOptions,
): Promise<Plan> {
  const checksums = request.direction === 'up';
  const statusCommand = request.kind === 'migration' ? 'db:migrate:status' : 'db:seed:status';
  const { states, lastBatch } = await readFolder(folder, client, { history: true, checksums });
  if (request.direction === 'up') {
    const warnings = reviewFiles(states, {
      strict: project.settings.strict,
      allowMissing: options.allowMissing ?? false,
    });
    return {
      folder,
      states,
      selected: selectUp(states, request, statusCommand),
      warnings,
      lastBatch,
      undoesAll: false,
    };
  }
  // Without a ledger nothing says what has run. sequelize-cli then undoes every seeder that is asked for.
  const known =
    folder.ledger.settings.storage === 'none'
      ? states.map((state) => ({ ...state, status: 'applied' as const, ledgerName: state.name }))
      : states;
  const selected = selectDown(known, request, statusCommand);
  return {
    folder,
    states,
    selected,
    warnings: [],
    lastBatch,
    undoesAll: undoesAll(known, request, selected),
  };
}
