import { keyOf } from '../../schema/object-names';
import type { Column, Constraint, Table } from '../../schema/schema';
import type { ForeignKey, PageColumn, TableShape } from '../document/page-document';

/** A table of a schema, in the words of the pictures. */
export function shapeTable(table: Table): TableShape {
  const { schema, name, constraints, indexes, comment } = table;
  const keys = constraints.filter(({ kind }) => kind === 'primary key');
  const foreignKeys = constraints.flatMap(toForeignKey);
  const uniques = new Set(uniqueColumns(table));
  const isIn = (list: readonly { readonly columns: readonly string[] }[], column: string) =>
    list.some(({ columns }) => columns.includes(column));
  return {
    key: keyOf(table),
    schema,
    name,
    columns: table.columns.map((column): PageColumn => ({
      name: column.name,
      type: column.type,
      notNull: column.notNull,
      default: defaultOf(column),
      primaryKey: isIn(keys, column.name),
      foreignKey: isIn(foreignKeys, column.name),
      unique: uniques.has(column.name),
      comment: column.comment,
    })),
    constraints: constraints.map((constraint) => `${constraint.name} ${constraint.definition}`),
    indexes: indexes.map(
      (index) =>
        `${index.name} ${index.unique ? 'UNIQUE ' : ''}${index.tail}${index.valid ? '' : ' INVALID'}`,
    ),
    foreignKeys,
    comment,
  };
}

function defaultOf({ default: value, generated, identity, sequence }: Column): string | undefined {
  if (generated !== undefined) return `generated as ${generated.expression}`;
  if (identity !== undefined) return `identity (${identity})`;
  return sequence === undefined ? value : 'serial';
}

function toForeignKey({ name, columns, references }: Constraint): ForeignKey[] {
  if (references === undefined) return [];
  return [
    {
      name,
      columns,
      parent: keyOf(references),
      parentColumns: references.columns,
      onUpdate: references.onUpdate,
      onDelete: references.onDelete,
    },
  ];
}

/** Columns of which each value is there once, whatever the others are. */
function uniqueColumns({ constraints, indexes }: Table): string[] {
  const byConstraint = constraints
    .filter(({ kind }) => kind === 'unique' || kind === 'primary key')
    .map(({ columns }) => columns);
  const byIndex = indexes
    .filter(({ unique, valid, predicate }) => unique && valid && predicate === undefined)
    .map(({ fields }) => fields.map(({ text, isExpression }) => (isExpression ? '' : text)));
  return [...byConstraint, ...byIndex].flatMap((columns) => (columns.length === 1 ? columns : []));
}
