import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Project } from '../../project/project';

export interface WatchOptions {
  /** Called when files have changed and have been at rest since. */
  readonly onChange: () => void;
}

/** Between two looks, in milliseconds. */
const PAUSE = 250;

/** A look that takes long is followed by a pause of so many times its length. */
const RATIO = 15;

/** What a project's models, migrations, seeders and config may be made of. */
const SOURCES = /\.(?:[cm]?[jt]sx?|json|sql|ya?ml|csv)$|^\.(?:env|sequelizerc)/;

const ASIDE = new Set(['node_modules', 'dist', 'build', 'coverage']);

/**
 * Watches a project's files while `use` runs, from before its first step. It looks at them again and again: a system's
 * own notices get lost where a folder is in the network or an editor puts a new file in the old one's place, and Linux
 * has few of them to give.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/fs.html#caveats
 */
export async function withFilesWatched<Result>(
  { paths, configPath }: Pick<Project, 'paths' | 'configPath'>,
  { onChange }: WatchOptions,
  use: () => Promise<Result>,
): Promise<Result> {
  const { root, models, migrations, seeders } = paths;
  const places = [root, models, migrations, seeders, configPath ?? root];
  const end = new AbortController();
  const watching = watch(places, await readStamp(places), { onChange, signal: end.signal });
  try {
    return await use();
  } finally {
    end.abort();
    await watching;
  }
}

async function watch(
  places: readonly string[],
  before: string,
  { onChange, signal }: WatchOptions & { readonly signal: AbortSignal },
): Promise<void> {
  let known = before;
  let changed = false;
  let pause = PAUSE;
  while (!signal.aborted) {
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    const start = performance.now();
    const now = await readStamp(places);
    pause = Math.max(PAUSE, (performance.now() - start) * RATIO);
    if (now !== known) changed = true;
    else if (changed) {
      changed = false;
      onChange();
    }
    known = now;
  }
}

/** Changes with each file of these places: its name, its size, the time of its last change. */
async function readStamp(places: readonly string[]): Promise<string> {
  const lists = await Promise.all([...new Set(places)].map((place) => stampsOf(place)));
  return createHash('sha256').update(lists.flat().join('\n')).digest('hex');
}

async function stampsOf(place: string): Promise<string[]> {
  // What is gone between two calls is told by its absence.
  const entries = await readdir(place, { withFileTypes: true }).catch(() => undefined);
  if (entries === undefined) return [await stampOf(place)];
  const lists = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const { name } = entry;
      const file = path.join(place, name);
      if (entry.isDirectory()) return ASIDE.has(name) || name.startsWith('.') ? [] : stampsOf(file);
      return SOURCES.test(name) ? [await stampOf(file)] : [];
    }),
  );
  return lists.flat();
}

async function stampOf(file: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return JSON.stringify([file, mtimeMs, size, ino]);
  } catch {
    return '';
  }
}
