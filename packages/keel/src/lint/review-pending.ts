import { counted } from '../format-count';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type pg from 'pg';
import { messageOf } from '../errors';
import type { Project } from '../project/project';
import type { MigrationFile } from '../runner/files/migration-state';
import type { Plan } from '../runner/with-plan';
import type { BlockingFile } from './find-blocking';
import { readSizes, readStatsFile } from './read-sizes';
import type { TableSizes } from './table-sizes';
import { FASTEST } from './trace/measure-speed';
import { DEFAULT_MILLISECONDS } from './views/run-view';
import { splitName } from './split-name';

/** What is to be said before pending files run. */
export interface PendingReview {
  readonly blocking: readonly BlockingFile[];
  readonly notices: readonly string[];
  /** Why it is not known what they would block, where somebody wants to know it. */
  readonly warnings: readonly string[];
}

const NOTHING: PendingReview = { blocking: [], notices: [], warnings: [] };

/**
 * What the files that are about to run would block. Without `keel.lint` in the config it runs nothing: a deploy must not
 * take longer, nor run old files again, because another tool has been put in its place. Then it uses a trace that
 * `db:lint` has left, or names the big tables that the files name.
 */
export async function reviewPending(
  project: Project,
  plan: Pick<Plan, 'states' | 'selected' | 'folder'>,
  client: pg.Client,
  signal: AbortSignal | undefined,
): Promise<PendingReview> {
  const { level, isSet, stats } = project.settings.lint;
  const pending = plan.selected.flatMap(({ file }) => file ?? []);
  if (level === 'off' || pending.length === 0) return NOTHING;
  const here = await readSizes(client, true);
  const { table, schema = 'public' } = plan.folder.ledger.settings;
  const tables = Object.keys(here.tables).filter((name) => name !== `${schema}.${table}`);
  // In an empty database nobody waits for anything.
  if (tables.length === 0) return NOTHING;
  const sizes =
    stats === undefined ? here : await readStatsFile(path.resolve(project.paths.root, stats));
  const big = bigTables(sizes, project);
  if (!isSet && big.length === 0) return NOTHING;
  // Loaded late: most runs come to their end here.
  const { findBlocking } = require('./find-blocking') as typeof import('./find-blocking');
  const found = await findBlocking(project, { plan, sizes, client, signal });
  if (typeof found !== 'string') return { ...NOTHING, blocking: found };
  return isSet ? { ...NOTHING, warnings: [found] } : nameBigTables(big, sizes, pending);
}

/** Tables over which some work takes longer than the threshold, even on a fast server. */
function bigTables({ tables }: TableSizes, { settings }: Pick<Project, 'settings'>): string[] {
  const { rows: least, milliseconds } = settings.lint;
  const most = milliseconds ?? (least === undefined ? DEFAULT_MILLISECONDS : Infinity);
  return Object.entries(tables)
    .filter(
      ([, { rows, bytes }]) =>
        (least !== undefined && rows >= least) ||
        bytes / FASTEST.scanBytesPerMs > most ||
        rows / FASTEST.indexRowsPerMs > most,
    )
    .map(([name]) => name);
}

async function nameBigTables(
  big: readonly string[],
  { tables }: TableSizes,
  pending: readonly MigrationFile[],
): Promise<PendingReview> {
  const notices: string[] = [];
  for (const { name, path: file } of pending) {
    const text = await readFile(file, 'utf8').catch((error: unknown) => messageOf(error));
    const words = new Set(text.match(/[\w$\u0080-\uffff]+/g));
    const table = big.find((each) => words.has(splitName(each).table));
    const rows = counted(Math.round(tables[table ?? '']?.rows ?? 0), 'row');
    if (table)
      notices.push(
        `${name} names ${table} (${rows}). What it locks, and for how long: keel db:lint`,
      );
  }
  return { ...NOTHING, notices };
}
