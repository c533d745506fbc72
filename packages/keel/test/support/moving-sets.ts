import fc from 'fast-check';
import { DataTypes, type Sequelize } from 'sequelize';
import { types } from './model-sets';

/** A column of a random model that may get another name. */
export interface MovingColumn {
  readonly name: string;
  readonly type: keyof typeof types | 'values';
  /** Of its own ENUM, where its type is `values`: what each of `a`, `b` and `c` is called. */
  readonly values: Readonly<Record<string, string>>;
  readonly allowNull: boolean;
  readonly unique: boolean;
  readonly indexed: boolean;
  readonly withDefault: boolean;
}

/** A random model that may get another name and another schema. */
export interface MovingModel {
  readonly schema: string;
  readonly table: string;
  readonly underscored: boolean;
  readonly columns: Readonly<Record<string, MovingColumn>>;
  /** The model that it belongs to. */
  readonly owner: string | undefined;
  readonly ownerField: string;
  readonly required: boolean;
}

/** By what they are, whatever they are called. */
export type MovingSet = Readonly<Record<string, MovingModel>>;

/** The same models before and after a change. */
export interface MovingPair {
  readonly before: MovingSet;
  readonly after: MovingSet;
  /** Whether the user says every rename beforehand, or only answers what is asked. */
  readonly isTold: boolean;
  readonly salt: number;
}

/** What each may be called: nobody else has one of its names, but for the swaps. */
interface Names {
  readonly tables: Readonly<Record<string, readonly string[]>>;
  readonly columns: Readonly<Record<string, readonly string[]>>;
  readonly schemas: readonly string[];
  readonly ownerFields: readonly string[];
  readonly values: readonly MovingColumn['values'][];
}

const plainNames: Names = {
  tables: {
    account: ['UserAccounts', 'user_accounts', 'UserAccount', 'people'],
    order: ['orders', 'Orders', 'purchases'],
    line: ['lineItems', 'line_items', 'entries'],
  },
  columns: {
    name: ['fullName', 'full_name', 'title'],
    state: ['state', 'order', 'Status'],
    total: ['sumTotal', 'sum_total', 'amount'],
    note: ['note', 'notes', 'remark'],
  },
  schemas: ['public', 'public', 'billing', 'App'],
  ownerFields: ['ownerId', 'owner_id', 'parentId'],
  values: [
    { a: 'a', b: 'b', c: 'c' },
    { a: 'A', b: 'b', c: "c's" },
    { a: 'b', b: 'a', c: 'c' },
    { a: 'a', c: 'see' },
    { b: 'b', d: 'd' },
  ],
};

/**
 * What stand in models for a double quote, a dot, a space and a dollar: Sequelize takes the first out of names, splits at
 * the second, looks for words between the third, and reads `$$` and `$&` as String.replace does. SQL can make such names, so that migrations meet them.
 */
const STAND_INS = { '″': '"', '․': '.', '‿': ' ', '＄': '$' } as const;

/** Names that something between a model and the server could read something into. */
const hardNames: Names = {
  tables: {
    account: ['account', 'users', 'table', ...hardened('account')],
    order: ['order', 'ORDER', ...hardened('order')],
    line: ['select', '1st line', ...hardened('line')],
  },
  columns: {
    name: ['user', filled('name'), ...hardened('name')],
    state: ['state', 'default', filled('state'), ...hardened('state')],
    total: ['check', '2', filled('total'), ...hardened('total')],
    note: ['references', filled('note'), ...hardened('note')],
  },
  schemas: ['public', 'public', ...hardened('app')],
  ownerFields: ['primary', ...hardened('owner')],
  values: [
    { a: 'a', b: 'b', c: 'c' },
    { a: '"a"', b: 'b.b', c: "c's" },
    { a: 'a\\a', b: '', c: 'c)' },
    { a: 'a, b', c: '$1' },
    { b: 'DEFAULT b', d: ':d' },
  ],
};

/** A name with each mark and word that has a meaning somewhere. */
function hardened(name: string): string[] {
  const marks = ['″', "'", '`', '․', '\\', '$', ' ', ';', ':', '?', '%', '-'];
  const around = marks.flatMap((mark) => [`${mark}${name}`, `${name}${mark}x`]);
  const words = ['COMMENT', 'NOT‿NULL', 'PRIMARY‿KEY', 'REFERENCES', 'UNIQUE', 'DEFAULT'];
  return [
    name.toUpperCase(),
    `1${name}`,
    `$1${name}`,
    `″${name}″`,
    `＄＄${name}＄＄`,
    `＄&${name}`,
    `\${${name}}`,
    `${name}(x)`,
    `${name}, x`,
    `${name}--x`,
    `/*${name}`,
    `${name}->x`,
    `${name}\nx`,
    `${name}\tx`,
    ...around,
    ...words.map((word) => `${name}‿${word}`),
  ];
}

/** All the 63 bytes that PostgreSQL keeps, in which no character is cut through. */
function filled(name: string): string {
  return `${name}${'ä'.repeat(Math.floor((63 - name.length) / 2))}`;
}

/** The set with the names that SQL can make. */
export function withHardNames(set: MovingSet): MovingSet {
  return mapTexts(set, (text) =>
    Object.entries(STAND_INS).reduce((name, [from, to]) => name.replaceAll(from, to), text),
  ) as MovingSet;
}

function mapTexts(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, part]) => [key, mapTexts(part, change)]),
  );
}

/** A statement that makes those names of the ones that models gave. */
export const hardNamesSql = `DO $do$
  DECLARE statement text;
  BEGIN
    FOR statement IN
      SELECT format(CASE WHEN part LIKE 'VALUE %' THEN 'ALTER %s RENAME %s TO %L' ELSE 'ALTER %s RENAME %s TO %I' END, kind, part, translate(name, '${Object.keys(STAND_INS).join('')}', '${Object.values(STAND_INS).join('')}')) FROM (
        SELECT 1 AS turn, 'TABLE ' || attrelid::regclass AS kind, 'COLUMN ' || quote_ident(attname) AS part, attname::text AS name
          FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r' WHERE attnum > 0 AND NOT attisdropped
        UNION ALL SELECT 2, 'TABLE ' || conrelid::regclass, 'CONSTRAINT ' || quote_ident(conname), conname FROM pg_constraint WHERE conrelid <> 0 AND contype <> 'n'
        UNION ALL SELECT 3, 'INDEX ' || indexrelid::regclass, '', relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
          WHERE NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
        UNION ALL SELECT 4, 'SEQUENCE ' || oid::regclass, '', relname FROM pg_class WHERE relkind = 'S'
        UNION ALL SELECT 5, 'TABLE ' || oid::regclass, '', relname FROM pg_class WHERE relkind = 'r'
        UNION ALL SELECT 6, 'TYPE ' || oid::regtype, '', typname FROM pg_type WHERE typtype = 'e'
        UNION ALL SELECT 7, 'TYPE ' || enumtypid::regtype, 'VALUE ' || quote_literal(enumlabel), enumlabel FROM pg_enum
        UNION ALL SELECT 8, 'SCHEMA ' || quote_ident(nspname), '', nspname FROM pg_namespace
      ) parts WHERE name ~ '[${Object.keys(STAND_INS).join('')}]' ORDER BY turn
    LOOP EXECUTE statement; END LOOP;
  END $do$`;

const rarely = (odds: number): fc.Arbitrary<boolean> =>
  fc.integer({ min: 0, max: odds }).map((n) => n === odds);

const allTypes = [...(Object.keys(types) as (keyof typeof types)[]), 'values', 'values', 'values'];

function column(names: readonly string[], values: Names['values']): fc.Arbitrary<MovingColumn> {
  return fc.record({
    name: fc.constantFrom(...names),
    type: fc.constantFrom(...(allTypes as MovingColumn['type'][])),
    values: fc.constantFrom(...values),
    allowNull: fc.boolean(),
    unique: rarely(4),
    indexed: rarely(3),
    withDefault: fc.boolean(),
  });
}

/** `before`, and what of it is another in `after`: each part by itself, so that all combinations come up. */
function changed<T extends object>(one: fc.Arbitrary<T>, odds: number): fc.Arbitrary<[T, T]> {
  return fc
    .tuple(one, one, fc.infiniteStream(rarely(odds)))
    .map(([before, other, flips]): [T, T] => {
      const parts = Object.entries(before).map(([key, value]: [string, unknown]) => [
        key,
        flips.next().value === true ? (other as Record<string, unknown>)[key] : value,
      ]);
      return [before, Object.fromEntries(parts) as T];
    });
}

type ModelPair = readonly [MovingModel, MovingModel];

function modelPair(all: Names, names: readonly string[]): fc.Arbitrary<ModelPair> {
  const head = fc.record({
    schema: fc.constantFrom(...all.schemas),
    table: fc.constantFrom(...names),
    underscored: fc.boolean(),
    owner: fc.option(fc.constantFrom(...Object.keys(all.tables)), { nil: undefined }),
    ownerField: fc.constantFrom(...all.ownerFields),
    required: fc.boolean(),
  });
  const columns = fc.tuple(
    ...Object.entries(all.columns).map(([id, pool]) =>
      fc.tuple(fc.constant(id), changed(column(pool, all.values), 2), rarely(4), rarely(7)),
    ),
  );
  return fc.tuple(changed(head, 2), columns, rarely(3)).map(([[before, after], parts, swaps]) => {
    const had = parts.filter(([, , isMissing]) => !isMissing);
    const has = parts.filter(([, , isMissing, changes]) => isMissing === changes);
    const old = Object.fromEntries(had.map(([id, [one]]) => [id, one]));
    const next = Object.fromEntries(has.map(([id, [, one]]) => [id, one]));
    return [
      { ...before, columns: old },
      { ...after, columns: swaps ? swapped(old, next) : next },
    ];
  });
}

/** What all values of a type can become. */
const suits: Partial<Record<MovingColumn['type'], readonly MovingColumn['type'][]>> = {
  shortString: ['string', 'text'],
  string: ['text'],
  char: ['string', 'text'],
  smallint: ['integer', 'bigint', 'decimal', 'double', 'string'],
  integer: ['bigint', 'double', 'string'],
  bigint: ['string'],
  decimal: ['double', 'string'],
  double: ['string'],
  real: ['double', 'text'],
  boolean: ['integer', 'string'],
  date: ['dateOnly', 'string'],
  dateOnly: ['date', 'text'],
  time: ['string'],
  uuid: ['text'],
  jsonb: ['text'],
  inet: ['string'],
  strings: ['jsonb'],
  integers: ['strings', 'jsonb'],
  enum: ['longerEnum', 'string'],
  longerEnum: ['string'],
  enums: ['strings'],
  values: ['string'],
};

/** A change that all rows survive: with those that fail the migration has no rows to be judged by. */
function gentle(before: MovingModel, after: MovingModel, salt: number): MovingModel {
  const columns = Object.entries(after.columns).map(([id, next]): [string, MovingColumn] => {
    const old = before.columns[id];
    if (old === undefined) return [id, { ...next, allowNull: true, unique: false }];
    const types = suits[old.type] ?? [];
    const type = next.type === old.type ? old.type : (types[salt % types.length] ?? old.type);
    return [
      id,
      {
        ...next,
        type,
        values: type === 'values' ? withoutLoss(old.values, next.values) : next.values,
        allowNull: old.allowNull || next.allowNull,
        unique: old.unique && next.unique && type === old.type,
      },
    ];
  });
  return {
    ...after,
    required: after.required && before.required && after.owner === before.owner,
    owner: after.owner === before.owner ? after.owner : undefined,
    columns: Object.fromEntries(columns),
  };
}

/** All values, as far as their new names do not meet. */
function withoutLoss(
  old: MovingColumn['values'],
  next: MovingColumn['values'],
): MovingColumn['values'] {
  const all = { ...old, ...next };
  return new Set(Object.values(all)).size === Object.keys(all).length ? all : old;
}

/** Two columns have each other's names. */
function swapped(
  before: MovingModel['columns'],
  after: MovingModel['columns'],
): MovingModel['columns'] {
  const [first, second] = Object.keys(before).filter((id) => after[id] !== undefined);
  if (first === undefined || second === undefined) return after;
  const take = (id: string, from: string): object => ({
    [id]: { ...after[id], name: before[from]?.name },
  });
  return { ...after, ...take(first, second), ...take(second, first) };
}

/** Up to three models, with the changes of names, places and types of one step. */
function pairOf(names: Names): fc.Arbitrary<MovingPair> {
  return fc
    .record({
      models: fc.tuple(
        ...Object.entries(names.tables).map(([id, pool]) =>
          fc.tuple(fc.constant(id), modelPair(names, pool), rarely(9)),
        ),
      ),
      swaps: rarely(5),
      isTold: fc.boolean(),
      isGentle: fc.integer({ min: 0, max: 2 }).map((n) => n > 0),
      salt: fc.nat(1000),
    })
    .map(({ models, swaps, isTold, isGentle, salt }) => {
      const before = Object.fromEntries(models.map(([id, [one]]) => [id, one]));
      const kept = models.filter(([, , goes]) => !goes);
      const after = Object.fromEntries(
        kept.map(([id, [one, next]]) => [id, isGentle ? gentle(one, next, salt) : next]),
      );
      const [first, second] = kept.map(([id]) => id);
      if (isTold && swaps && first !== undefined && second !== undefined)
        Object.assign(
          after,
          placed(after, before, first, second),
          placed(after, before, second, first),
        );
      return { before, after, isTold: isTold || hasSwap(before, after), salt };
    });
}

export const movingPair = pairOf(plainNames);

/** The same with names that are hard to write as code and as SQL. */
export const hardlyNamedPair = pairOf(hardNames);

/** What nobody would be asked about, since no name is gone. */
function hasSwap(before: MovingSet, after: MovingSet): boolean {
  return renamedParts(before, after).some(({ columns }) =>
    columns.some(({ from, to }) => from !== to && columns.some((other) => other.from === to)),
  );
}

function placed(after: MovingSet, before: MovingSet, id: string, from: string): object {
  const { schema, table } = before[from] as MovingModel;
  return { [id]: { ...after[id], schema, table } };
}

/** Defines the models of a set on `sequelize`. */
export function defineMoving(sequelize: Sequelize, set: MovingSet): void {
  for (const [id, model] of Object.entries(set)) {
    const entries = Object.entries(model.columns);
    sequelize.define(id, Object.fromEntries(entries.map(attributeOf)) as Record<string, never>, {
      schema: model.schema,
      tableName: model.table,
      underscored: model.underscored,
      timestamps: true,
      indexes: entries
        .filter(([, one]) => one.indexed)
        .map(([key, one]) => ({ name: `by_${key}_${model.table}`, fields: [{ name: one.name }] })),
    });
  }
  for (const [id, { owner, ownerField, required }] of Object.entries(set)) {
    if (owner === undefined || !sequelize.isDefined(owner)) continue;
    const foreignKey = { name: 'ownerId', field: ownerField, allowNull: !required };
    sequelize.model(id).belongsTo(sequelize.model(owner), { as: 'owner', foreignKey });
  }
}

function attributeOf([id, one]: [string, MovingColumn]): [string, object] {
  const { name, type, values, allowNull, unique, withDefault } = one;
  const names = Object.values(values);
  const [made, value] =
    type === 'values'
      ? [DataTypes.ENUM(...names), names[0]]
      : [types[type][0](), types[type][1] as unknown];
  const defaultValue = withDefault ? value : undefined;
  return [
    id,
    { field: name, type: made, allowNull, unique: unique ? true : undefined, defaultValue },
  ];
}

/** What became of a model's table, columns and enum values. */
export interface RenamedParts {
  readonly from: MovingModel;
  readonly to: MovingModel;
  readonly columns: readonly { readonly from: string; readonly to: string }[];
  readonly values: readonly {
    readonly column: string;
    readonly from: string;
    readonly to: string;
  }[];
}

/** The models of both sets with the names of all that they have on both sides, whether it changes or not. */
export function renamedParts(before: MovingSet, after: MovingSet): RenamedParts[] {
  return Object.entries(before).flatMap(([id, from]): RenamedParts[] => {
    const to = after[id];
    if (to === undefined) return [];
    const shared = Object.keys(from.columns).flatMap((key) => {
      const [old, next] = [from.columns[key], to.columns[key]];
      return old === undefined || next === undefined ? [] : [{ old, next }];
    });
    const stamps = ['created', 'updated'].map((name) => ({
      from: from.underscored ? `${name}_at` : `${name}At`,
      to: to.underscored ? `${name}_at` : `${name}At`,
    }));
    const isOwned = (model: MovingModel, set: MovingSet): boolean =>
      model.owner !== undefined && set[model.owner] !== undefined;
    const owner =
      isOwned(from, before) && isOwned(to, after)
        ? [{ from: from.ownerField, to: to.ownerField }]
        : [];
    const names = shared.map(({ old, next }) => ({ from: old.name, to: next.name }));
    const values = shared
      .filter(({ old, next }) => old.type === 'values' && next.type === 'values')
      .flatMap(({ old, next }) =>
        Object.entries(old.values).flatMap(([key, value]) => {
          const other = next.values[key];
          return other === undefined ? [] : [{ column: old.name, from: value, to: other }];
        }),
      );
    return [{ from, to, columns: [...names, ...stamps, ...owner], values }];
  });
}
