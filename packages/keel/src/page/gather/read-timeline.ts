import type { Project } from '../../project/project';
import type { MigrationState } from '../../runner/files/migration-state';
import { keyOf } from '../../schema/object-names';
import type { Schema } from '../../schema/schema';
import { readProjectSchema, readProjectTables, replay } from '../../scratch/replay';
import { ReplayCache } from '../../scratch/replay-cache';
import { withScratch } from '../../scratch/with-scratch';
import { maskSecrets } from '../../mask-secrets';
import type { TableShape } from '../document/page-document';
import { compareShapes } from '../plan/compare-shapes';
import { shapeTable } from '../plan/shape-table';
import type { Timeline, TimelineStep } from '../document/page-sources';

export interface TimelineOptions {
  readonly signal?: AbortSignal;
}

/**
 * Replays the migrations one by one, the applied ones first, and notes what each changes. What `db:check` needs of
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
    const key = ['timeline', ...names];
    const known = await cache.read<Timeline>(key);
    if (known !== undefined) return known;
    const recorder = new Recorder(names);
    const { schemas } = await replay(scratch, {
      stages: names.length === 0 ? [[]] : names.map((name) => [name]),
      exclusive: true,
      signal,
      onEvent: (event) => {
        if (event.type === 'sent') recorder.statements.set(event.name, event.statements);
      },
      read: (database, stage) => recorder.read(database, stage, applied.length),
    });
    const all = schemas.at(-1);
    const built = applied.length === 0 ? undefined : schemas[applied.length - 1];
    if (all !== undefined) await cache.write(names, all);
    if (built !== undefined) await cache.write(applied, built);
    const timeline = { ...recorder.timeline(), notice: scratch.notice };
    await cache.write(key, timeline);
    return timeline;
  });
}

const SHOWN_STATEMENTS = 100;

class Recorder {
  readonly statements = new Map<string, readonly string[]>();
  private steps: TimelineStep[] = [];
  private tables = new Map<string, TableShape>();

  constructor(private readonly names: readonly string[]) {}

  /** Notes what a stage changed; of the schemas between, thousands in a long life, nothing is kept. */
  async read(database: Project, stage: number, applied: number): Promise<Schema> {
    // A second attempt begins anew.
    if (stage === 0) {
      this.steps = [];
      this.tables = new Map();
    }
    const isWanted = stage === applied - 1 || stage >= this.names.length - 1;
    const schema = await (isWanted ? readProjectSchema : readProjectTables)(database);
    const now = new Map(schema.tables.map((table) => [keyOf(table), shapeTable(table)]));
    const name = this.names[stage];
    if (name !== undefined)
      this.steps.push({ name, statements: [], changes: compareShapes(this.tables, now) });
    this.tables = now;
    return isWanted ? schema : { ...schema, tables: [] };
  }

  timeline(): Timeline {
    return {
      steps: this.steps.map((step) => ({ ...step, statements: this.shown(step.name) })),
      tables: [...this.tables.values()],
    };
  }

  private shown(name: string): string[] {
    const all = this.statements.get(name) ?? [];
    const left = all.length - SHOWN_STATEMENTS;
    return [
      ...all.slice(0, SHOWN_STATEMENTS).map(maskSecrets),
      ...(left > 0 ? [`-- and ${left} more`] : []),
    ];
  }
}
