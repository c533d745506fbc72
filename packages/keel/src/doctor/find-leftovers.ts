import {
  addConstraintSql,
  alterTable,
  createEnumSql,
  createIndexSql,
  sqlName,
} from '../codegen/sql';
import { quoteIdentifier } from '../db/quote';
import type { OperationOf } from '../diff/operation';
import { displayName, keyOf } from '../schema/object-names';
import type { Constraint, EnumType, Schema, Table } from '../schema/schema';
import type { Uses } from './read-uses';

/** One object that can go, and what takes it away and brings it back. */
export interface Leftover {
  /** For people. */
  readonly what: string;
  /** Of a type `schema.name`; of what is on a table `schema.table.name`. */
  readonly key: string;
  readonly operation: OperationOf<'runSql'>;
}

/** What `sync({ alter: true })` has left behind in a database. */
export interface Leftovers {
  readonly clear: readonly Leftover[];
  /** What looks like it and takes a decision, a sentence each. */
  readonly byHand: readonly string[];
}

/** The number that PostgreSQL puts behind a name of its own making when that is taken. */
const NUMBERED = /_(?:key|fkey|idx|excl)(\d+)$/;

/**
 * Each `sync({ alter: true })` adds the UNIQUE of a column, and often its foreign key, once more: `users_email_key`,
 * `users_email_key1`, … And the type of an ENUM column stays when the column goes or changes.
 *
 * @see https://github.com/sequelize/sequelize/issues/12889
 */
export function findLeftovers(schema: Schema, uses: Uses): Leftovers {
  const tables = schema.tables.filter(({ partitionOf }) => partitionOf === undefined);
  const doubtful = tables.flatMap(contradictingKeys);
  return {
    clear: [
      ...tables.flatMap((table) => doubledConstraints(table, uses)),
      ...tables.flatMap((table) => doubledIndexes(table, uses)),
      ...schema.enums.filter((type) => isOrphan(type, uses)).map(clearEnum),
    ],
    byHand: [
      ...doubtful,
      ...tables.flatMap((table) => neededTwins(table, uses)),
      ...schema.enums.flatMap((type) => oldInUse(type, uses)),
    ],
  };
}

function doubledConstraints(table: Table, uses: Uses): Leftover[] {
  const { constraints } = table;
  const doubled = constraints.filter(({ kind }) => kind === 'unique' || kind === 'foreign key');
  return surplus(
    doubled,
    ({ kind, definition, validated }) => `${kind} ${definition} ${validated}`,
    ({ kind, name }) =>
      kind === 'unique' && uses.indexes.has(keyOf({ schema: table.schema, name })),
  ).map(({ one, kept }) => ({
    what: `${one.kind} ${one.name} of ${displayName(table)}, the same as ${kept.name}`,
    key: `${keyOf(table)}.${one.name}`,
    operation: {
      type: 'runSql',
      table,
      what: `constraint ${one.name}`,
      up: [alterIfThere(table, `DROP CONSTRAINT IF EXISTS ${quoteIdentifier(one.name)}`)],
      down: addConstraintSql(table, one, false),
    },
  }));
}

function doubledIndexes(table: Table, uses: Uses): Leftover[] {
  return surplus(
    table.indexes,
    ({ unique, tail, valid }) => `${unique} ${valid} ${tail}`,
    ({ name }) => uses.indexes.has(keyOf({ schema: table.schema, name })),
  ).map(({ one, kept }) => ({
    what: `index ${one.name} of ${displayName(table)}, the same as ${kept.name}`,
    key: `${keyOf(table)}.${one.name}`,
    operation: {
      type: 'runSql',
      table,
      what: `index ${one.name}`,
      up: [`DROP INDEX IF EXISTS ${sqlName({ schema: table.schema, name: one.name })}`],
      down: createIndexSql(table, one, false),
    },
  }));
}

/**
 * Of objects that do the same, those that can go: numbered ones that nothing rests on. One stays: the one that is
 * needed, or has no number, or the lowest.
 */
function surplus<T extends { readonly name: string; readonly comment?: string }>(
  objects: readonly T[],
  sameness: (object: T) => string,
  isNeeded: (object: T) => boolean,
): { readonly one: T; readonly kept: T }[] {
  const groups = new Map<string, T[]>();
  for (const object of objects) {
    const key = sameness(object);
    groups.set(key, [...(groups.get(key) ?? []), object]);
  }
  const rank = (object: T): number =>
    (isNeeded(object) ? -2_000_000_000 : 0) + Number(NUMBERED.exec(object.name)?.[1] ?? -1);
  return [...groups.values()].flatMap((group) => {
    const [kept, ...others] = group.sort((a, b) => rank(a) - rank(b));
    return others
      .filter((one) => NUMBERED.test(one.name) && !isNeeded(one))
      .map((one) => ({ one, kept: kept! }));
  });
}

/** Doubles that cannot go, since a foreign key rests on them. */
function neededTwins({ schema, name: table, constraints }: Table, uses: Uses): string[] {
  return constraints
    .filter(({ name }) => NUMBERED.test(name) && uses.indexes.has(keyOf({ schema, name })))
    .flatMap((needed) => {
      const twin = constraints.find(
        ({ name, definition }) => name !== needed.name && definition === needed.definition,
      );
      return twin === undefined
        ? []
        : [
            `${needed.name} of ${table} is the same as ${twin.name}, and a foreign key or the replica identity rests on it`,
          ];
    });
}

/** Foreign keys over the same columns that do not do the same. */
function contradictingKeys(table: Table): string[] {
  const keys = table.constraints.filter(({ references }) => references !== undefined);
  const places = new Map<string, Constraint[]>();
  for (const key of keys) {
    const place = `${key.columns.join()} ${keyOf(key.references!)} ${key.references!.columns.join()}`;
    places.set(place, [...(places.get(place) ?? []), key]);
  }
  return [...places.values()]
    .filter((group) => new Set(group.map(({ definition }) => definition)).size > 1)
    .map(
      (group) =>
        `the foreign keys ${group.map(({ name }) => name).join(' and ')} of ${displayName(table)} go over the same columns and differ`,
    );
}

/** As Sequelize names the types that it makes, and what it leaves of them when it replaces one. */
function isOrphan(type: EnumType, uses: Uses): boolean {
  return type.name.startsWith('enum_') && !uses.enums.has(keyOf(type));
}

function oldInUse(type: EnumType, uses: Uses): string[] {
  const columns = uses.enumTables.get(keyOf(type)) ?? [];
  if (!/^enum_.*_old$/.test(type.name) || columns.length === 0) return [];
  return [
    `the type ${displayName(type)} was to be replaced, and is still that of ${columns.join(', ')}`,
  ];
}

/** The migrations may never have made the table. */
function alterIfThere(table: Table, action: string): string {
  return alterTable(table, action).replace('ALTER TABLE ', 'ALTER TABLE IF EXISTS ');
}

function clearEnum(type: EnumType): Leftover {
  return {
    what: `type ${displayName(type)}, which nothing has`,
    key: keyOf(type),
    operation: {
      type: 'runSql',
      table: { schema: type.schema, name: '' },
      what: `type ${type.name}`,
      up: [`DROP TYPE IF EXISTS ${sqlName(type)}`],
      down: createEnumSql({ type: 'createEnum', enum: type }),
    },
  };
}
