import { defaultConstraintName } from '../diff/compare-constraints';
import type { Constraint, QualifiedName } from '../schema/schema';
import { call, object, text, texts, type Code } from './code';
import {
  isUnsayable,
  isUnsayableTable,
  sqlLiteral,
  tableArgument,
  type CodegenContext,
} from './codegen-context';
import type { Index, IndexField } from '../schema/schema';

export { defaultConstraintName };

/** Whether queryInterface can say all of it: no MATCH, no column list, not deferrable. */
export function isPlainForeignKey({
  kind,
  deferrable,
  definition,
  validated,
  columns,
  references,
}: Constraint): boolean {
  if (
    references !== undefined &&
    isUnsayable(references.schema, references.name, ...references.columns)
  )
    return false;
  if (kind !== 'foreign key' || deferrable !== 'not' || !validated || columns.length !== 1)
    return false;
  return !/ MATCH | SET (?:NULL|DEFAULT) \(| NOT ENFORCED/.test(definition);
}

export function isPlainUnique({ kind, deferrable, definition, validated }: Constraint): boolean {
  return (
    kind === 'unique' &&
    deferrable === 'not' &&
    validated &&
    /^UNIQUE \((?:[^()"]|"[^"]*")*\)$/.test(definition) &&
    !definition.endsWith(' WITHOUT OVERLAPS)')
  );
}

export function isPlainPrimaryKey({ kind, deferrable, definition }: Constraint): boolean {
  return (
    kind === 'primary key' &&
    deferrable === 'not' &&
    /^PRIMARY KEY \((?:[^()"]|"[^"]*")*\)$/.test(definition) &&
    !definition.endsWith(' WITHOUT OVERLAPS)')
  );
}

/** `queryInterface.addConstraint(…)`; undefined where only SQL can say it. */
export function addConstraintCode(
  context: CodegenContext,
  table: QualifiedName,
  constraint: Constraint,
): Code | undefined {
  const type = plainType(constraint);
  if (
    type === undefined ||
    isUnsayableTable(table) ||
    constraint.comment !== undefined ||
    isUnsayable(constraint.name, ...constraint.columns)
  )
    return undefined;
  const fields = texts(constraint.columns);
  const options: (readonly [string, Code | undefined])[] = [
    ['type', text(type)],
    ['name', text(constraint.name)],
    ...referenceOptions(constraint),
  ];
  if (context.sequelizeMajor === 5) {
    return call('queryInterface.addConstraint', tableArgument(table), fields, object(options));
  }
  return call(
    'queryInterface.addConstraint',
    tableArgument(table),
    object([['fields', fields], ...options]),
  );
}

function plainType(constraint: Constraint): string | undefined {
  if (isPlainForeignKey(constraint)) return 'foreign key';
  if (isPlainUnique(constraint)) return 'unique';
  return isPlainPrimaryKey(constraint) ? 'primary key' : undefined;
}

function referenceOptions({ references }: Constraint): (readonly [string, Code | undefined])[] {
  if (references === undefined) return [];
  const target = object([
    ['table', tableArgument(references)],
    ['field', text(references.columns[0] ?? 'id')],
  ]);
  return [
    ['references', target],
    ['onUpdate', text(references.onUpdate)],
    ['onDelete', text(references.onDelete)],
  ];
}

/** `references`, `onUpdate` and `onDelete` of a column. */
export function referencesOf(
  table: QualifiedName,
  { references }: Constraint,
): (readonly [string, Code | undefined])[] {
  if (references === undefined) return [];
  // Sequelize looks for a plain name in the schema of the table that refers to it.
  const model =
    table.schema === 'public'
      ? tableArgument(references)
      : object([
          ['tableName', text(references.name)],
          ['schema', text(references.schema)],
        ]);
  const action = (name: string): Code | undefined =>
    name === 'NO ACTION' ? undefined : text(name);
  return [
    [
      'references',
      object([
        ['model', model],
        ['key', text(references.columns[0] ?? 'id')],
      ]),
    ],
    ['onUpdate', action(references.onUpdate)],
    ['onDelete', action(references.onDelete)],
  ];
}

/** `queryInterface.addIndex(…)`; undefined where only SQL can say it. */
export function addIndexCode(
  table: QualifiedName,
  index: Index,
  concurrently: boolean,
): Code | undefined {
  if (!isSayableIndex(index) || isUnsayableTable(table) || index.comment !== undefined)
    return undefined;
  const options = object([
    ['name', index.name === sequelizeIndexName(table, index) ? undefined : text(index.name)],
    ['unique', index.unique ? 'true' : undefined],
    ['concurrently', concurrently ? 'true' : undefined],
    ['using', index.method === 'btree' ? undefined : text(index.method)],
    ['where', index.predicate === undefined ? undefined : sqlLiteral(index.predicate)],
  ]);
  if (index.fields.every(isBare)) {
    const fields = texts(index.fields.map((field) => field.text));
    return call(
      'queryInterface.addIndex',
      tableArgument(table),
      fields,
      options.entries.length === 0 ? undefined : options,
    );
  }
  const fields: Code = { kind: 'array', items: index.fields.map(fieldCode) };
  return call(
    'queryInterface.addIndex',
    tableArgument(table),
    object([
      ['fields', fields],
      ['name', text(index.name)],
      ...options.entries.filter(([key]) => key !== 'name'),
    ]),
  );
}

/** Whether Sequelize can say all of an index but its comment. */
export function isSayableIndex(index: Index): boolean {
  return (
    !index.special && !isUnsayable(index.name, ...index.dependsOn) && !index.fields.some(isOdd)
  );
}

/** What Sequelize's `fields` cannot say: an expression with an order or an operator class of its own. */
function isOdd(field: IndexField): boolean {
  return field.isExpression && (field.operatorClass !== undefined || field.collation !== undefined);
}

function isBare(field: IndexField): boolean {
  return (
    !field.isExpression &&
    field.order === 'ASC' &&
    field.nulls === undefined &&
    field.operatorClass === undefined &&
    field.collation === undefined
  );
}

/** A column or an expression as an item of `fields`. */
export function fieldCode(field: IndexField): Code {
  const order = [
    field.order === 'DESC' ? 'DESC' : '',
    field.nulls === undefined ? '' : `NULLS ${field.nulls}`,
  ]
    .filter(Boolean)
    .join(' ');
  if (field.isExpression) {
    const expression = /^[a-z_]+\(.*\)$/.test(field.text) ? field.text : `(${field.text})`;
    return sqlLiteral(order === '' ? expression : `${expression} ${order}`);
  }
  if (isBare(field)) return text(field.text);
  return object([
    ['name', text(field.text)],
    ['collate', field.collation === undefined ? undefined : text(field.collation)],
    ['operator', field.operatorClass === undefined ? undefined : text(field.operatorClass)],
    ['order', order === '' ? undefined : text(order)],
  ]);
}

/** The name that Sequelize gives to an index without one; undefined where that is not plain to see. */
function sequelizeIndexName(table: QualifiedName, index: Index): string | undefined {
  const name = [table.name, ...index.fields.map((field) => field.text)].join('_');
  if (!/^\w+$/.test(name) || index.fields.some(({ isExpression }) => isExpression))
    return undefined;
  return name
    .replace(/([A-Z])/g, '_$1')
    .replace(/^_/, '')
    .toLowerCase();
}
