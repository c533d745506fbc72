import { displayName } from '../schema/object-names';
import type {
  Column,
  Constraint,
  EnumType,
  Extension,
  Index,
  QualifiedName,
} from '../schema/schema';
import { plainDefault, sameDefault } from './column-types';
import {
  tableOf,
  type Assignment,
  type Operation,
  type OperationOf,
  type OperationType,
} from './operation';

/** What the two sides of a comparison are called in sentences. */
export interface Sides {
  readonly before: string;
  readonly after: string;
}

/** One difference, said in a sentence. */
export interface Difference {
  /** The table that it is about, as people write it; undefined for types, schemas and extensions. */
  readonly table?: string;
  readonly text: string;
  /** Of a notice: what it says of each object alike, so that many can be told together. */
  readonly kind?: string;
  /** Of a notice: the index or constraint. */
  readonly name?: string;
}

/** Says what differs, in the words of the two sides. */
export function describeOperation(operation: Operation, sides: Sides): Difference {
  const table = operation.type === 'renameTable' ? operation.from : tableOf(operation);
  const describe = words[operation.type] as (operation: Operation, say: Say) => string;
  const text = describe(operation, sayWith(operation, sides));
  return table === undefined ? { text } : { table: displayName(table), text };
}

interface Say {
  /** What is on one side alone: before for operations that drop, after for those that add. */
  readonly only: (what: string) => string;
  readonly both: (what: string, after: string, before: string) => string;
}

/** Ways to say that something is on one side, or different on both. */
export function sayWith(operation: Operation, sides: Sides): Say {
  const isDrop =
    operation.type.startsWith('drop') ||
    (operation.type === 'runSql' && operation.up[0]?.startsWith('DROP') === true);
  const [here, there] = isDrop ? [sides.before, sides.after] : [sides.after, sides.before];
  return {
    only: (what) => `${what} is in ${here} but not in ${there}`,
    both: (what, after, before) =>
      `${what}: ${after} in ${sides.after}, ${before} in ${sides.before}`,
  };
}

type Words = { readonly [T in OperationType]: (operation: OperationOf<T>, say: Say) => string };

const schema = ({ name }: { name: string }, say: Say): string => say.only(`schema ${name}`);
const extension = ({ extension: { name } }: { extension: Extension }, say: Say): string =>
  say.only(`extension ${name}`);
const enumType = ({ enum: type }: { enum: EnumType }, say: Say): string =>
  say.only(`enum ${displayName(type)} (${type.values.join(', ')})`);
const enumValues = ({ before, after }: { before: EnumType; after: EnumType }, say: Say): string =>
  say.both(
    `enum ${displayName(after)}`,
    `(${after.values.join(', ')})`,
    `(${before.values.join(', ')})`,
  );
const enumShapes = ({ before, after, columns }: OperationOf<'replaceEnum'>, say: Say): string[] =>
  columns
    .filter((use) => use.before.isArray !== use.after.isArray)
    .map(({ table: owner, column: name, ...use }) =>
      say.both(
        `column ${displayName(owner)}.${name}`,
        `${displayName(after)}${use.after.isArray ? '[]' : ''}`,
        `${displayName(before)}${use.before.isArray ? '[]' : ''}`,
      ),
    );
const table = ({ table: { schema: owner, name } }: { table: QualifiedName }, say: Say): string =>
  say.only(`table ${displayName({ schema: owner, name })}`);
const column = ({ column: value }: { column: Column }, say: Say): string =>
  say.only(`column ${describeColumn(value)}`);
const constraint = ({ constraint: value }: { constraint: Constraint }, say: Say): string =>
  say.only(describeConstraint(value));
const index = ({ index: value }: { index: Index }, say: Say): string =>
  say.only(describeIndex(value));
const notValidated = ({ constraint: { name } }: { constraint: Constraint }): string =>
  `constraint ${name} is not validated`;

function renamed(what: string) {
  return (
    { from, to }: { from: string | QualifiedName; to: string | QualifiedName },
    say: Say,
  ): string => {
    const show = (name: string | QualifiedName): string =>
      typeof name === 'string' ? name : displayName(name);
    return say.both(what, show(to), show(from));
  };
}

function changed(what: string, show: (column: Column) => string) {
  return ({ before, after }: { before: Column; after: Column }, say: Say): string =>
    say.both(`${what}column ${after.name}`, show(after), show(before));
}

const valuesOf = ({ values }: { values: readonly Assignment[] }): string =>
  `${columnsOf(values)} ${values.length === 1 ? 'has' : 'have'} no values`;
const inStep = ({ forward }: { forward: readonly Assignment[] }): string =>
  `${columnsOf(forward)} ${forward.length === 1 ? 'is' : 'are'} kept in step`;

function columnsOf(values: readonly Assignment[]): string {
  const names = values.map(({ column: name }) => name).join(', ');
  return `${values.length === 1 ? 'column' : 'columns'} ${names}`;
}

const words: Words = {
  createSchema: schema,
  dropSchema: schema,
  createExtension: extension,
  dropExtension: extension,
  createEnum: enumType,
  dropEnum: enumType,
  addEnumValues: enumValues,
  replaceEnum: (operation, say) =>
    [enumValues(operation, say), ...enumShapes(operation, say)].join('; '),
  createTable: table,
  dropTable: table,
  addColumn: column,
  dropColumn: column,
  addConstraint: constraint,
  dropConstraint: constraint,
  createIndex: index,
  dropIndex: index,
  backfill: valuesOf,
  unfill: valuesOf,
  syncColumns: inStep,
  unsyncColumns: inStep,
  requireRelease: ({ application }) => `older releases of ${application} run`,
  validateConstraint: notValidated,
  invalidateConstraint: notValidated,
  renameEnum: renamed('enum'),
  renameEnumValue: ({ enum: type, from, to }, say) =>
    say.both(`value of enum ${displayName(type)}`, to, from),
  renameSequence: renamed('sequence'),
  renameTable: renamed('table'),
  renameColumn: renamed('column'),
  renameConstraint: renamed('constraint'),
  renameIndex: renamed('index'),
  changeType: typesOf,
  changeNull: changed('', nullability),
  changeDefault: changed('default of ', (value) => value.default ?? 'none'),
  changeIncrement: changed('numbering of ', numbering),
  changeComment: ({ column: name, before, after }, say) => {
    const show = (text: string | undefined): string => (text === undefined ? 'none' : `"${text}"`);
    return say.both(
      name === undefined ? 'comment' : `comment of column ${name}`,
      show(after),
      show(before),
    );
  },
  runSql: ({ what, up, shown }, say) => {
    if (shown !== undefined) return say.both(what, shown.after, shown.before);
    return /^(CREATE|DROP) /.test(up[0] ?? '') ? say.only(what) : `${what} differs`;
  },
};

/** The collation and the default too, where they change with the type. */
function typesOf({ before, after }: OperationOf<'changeType'>, say: Say): string {
  const isMoved = !sameDefault(plainDefault(before), plainDefault(after));
  const isCollated = before.collation !== after.collation;
  const show = (column: Column): string =>
    [
      column.type,
      ...(isCollated ? [`COLLATE ${column.collation ?? 'default'}`] : []),
      ...(isMoved ? [`DEFAULT ${plainDefault(column) ?? 'none'}`] : []),
    ].join(' ');
  return say.both(`column ${after.name}`, show(after), show(before));
}

function nullability(column: Column): string {
  return column.notNull ? 'NOT NULL' : 'nullable';
}

function numbering(column: Column): string {
  if (column.identity !== undefined) return `IDENTITY (${column.identity})`;
  return column.sequence === undefined ? 'none' : 'SERIAL';
}

function describeColumn(column: Column): string {
  const rest = [
    column.notNull ? ' NOT NULL' : '',
    column.default === undefined || column.sequence !== undefined
      ? ''
      : ` DEFAULT ${column.default}`,
  ];
  return `${column.name} (${column.type}${rest.join('')})`;
}

function describeConstraint({ kind, name, columns, references, definition }: Constraint): string {
  if (kind === 'foreign key' && references !== undefined) {
    const target = `${displayName(references)} (${references.columns.join(', ')})`;
    const actions = `ON UPDATE ${references.onUpdate} ON DELETE ${references.onDelete}`;
    return `foreign key (${columns.join(', ')}) to ${target} ${actions}`;
  }
  if (kind === 'primary key' || kind === 'unique') return `${kind} (${columns.join(', ')})`;
  return `constraint ${name} ${definition}`;
}

function describeIndex(index: Index): string {
  const invalid = index.valid
    ? ''
    : ' (invalid: left by a failed CREATE INDEX CONCURRENTLY; drop it and make it again)';
  return `${index.unique ? 'unique ' : ''}index ${index.name} ${index.tail.replace(/^USING btree /, '')}${invalid}`;
}
