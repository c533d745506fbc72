import fc from 'fast-check';
import { DataTypes, type Sequelize } from 'sequelize';

/** A column of a random model, in words that survive being printed. */
export interface RandomColumn {
  readonly type: keyof typeof types;
  readonly allowNull: boolean;
  readonly unique: boolean;
  readonly withDefault: boolean;
  readonly comment: boolean;
}

export interface RandomModel {
  readonly columns: Readonly<Record<string, RandomColumn>>;
  readonly indexes: readonly RandomIndex[];
  /** The model that it belongs to, by its table. */
  readonly owner: TableName | undefined;
  readonly ownerRequired: boolean;
  readonly onDelete: 'CASCADE' | 'SET NULL' | 'RESTRICT' | undefined;
  /** The model that it shares a junction table with. */
  readonly partner: TableName | undefined;
  readonly timestamps: boolean;
  readonly paranoid: boolean;
  readonly underscored: boolean;
}

export interface RandomIndex {
  readonly column: ColumnName;
  readonly unique: boolean;
  readonly partial: boolean;
  readonly descending: boolean;
}

export type ModelSet = Readonly<Partial<Record<TableName, RandomModel>>>;

const tableNames = ['users', 'Posts', 'order_items', 'tags'] as const;
const columnNames = ['name', 'isActive', 'total', 'kind', 'order', 'note'] as const;
type TableName = (typeof tableNames)[number];
type ColumnName = (typeof columnNames)[number];

/** Each with a default value, which JSON and literals have as they are. */
export const types = {
  string: [() => DataTypes.STRING, "it's \\ here"],
  shortString: [() => DataTypes.STRING(20), 'x'],
  text: [() => DataTypes.TEXT, ''],
  char: [() => DataTypes.CHAR(3), 'abc'],
  integer: [() => DataTypes.INTEGER, -7],
  bigint: [() => DataTypes.BIGINT, 12],
  smallint: [() => DataTypes.SMALLINT, 3],
  decimal: [() => DataTypes.DECIMAL(10, 2), 1.5],
  double: [() => DataTypes.DOUBLE, -0.5],
  real: [() => DataTypes.REAL, 2],
  boolean: [() => DataTypes.BOOLEAN, true],
  date: [() => DataTypes.DATE, DataTypes.NOW],
  dateOnly: [() => DataTypes.DATEONLY, '2020-02-29'],
  time: [() => DataTypes.TIME, '10:20:30'],
  uuid: [() => DataTypes.UUID, '6f9619ff-8b86-4011-b42d-00cf4fc964ff'],
  jsonb: [() => DataTypes.JSONB, { a: [1] }],
  blob: [() => DataTypes.BLOB, undefined],
  inet: [() => DataTypes.INET, '127.0.0.1'],
  range: [() => DataTypes.RANGE(DataTypes.INTEGER), undefined],
  strings: [() => DataTypes.ARRAY(DataTypes.STRING), []],
  integers: [() => DataTypes.ARRAY(DataTypes.INTEGER), [1, 2]],
  enum: [() => DataTypes.ENUM('a', 'b'), 'a'],
  longerEnum: [() => DataTypes.ENUM('a', "b'", 'b', 'c'), 'c'],
  otherEnum: [() => DataTypes.ENUM('b', 'z'), 'b'],
  enums: [() => DataTypes.ARRAY(DataTypes.ENUM('a', 'b')), undefined],
} as const satisfies Record<string, readonly [() => unknown, unknown]>;

const column: fc.Arbitrary<RandomColumn> = fc.record({
  type: fc.constantFrom(...(Object.keys(types) as (keyof typeof types)[])),
  allowNull: fc.boolean(),
  unique: fc.integer({ min: 0, max: 5 }).map((n) => n === 0),
  withDefault: fc.boolean(),
  comment: fc.integer({ min: 0, max: 6 }).map((n) => n === 0),
});

const index: fc.Arbitrary<RandomIndex> = fc.record({
  column: fc.constantFrom(...columnNames),
  unique: fc.boolean(),
  partial: fc.boolean(),
  descending: fc.boolean(),
});

const model: fc.Arbitrary<RandomModel> = fc.record({
  columns: fc.dictionary(fc.constantFrom(...columnNames), column, {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  indexes: fc.array(index, { maxLength: 2 }),
  owner: fc.option(fc.constantFrom(...tableNames), { nil: undefined }),
  ownerRequired: fc.boolean(),
  onDelete: fc.constantFrom(
    'CASCADE' as const,
    'SET NULL' as const,
    'RESTRICT' as const,
    undefined,
  ),
  partner: fc.option(fc.constantFrom(...tableNames), { nil: undefined, freq: 2 }),
  timestamps: fc.boolean(),
  paranoid: fc.boolean(),
  underscored: fc.boolean(),
});

/** Up to four models with associations between them, cycles and self-references among them. */
export const modelSet: fc.Arbitrary<ModelSet> = fc.dictionary(
  fc.constantFrom(...tableNames),
  model,
  { maxKeys: 4, noNullPrototype: true },
);

/** Defines the models of a set on `sequelize`. */
export function defineSet(sequelize: Sequelize, set: ModelSet): void {
  const models = Object.entries(set);
  for (const [name, description] of models) {
    sequelize.define(name, attributesOf(description), {
      tableName: name,
      timestamps: description.timestamps,
      paranoid: description.timestamps && description.paranoid,
      underscored: description.underscored,
      indexes: indexesOf(name, description),
    });
  }
  for (const [name, description] of models) associate(sequelize, name, description);
}

function attributesOf({ columns }: RandomModel): Record<string, never> {
  const entries = Object.entries(columns).map(
    ([name, { type, allowNull, unique, withDefault, comment }]) => {
      const [make, value] = types[type];
      return [
        name,
        {
          type: make(),
          allowNull,
          ...(unique ? { unique: true } : {}),
          ...(withDefault && value !== undefined ? { defaultValue: value } : {}),
          ...(comment ? { comment: `what's "${name}"` } : {}),
        },
      ];
    },
  );
  return Object.fromEntries(entries) as Record<string, never>;
}

function indexesOf(table: string, { columns, indexes, underscored }: RandomModel): object[] {
  const usable = indexes.filter(({ column: name }) => columns[name] !== undefined);
  return usable.map(({ column: name, unique, partial, descending }, position) => ({
    name: `${table}_${name}_${position}`,
    unique,
    fields: [
      { name: underscored ? fieldOf(name) : name, ...(descending ? { order: 'DESC' } : {}) },
    ],
    ...(partial ? { where: { [underscored ? fieldOf(name) : name]: null } } : {}),
  }));
}

function fieldOf(name: string): string {
  return name.replace(/([A-Z])/g, '_$1').toLowerCase();
}

function associate(sequelize: Sequelize, name: string, description: RandomModel): void {
  const { owner, partner, onDelete, ownerRequired } = description;
  const self = sequelize.model(name);
  if (owner !== undefined && sequelize.isDefined(owner)) {
    const required = ownerRequired && onDelete !== 'SET NULL';
    self.belongsTo(sequelize.model(owner), {
      as: 'owner',
      foreignKey: { name: 'ownerId', allowNull: !required },
      ...(onDelete === undefined ? {} : { onDelete }),
    });
  }
  if (partner !== undefined && partner !== name && sequelize.isDefined(partner)) {
    const through = [name, partner].sort().join('_to_');
    self.belongsToMany(sequelize.model(partner), { through, as: 'partners' });
  }
}

/** Whether `sync()` can make the set without its detour for cycles. */
export function isAcyclic(set: ModelSet): boolean {
  return Object.keys(set).every((start) => {
    let next = set[start as TableName]?.owner;
    for (let steps = 0; next !== undefined && set[next] !== undefined; steps += 1) {
      if (next === start && steps > 0) return false;
      if (steps > tableNames.length) return false;
      if (next === set[next]?.owner) return true;
      next = set[next]?.owner;
    }
    return true;
  });
}
