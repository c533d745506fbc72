import type { Project } from '../../project/project';
import type { MigrationState } from '../../runner/files/migration-state';
import { readProjectSchema, replay } from '../../scratch/replay';
import { ReplayCache } from '../../scratch/replay-cache';
import { withScratch } from '../../scratch/with-scratch';
import type { Timeline } from '../document/page-sources';
import { TimelineRecorder } from './timeline-recorder';

export interface TimelineOptions {
  readonly signal?: AbortSignal;
}

/**
 * Replays the migrations, the applied ones first, and notes what each changes and locks. What `db:check` needs of
 * a replay is kept for it, so that it need not do the same again.
 *
 * @throws KeelError REPLAY_FAILED, NO_SCRATCH_DATABASE
 */
export async function readTimeline(
  project: Project,
  migrations: readonly MigrationState[],
  { signal }: TimelineOptions,
): Promise<Timeline> {
  const present = migrations.filter(({ file }) => file !== undefined);
  const [applied, pending] = ['applied', 'pending'].map((wanted) =>
    present.filter(({ status }) => status === wanted).map(({ name }) => name),
  ) as [string[], string[]];
  const names = [...applied, ...pending];
  return withScratch(project, signal, async (scratch) => {
    const cache = await ReplayCache.open(project, scratch);
    const key = [TIMELINE_FORMAT, ...applied, '|', ...pending];
    const known = await cache.read<Timeline>(key);
    if (known !== undefined) return known;
    const stages = [applied, pending].filter(({ length }) => length > 0);
    let recorder: TimelineRecorder | undefined;
    try {
      const { schemas } = await replay(scratch, {
        stages: stages.length === 0 ? [[]] : stages,
        exclusive: true,
        signal,
        watchStage: (stage, database) => {
          // An attempt begins anew. Where one has failed, its session ends with its database.
          if (stage === 0) recorder = new TimelineRecorder(database);
          return { tracer: recorder, onEvent: recorder?.onEvent };
        },
        read: async (database) => {
          const schema = await readProjectSchema(database);
          recorder?.finish(schema);
          return schema;
        },
      });
      for (const [stage, schema] of schemas.entries())
        await cache.write(stages.slice(0, stage + 1).flat(), schema);
      const timeline = { ...(recorder?.timeline(names) ?? NO_STEPS), notice: scratch.notice };
      await cache.write(key, timeline);
      return timeline;
    } finally {
      await recorder?.close();
    }
  });
}

const NO_STEPS: Timeline = { steps: [], tables: [] };

/** Changes with the form of a timeline. */
const TIMELINE_FORMAT = 'timeline 2';
