import { object, text, type Code } from '../../codegen/code';
import type { Column, Table } from '../../schema/schema';

/** The options that the project's config gives to every model (`define: { … }`). */
export type ModelDefaults = Readonly<Record<string, unknown>>;

/** What a model says of its columns as a whole. */
export interface TableStyle {
  readonly underscored: boolean;
  readonly timestamps: ReadonlySet<string>;
}

const TIMESTAMPS = ['createdAt', 'updatedAt', 'deletedAt'] as const;

/**
 * Which of Sequelize's conventions a table keeps: its timestamps, and columns in snake case.
 *
 * @param names the attribute of each column
 */
export function tableStyle(
  table: Table,
  names: ReadonlyMap<string, string>,
  underscore: (name: string) => string,
): TableStyle {
  let balance = 0;
  for (const [column, name] of names) {
    if (column === name) balance -= underscore(name) === name ? 0 : 1;
    else balance += underscore(name) === column ? 1 : 0;
  }
  const isTimestamp = (column: Column): boolean => {
    const name = names.get(column.name);
    if (!column.type.startsWith('timestamp') || column.generated !== undefined) return false;
    // A row whose `deletedAt` is never NULL would count as deleted from the beginning.
    return name === 'deletedAt' ? !column.notNull : name === 'createdAt' || name === 'updatedAt';
  };
  const timestamps = table.columns.filter(isTimestamp).map(({ name }) => names.get(name) ?? name);
  return { underscored: balance > 0, timestamps: new Set(timestamps) };
}

/** The options of a model besides its name. */
export function planOptions(
  table: Table,
  { underscored, timestamps }: TableStyle,
  {
    schema,
    defaults,
    indexes,
  }: {
    readonly schema: string | undefined;
    readonly defaults: ModelDefaults;
    readonly indexes: readonly Code[];
  },
): (readonly [string, Code])[] {
  /** Said only where the project's own defaults are others. */
  const unless = (option: string, usual: unknown, wanted: boolean): Code | undefined =>
    Boolean(defaults[option] ?? usual) === wanted ? undefined : `${wanted}`;
  const [created, updated, deleted] = TIMESTAMPS.map((name) => timestamps.has(name));
  const has = timestamps.size > 0;
  const timestamp = (name: string, isThere: boolean | undefined): Code | undefined => {
    if (!has) return undefined;
    if (isThere !== true) return name === 'deletedAt' ? undefined : 'false';
    return [undefined, true, name].includes(defaults[name] as string) ? undefined : text(name);
  };
  const entries = object([
    ['tableName', text(table.name)],
    ['schema', schema === undefined ? undefined : text(schema)],
    ['timestamps', unless('timestamps', true, has)],
    ['createdAt', timestamp('createdAt', created)],
    ['updatedAt', timestamp('updatedAt', updated)],
    ['deletedAt', timestamp('deletedAt', deleted)],
    ['paranoid', unless('paranoid', false, deleted === true)],
    ['underscored', unless('underscored', false, underscored)],
    ['comment', table.comment === undefined ? undefined : text(table.comment)],
    ['indexes', indexes.length === 0 ? undefined : { kind: 'array', items: indexes }],
  ]);
  return [...entries.entries];
}
