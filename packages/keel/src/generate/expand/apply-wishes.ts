import type { Operation, OperationOf, OperationType } from '../../diff/operation';
import type { Column } from '../../schema/schema';
import type { ColumnSide } from './expansion';

/** What the models want of the new columns besides another name. */
export function applyWishes(side: ColumnSide, own: readonly Operation[]): ColumnSide {
  return own.reduce(applyWish, side);
}

type Wishes = {
  readonly [T in OperationType]?: (side: ColumnSide, operation: OperationOf<T>) => ColumnSide;
};

const wishes: Wishes = {
  addColumn: (side, { column }) => ({ ...side, columns: [...side.columns, column] }),
  changeType: toAfter,
  changeDefault: toAfter,
  changeNull: toAfter,
  changeComment: (side, { column: name, after }) =>
    change(side, name, (column) => ({ ...column, comment: after })),
  addConstraint: (side, { constraint }) => ({
    ...side,
    constraints: [...side.constraints, constraint],
  }),
  createIndex: (side, { index }) => ({ ...side, indexes: [...side.indexes, index] }),
  dropConstraint: (side, { constraint }) => without(side, constraint.name),
  dropIndex: (side, { index }) => without(side, index.name),
  renameConstraint: renamed,
  renameIndex: renamed,
};

function applyWish(side: ColumnSide, operation: Operation): ColumnSide {
  const wish = wishes[operation.type] as
    ((side: ColumnSide, operation: Operation) => ColumnSide) | undefined;
  return wish === undefined ? side : wish(side, operation);
}

function change(
  side: ColumnSide,
  name: string | undefined,
  to: (column: Column) => Column,
): ColumnSide {
  return {
    ...side,
    columns: side.columns.map((column) => (column.name === name ? to(column) : column)),
  };
}

/** A comment is a change of its own. */
function toAfter(side: ColumnSide, { after }: { readonly after: Column }): ColumnSide {
  return change(side, after.name, ({ comment }) => ({ ...after, comment }));
}

function renamed(
  side: ColumnSide,
  { from, to }: { readonly from: string; readonly to: string },
): ColumnSide {
  const rename = <T extends { readonly name: string }>(one: T): T =>
    one.name === from ? { ...one, name: to } : one;
  return {
    ...side,
    constraints: side.constraints.map(rename),
    indexes: side.indexes.map(rename),
  };
}

function without({ columns, constraints, indexes }: ColumnSide, gone: string): ColumnSide {
  return {
    columns,
    constraints: constraints.filter(({ name }) => name !== gone),
    indexes: indexes.filter(({ name }) => name !== gone),
  };
}
