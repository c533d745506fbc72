import { existsSync } from 'node:fs';
import { quoteIdentifier } from '../db/quote';
import { isKeelError, KeelError } from '../errors';
import { ledgerTables } from '../project/ledger-tables';
import type { Project } from '../project/project';
import { requireNamedFolder } from '../project/require-named-folder';
import { withProjectClient } from '../project/with-project-client';
import { run } from '../runner/run';
import { readSchema } from '../schema/read-schema';
import type { Extension, Schema } from '../schema/schema';
import { scratchInterrupted } from './with-scratch';

/** What makes a replay. */
export interface ReplayOptions {
  /** Only these, in the order of their names; all where undefined. */
  readonly names?: readonly string[];
  /** Extensions that an administrator has installed in the live database, which no migration creates. */
  readonly extensions?: readonly Extension[];
  /** Whether the process is keel's own. */
  readonly exclusive: boolean;
  readonly signal?: AbortSignal;
}

/** Applies the project's migrations to the empty database that `scratch` points at. */
export async function replay(scratch: Project, options: ReplayOptions): Promise<void> {
  if (options.names?.length === 0) return;
  requireNamedFolder(scratch.paths, 'migrations');
  if (!existsSync(scratch.paths.migrations)) return;
  try {
    await runAll(scratch, options);
  } catch (error) {
    const known = options.extensions ?? [];
    if (known.length === 0 || !needsExtension(error)) throw notReplayed(error);
    await installExtensions(scratch, known);
    await runAll(scratch, options).catch((second: unknown) => {
      throw notReplayed(second);
    });
  }
}

async function runAll(
  scratch: Project,
  { names, exclusive, signal }: ReplayOptions,
): Promise<void> {
  const request = {
    kind: 'migration',
    direction: 'up',
    ...(names === undefined ? {} : { names }),
  } as const;
  await run(scratch, request, { exclusive, ...(signal === undefined ? {} : { signal }) });
}

/** PostgreSQL's codes for a function, type or operator class that is not there. */
function needsExtension(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as { code?: unknown };
    if (code === '42883' || code === '42704') return true;
    const { original } = cause as { original?: { code?: unknown } };
    if (original?.code === '42883' || original?.code === '42704') return true;
  }
  return false;
}

async function installExtensions(
  scratch: Project,
  extensions: readonly Extension[],
): Promise<void> {
  await withProjectClient(scratch, async (client) => {
    for (const { name, schema } of extensions) {
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)}`);
      await client.query(
        `CREATE EXTENSION IF NOT EXISTS ${quoteIdentifier(name)} SCHEMA ${quoteIdentifier(schema)}`,
      );
    }
  });
}

function notReplayed(error: unknown): unknown {
  if (!isKeelError(error)) return error;
  if (isKeelError(error, 'INTERRUPTED')) return scratchInterrupted();
  return new KeelError(`The migrations cannot be replayed on an empty database: ${error.message}`, {
    code: 'REPLAY_FAILED',
    state: 'Nothing was changed; the scratch database is dropped.',
    hint: 'Correct the one that fails, so that these migrations by themselves make a new database.',
    details: error.details,
    cause: error,
  });
}

/** Reads the schema of a project's database, without the ledgers. */
export async function readProjectSchema(project: Project): Promise<Schema> {
  return withProjectClient(project, (client) =>
    readSchema(client, { ignore: ledgerTables(project) }),
  );
}
