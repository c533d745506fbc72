import type { Project } from '../project/project';
import type { StatusResult } from '../runner/read-status';
import type { Schema } from '../schema/schema';
import { replay, type ReplayOptions } from '../scratch/replay';
import { ReplayCache } from '../scratch/replay-cache';
import type { Scratch } from '../scratch/with-scratch';

/** What the migrations build. */
export interface BuiltMigrations {
  /** After the applied ones. */
  readonly applied: Schema;
  /** After the pending ones too. */
  readonly all: Schema;
  /** The applied ones once more, at another time and with other random numbers. */
  readonly again: () => Promise<Schema>;
  /** Where it is kept. */
  readonly cache: ReplayCache;
}

export interface BuildOptions extends Pick<ReplayOptions, 'exclusive' | 'signal'> {
  /** False to replay the migrations although nothing has changed. */
  readonly cache?: boolean;
  /** Called before that many migrations are replayed, for what can be done meanwhile. */
  readonly onReplay?: (files: number) => Promise<void>;
}

/** Replays the migrations, or takes what an earlier replay of the same ones has built. */
export async function buildMigrations(
  scratch: Scratch,
  project: Project,
  { migrations }: StatusResult,
  options: BuildOptions,
): Promise<BuiltMigrations> {
  const present = migrations.filter(({ file }) => file !== undefined);
  const namesOf = (wanted: string): string[] =>
    present.filter(({ status }) => status === wanted).map(({ name }) => name);
  const [applied, pending] = [namesOf('applied'), namesOf('pending')];
  const cache = await ReplayCache.open(project, scratch);
  const { exclusive, signal } = options;
  const build = async (keys: readonly string[][], stages: string[][]): Promise<Schema[]> => {
    const known =
      options.cache === false ? [] : await Promise.all(keys.map((key) => cache.read(key)));
    const found = known.flatMap((schema) => schema ?? []);
    if (found.length === keys.length) return found;
    await options.onReplay?.(stages.flat().length);
    const { schemas } = await replay(scratch, { stages, exclusive, signal });
    for (const [position, key] of keys.entries())
      await cache.write(key, schemas[position] as Schema);
    return [...schemas];
  };
  const [first, all = first] =
    pending.length === 0
      ? await build([applied], [applied])
      : await build([applied, [...applied, ...pending]], [applied, pending]);
  return {
    applied: first as Schema,
    all: all as Schema,
    cache,
    again: async () => (await build([['again', ...applied]], [applied]))[0] as Schema,
  };
}
