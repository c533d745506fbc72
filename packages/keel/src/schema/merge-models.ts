import type { ModelAttributeColumnOptions } from 'sequelize';
import { addTo } from './catalog';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { displayName, keyOf, maxNameBytes, sequelizeEnumName, truncateName } from './object-names';
import type { ForeignKeys } from './association-facts';
import type { AnyModel, QueryGenerator, TableReference } from './sequelize-internals';
import type { QualifiedName } from './schema';

/** One attribute of a model, and the column that it is kept in. */
export interface PlannedAttribute {
  /** The attribute's name. */
  readonly key: string;
  readonly column: string;
  readonly attribute: ModelAttributeColumnOptions;
}

/** A model with its attributes in Sequelize's normal form. */
export interface PlannedModel {
  readonly model: AnyModel;
  readonly name: QualifiedName;
  readonly reference: TableReference;
  readonly attributes: readonly PlannedAttribute[];
  readonly foreignKeys: ForeignKeys;
}

/** A table as all of its models together declare it. */
export interface PlannedTable {
  /** `User`, or `User and Login` where two models share the table. */
  readonly declaredBy: string;
  readonly models: readonly AnyModel[];
  readonly name: QualifiedName;
  readonly reference: TableReference;
  /** By column name. */
  readonly attributes: ReadonlyMap<string, ModelAttributeColumnOptions>;
}

/** A column as one attribute declares it. */
interface Declaration extends PlannedAttribute {
  readonly model: AnyModel;
  /** Whether it is the foreign key of an association, which then says that it may be null. */
  readonly isInjected: boolean;
}

/**
 * Puts the models of each table together. Sequelize's `sync()` makes the table of the first model and
 * ignores the others, so that their columns would look like columns that no model has.
 *
 * @throws KeelError MODELS_CONTRADICT where two models or attributes declare the same thing differently
 */
export function mergeModels(
  generator: QueryGenerator,
  models: readonly PlannedModel[],
): PlannedTable[] {
  const contradictions: string[] = [];
  const byTable = new Map<string, PlannedModel[]>();
  for (const model of models) addTo(byTable, keyOf(model.name), model);
  const tables = [...byTable.values()].map((ofTable) =>
    mergeTable(generator, ofTable, contradictions),
  );
  contradictions.push(...enumContradictions(tables));
  if (contradictions.length > 0) throw modelsContradict(contradictions);
  return tables;
}

function mergeTable(
  generator: QueryGenerator,
  models: readonly PlannedModel[],
  contradictions: string[],
): PlannedTable {
  const [first] = models;
  if (first === undefined) throw new Error('A table has at least one model.');
  const columns = new Map<string, Declaration[]>();
  for (const { model, attributes, foreignKeys } of models) {
    for (const attribute of attributes) {
      const isInjected = foreignKeys.has(attribute.key);
      addTo(columns, attribute.column, { model, isInjected, ...attribute });
    }
  }
  const merged = [...columns].map(([column, declarations]) => {
    const where = `column ${displayName(first.name)}.${column}`;
    return [column, mergeColumn(generator, where, declarations, contradictions)] as const;
  });
  contradictions.push(...keyContradictions(first.name, models));
  return {
    declaredBy: models.map(({ model }) => model.name).join(' and '),
    models: models.map(({ model }) => model),
    name: first.name,
    reference: first.reference,
    attributes: new Map(merged),
  };
}

/** The parts of a column that are declared or left out each by itself. */
const parts = [
  ['type', 'values'],
  ['allowNull'],
  ['defaultValue'],
  ['autoIncrement', 'autoIncrementIdentity'],
  ['unique'],
  ['references', 'onDelete', 'onUpdate'],
  ['comment'],
  ['primaryKey'],
] as const satisfies readonly (readonly (keyof ModelAttributeColumnOptions)[])[];

/** Each part from the attribute that declares it. */
function mergeColumn(
  generator: QueryGenerator,
  where: string,
  declarations: readonly Declaration[],
  contradictions: string[],
): ModelAttributeColumnOptions {
  const [first, ...others] = declarations;
  if (first === undefined) throw new Error('A column has at least one attribute.');
  if (others.length === 0) return first.attribute;
  const merged: Record<string, unknown> = { ...first.attribute };
  for (const part of parts) {
    const said = declarations.flatMap((declaration) => {
      const sql = saying(generator, declaration, part);
      return sql === undefined ? [] : [{ declaration, sql }];
    });
    const [chosen] = said;
    if (chosen === undefined) continue;
    const other = said.find(({ sql }) => sql !== chosen.sql);
    if (other !== undefined) {
      const cut = cutNote(declarations.map(({ attribute, key }) => attribute.field ?? key));
      contradictions.push(
        `${where}${cut}: ${attributeName(chosen.declaration)} says ${chosen.sql}, ${attributeName(other.declaration)} says ${other.sql}`,
      );
    }
    // An option that is there but undefined has a meaning for Sequelize: `allowNull: undefined` is NOT NULL.
    for (const option of part) {
      if (option in chosen.declaration.attribute)
        merged[option] = chosen.declaration.attribute[option];
    }
  }
  return merged as unknown as ModelAttributeColumnOptions;
}

function attributeName({ model, key }: Declaration): string {
  return `${model.name}.${key}`;
}

/** What an attribute says of one part of its column, as SQL; undefined where it leaves the part open. */
function saying(
  generator: QueryGenerator,
  { model, attribute, isInjected }: Declaration,
  part: (typeof parts)[number],
): string | undefined {
  const [name] = part;
  if (name === 'primaryKey') return attribute.primaryKey === true ? 'PRIMARY KEY' : undefined;
  const write = (given: object): string =>
    generator.attributeToSQL(given, { context: 'createTable', table: model.getTableName() });
  const { type, values } = attribute;
  const bare = values === undefined ? { type } : { type, values };
  if (name === 'type') return write(bare);
  // belongsTo() and the like put it there, whatever the attribute itself says.
  if (name === 'allowNull' && attribute.allowNull === true) return isInjected ? undefined : 'NULL';
  const given = Object.fromEntries(
    part.flatMap((option) => (option in attribute ? [[option, attribute[option]]] : [])),
  );
  const sql = write({ ...bare, ...given })
    .slice(write(bare).length)
    .trim();
  return sql === '' ? undefined : sql;
}

/** A table has one primary key: two models may leave it to each other, but not each have one of its own. */
function keyContradictions(name: QualifiedName, models: readonly PlannedModel[]): string[] {
  const keys = models.flatMap(({ model, attributes }) => {
    const columns = attributes
      .filter(({ attribute }) => attribute.primaryKey === true)
      .map(({ column }) => column);
    return columns.length === 0
      ? []
      : [{ model, columns: [...new Set(columns)].sort().join(', ') }];
  });
  const [first] = keys;
  const other = keys.find(({ columns }) => columns !== first?.columns);
  if (first === undefined || other === undefined) return [];
  return [
    `primary key of ${displayName(name)}: ${first.model.name} says (${first.columns}), ${other.model.name} says (${other.columns})`,
  ];
}

/** The values of an ENUM, also of an array of it. */
export function enumOf(type: unknown): { readonly values?: readonly string[] } | undefined {
  if (typeof type !== 'object' || type === null) return undefined;
  const { key, type: element } = type as { key?: string; type?: unknown };
  if (key === 'ENUM') return type;
  return key === 'ARRAY' ? enumOf(element) : undefined;
}

/** `a_b.c` and `a.b_c` both have the enum `enum_a_b_c`, and so have names that are equal up to byte 63. */
function enumContradictions(tables: readonly PlannedTable[]): string[] {
  const known = new Map<string, { readonly where: string; readonly values: string }>();
  return tables.flatMap(({ declaredBy, name, attributes }) =>
    [...attributes].flatMap(([column, { type, values: given }]) => {
      const found = enumOf(type);
      if (found === undefined) return [];
      const key = keyOf({ schema: name.schema, name: sequelizeEnumName(name.name, column) });
      const values = (given ?? found.values ?? []).join(', ');
      const where = `${declaredBy} (column ${displayName(name)}.${column})`;
      const other = known.get(key);
      if (other === undefined) known.set(key, { where, values });
      if (other === undefined || other.values === values) return [];
      const cut = cutNote([`enum_${name.name}_${column}`, sequelizeEnumName(name.name, column)]);
      return [`enum ${key}${cut}: ${other.where} says ${other.values}, ${where} says ${values}`];
    }),
  );
}

/** Indexes are found by their names: the same name with another definition would be left out in silence. */
export function indexContradictions(
  indexes: readonly {
    readonly name: string;
    readonly schema: string;
    readonly model: string;
    readonly sql: string;
  }[],
): string[] {
  const known = new Map<string, (typeof indexes)[number]>();
  return indexes.flatMap((index) => {
    const key = keyOf({ schema: index.schema, name: truncateName(index.name) });
    const other = known.get(key);
    if (other === undefined) known.set(key, index);
    if (other === undefined || other.sql === index.sql) return [];
    const shown = ({ model, sql }: typeof index): string =>
      `${model} says ${sql.replace(/^.*? ON /, 'ON ').replace(/;$/, '')}`;
    return [
      `index ${index.name}${cutNote([other.name, index.name])}: ${shown(other)}, ${shown(index)}`,
    ];
  });
}

/** Why names that differ are the same one. */
function cutNote(names: readonly string[]): string {
  const isCut = new Set(names).size > 1 && names.some((name) => truncateName(name) !== name);
  return isCut ? ` (names are cut to ${maxNameBytes} bytes, in which these are equal)` : '';
}

/** The error that names every contradiction at once. */
export function modelsContradict(contradictions: readonly string[]): KeelError {
  return new KeelError('The models contradict each other:', {
    code: 'MODELS_CONTRADICT',
    details: contradictions,
    state: NOTHING_CHANGED,
    hint: 'Declare it alike in both places, or in one of them alone: keel puts together what several models declare of one table.',
  });
}
