import type { Column, Constraint, Table } from '../../schema/schema';

/** A foreign key of one column: the only kind that Sequelize has. */
export interface ForeignKey {
  readonly table: Table;
  readonly column: Column;
  readonly constraint: Constraint;
  readonly references: NonNullable<Constraint['references']>;
  /** The column of the other table. */
  readonly target: string;
}

/** Whether a model can have the names: Sequelize takes double quotes off. */
export function isModelName(...names: readonly string[]): boolean {
  return !names.some((name) => name.includes('"'));
}

/** The columns of the primary key, in its own order. */
export function primaryKeyOf({ constraints }: Table): readonly string[] {
  return constraints.find(({ kind }) => kind === 'primary key')?.columns ?? [];
}

/** Each column's first foreign key: an attribute has one reference at most. */
export function foreignKeysOf(table: Table): ForeignKey[] {
  return table.columns.flatMap((column): ForeignKey[] => {
    const constraint = table.constraints.find((one) => isKeyOf(one, column.name));
    const references = constraint?.references;
    const target = references?.columns[0];
    if (constraint === undefined || references === undefined || target === undefined) return [];
    return [{ table, column, constraint, references, target }];
  });
}

function isKeyOf({ kind, columns, references }: Constraint, column: string): boolean {
  return (
    kind === 'foreign key' &&
    columns.length === 1 &&
    columns[0] === column &&
    references !== undefined &&
    isModelName(references.schema, references.name)
  );
}

/** Whether no two rows have the same value in the column, so that what refers by it is one row. */
export function isUniqueColumn({ constraints, indexes }: Table, column: string): boolean {
  return (
    constraints.some(
      ({ kind, columns }) =>
        (kind === 'primary key' || kind === 'unique') &&
        columns.length === 1 &&
        columns[0] === column,
    ) ||
    indexes.some(
      ({ unique, valid, predicate, fields }) =>
        unique &&
        valid &&
        predicate === undefined &&
        fields.length === 1 &&
        fields[0]?.isExpression === false &&
        fields[0].text === column,
    )
  );
}

const MOMENT = /^(?:timestamp|date$)/;

/** The two keys of a table that only joins two others: besides them it has timestamps and a number at most. */
export function junctionKeysOf(table: Table): readonly [ForeignKey, ForeignKey] | undefined {
  const [first, second, ...others] = foreignKeysOf(table);
  if (first === undefined || second === undefined || others.length > 0) return undefined;
  const keys = [first.column.name, second.column.name];
  const primaryKey = primaryKeyOf(table);
  const isNumber = (column: Column): boolean =>
    column.sequence !== undefined && primaryKey.length === 1 && primaryKey[0] === column.name;
  const rest = table.columns.filter(({ name }) => !keys.includes(name));
  if (!rest.every((column) => MOMENT.test(column.type) || isNumber(column))) return undefined;
  const isPair = table.constraints.some(
    ({ kind, columns }) =>
      (kind === 'primary key' || kind === 'unique') && isSameSet(columns, keys),
  );
  const isIndexed = table.indexes.some(
    ({ unique, valid, predicate, fields }) =>
      unique &&
      valid &&
      predicate === undefined &&
      fields.every(({ isExpression }) => !isExpression) &&
      isSameSet(
        fields.map((field) => field.text),
        keys,
      ),
  );
  return isPair || isIndexed ? [first, second] : undefined;
}

export function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}
