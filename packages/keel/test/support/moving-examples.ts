import type { MovingColumn, MovingModel, MovingPair } from './moving-sets';

type Columns = Readonly<Record<string, Partial<MovingColumn> & Pick<MovingColumn, 'type'>>>;

/** Changes in which the law has found faults: chance would rarely come upon them again. */
export const movingExamples: readonly MovingPair[] = [
  // An index that no model asks for any more has the name that another table's index needs.
  pair(
    {
      account: { note: { type: 'text', indexed: true } },
      order: { note: { type: 'text', indexed: true } },
    },
    { account: { note: { type: 'text' } }, order: { note: { type: 'text', indexed: true } } },
    true,
  ),
  // Two columns swap their names, and with them enums that lose values.
  pair(
    {
      account: {
        name: { type: 'otherEnum', allowNull: true },
        state: { type: 'enum', name: 'kind' },
      },
    },
    {
      account: {
        name: { type: 'enums', allowNull: true, name: 'kind' },
        state: { type: 'longerEnum', name: 'name' },
      },
    },
  ),
  pair(
    { account: { name: { type: 'longerEnum' }, state: { type: 'otherEnum' } } },
    {
      account: {
        name: { type: 'otherEnum', name: 'state' },
        state: { type: 'longerEnum', name: 'name' },
      },
    },
  ),
  // A column leaves the enum that another comes to, with other values.
  pair(
    { account: { name: { type: 'otherEnum' }, state: { type: 'enum', name: 'kind' } } },
    {
      account: {
        name: { type: 'enum', name: 'kind' },
        state: { type: 'string', name: 'name', allowNull: true },
      },
    },
  ),
  // The first element of an empty array is NULL.
  pair(
    { account: { name: { type: 'strings' }, note: { type: 'enums' } } },
    {
      account: {
        name: { type: 'string', allowNull: true },
        note: { type: 'string', allowNull: true },
      },
    },
  ),
  // 99999999.99 is 100000000 as a real.
  pair({ account: { total: { type: 'decimal' } } }, { account: { total: { type: 'real' } } }),
  // Many rows without a value, which a unique column takes.
  pair(
    { account: { total: { type: 'double', unique: true, allowNull: true } } },
    { account: { total: { type: 'integer', unique: true, allowNull: true } } },
  ),
];

type Sets = Readonly<Record<string, Columns>>;

function pair(before: Sets, after: Sets, swapsTables = false): MovingPair {
  const [first, second] = Object.keys(before);
  const places: Record<string, string> = swapsTables
    ? { [first ?? '']: second ?? '', [second ?? '']: first ?? '' }
    : {};
  return {
    before: mapped(before, (columns, id) => model(id, columns)),
    after: mapped(after, (columns, id) => model(places[id] ?? id, columns)),
    isTold: true,
    salt: 0,
  };
}

function model(table: string, columns: Columns): MovingModel {
  return {
    schema: 'public',
    table: `${table}s`,
    underscored: false,
    owner: undefined,
    ownerField: 'ownerId',
    required: false,
    columns: mapped(columns, (column, id) => ({
      name: id,
      values: { a: 'a', b: 'b', c: 'c' },
      allowNull: false,
      unique: false,
      indexed: false,
      withDefault: false,
      ...column,
    })),
  };
}

function mapped<A, B>(all: Readonly<Record<string, A>>, map: (one: A, id: string) => B) {
  return Object.fromEntries(Object.entries(all).map(([id, one]) => [id, map(one, id)]));
}
