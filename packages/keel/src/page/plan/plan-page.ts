import type { CheckResult } from '../../check/check-schema';
import type { Difference } from '../../diff/describe-operation';
import { displayName } from '../../schema/object-names';
import type { LiveTables, PageModels, PageSources, Read, Timeline } from '../document/page-sources';
import type {
  DriftLine,
  PageDocument,
  PageDrift,
  PageMigration,
  PageSide,
  PageTable,
  TableShape,
} from '../document/page-document';
import { linkTables } from './link-tables';

/** Puts together what the three sides say of each table. */
export function planPage(sources: PageSources): PageDocument {
  const { title, environment, check } = sources;
  const models = valueOf(sources.models);
  const timeline = valueOf(sources.timeline);
  const live = valueOf(sources.live);
  const drift = 'value' in check ? planDrift(check.value, models) : undefined;
  const tables = planTables({
    models,
    timeline,
    live,
    drift,
    hasMigrations: sources.states.length > 0,
  });
  const associations = models?.associations ?? [];
  return {
    title,
    environment,
    models: sideOf(sources.models, (value) => `${value.tables.size} tables in models`),
    migrationsSide: sideOf(
      sources.timeline,
      ({ steps, notice }) => `${steps.length} migrations replayed${after(notice)}`,
    ),
    database: sideOf(
      sources.live,
      ({ tables: found }) =>
        `${found.length} tables in the database${after(sources.statesUnknown)}`,
    ),
    schemas: [...new Set(tables.map(({ schema }) => schema))].sort(),
    tables,
    links: linkTables(tables, associations, { hasModels: models !== undefined }),
    associations,
    migrations: planMigrations(sources, timeline),
    drift,
  };
}

function after(more: string | undefined): string {
  return more === undefined ? '' : `; ${more}`;
}

function valueOf<T>(read: Read<T>): T | undefined {
  return 'value' in read ? read.value : undefined;
}

function sideOf<T>(read: Read<T>, say: (value: T) => string): PageSide {
  return 'value' in read
    ? { read: true, text: say(read.value) }
    : { read: false, text: read.reason };
}

interface TableSources {
  readonly models: PageModels | undefined;
  readonly timeline: Timeline | undefined;
  readonly live: LiveTables | undefined;
  readonly drift: PageDrift | undefined;
  readonly hasMigrations: boolean;
}

/**
 * Every table that one of the sides has. It is drawn as the migrations build it, else as the database has it, else as
 * the models declare it.
 */
function planTables(sources: TableSources): PageTable[] {
  const { models, timeline, live, drift, hasMigrations } = sources;
  const built = mapOf(hasMigrations ? timeline?.tables : undefined);
  const found = mapOf(live?.tables);
  const declared = models?.tables ?? new Map<string, never>();
  const junctions = new Set(models?.associations.map(({ through }) => through));
  const keys = [...new Set([...built.keys(), ...declared.keys(), ...found.keys()])].sort();
  return keys.flatMap((key): PageTable[] => {
    const model = declared.get(key);
    const shape = built.get(key) ?? found.get(key) ?? model?.shape;
    if (shape === undefined) return [];
    const size = live?.sizes.get(key);
    return [
      {
        ...shape,
        models: model?.models ?? [],
        junction: junctions.has(key),
        modelColumns: model?.columns ?? [],
        live: sameOrOther(shape, found.get(key)),
        inMigrations: built.has(key),
        rows: size?.rows,
        estimated: size?.estimated,
        bytes: size?.bytes,
        migrations: (timeline?.steps ?? [])
          .filter(({ changes }) => changes.some((change) => change.key === key))
          .map(({ name }) => name),
        drift: driftOf(displayName(shape), drift),
      },
    ];
  });
}

/** What is the same is not said twice: with hundreds of tables it is a fifth of the page. */
function sameOrOther(shape: TableShape, live: TableShape | undefined): PageTable['live'] {
  return JSON.stringify(shape) === JSON.stringify(live) ? 'as drawn' : live;
}

function mapOf(tables: readonly TableShape[] = []): Map<string, TableShape> {
  return new Map(tables.map((table) => [table.key, table]));
}

function driftOf(name: string, drift: PageDrift | undefined): string[] {
  if (drift === undefined) return [];
  return [...drift.models, ...drift.database]
    .filter(({ table }) => table === name)
    .map(({ text }) => text);
}

function planDrift(check: CheckResult, models: PageModels | undefined): PageDrift {
  return {
    failed: check.failed.map(({ text }) => text),
    models: check.models.map(toLine),
    database: check.database.map(toLine),
    notices: [...check.notices, ...(models?.notices ?? [])].map(toLine),
  };
}

function toLine({ table, text }: Difference): DriftLine {
  return { table, text };
}

function planMigrations(
  { states, statesUnknown }: PageSources,
  timeline: Timeline | undefined,
): PageMigration[] {
  const steps = new Map(timeline?.steps.map((step) => [step.name, step]));
  return states.map((state): PageMigration => {
    const step = steps.get(state.name);
    return {
      name: state.name,
      status: state.missing ? 'missing' : statesUnknown === undefined ? state.status : 'unknown',
      changedFile: state.changed,
      batch: state.batch,
      appliedAt: state.appliedAt,
      appliedBy: state.appliedBy,
      durationMs: state.durationMs,
      statements: step?.statements,
      locks: step?.locks ?? [],
      changes: step?.changes ?? [],
    };
  });
}
