import { columnKey } from '../schema/model-facts';
import { defaultObjectName, keyOf } from '../schema/object-names';
import type { Constraint, Index, QualifiedName, Table } from '../schema/schema';
import { areComparable } from './column-types';
import { isExact, mayDrop, namesCount, type ComparisonState } from './comparison';
import type { Operation } from './operation';

/** Primary keys, UNIQUE, CHECK, EXCLUDE and foreign keys: paired by what they do, then renamed. */
export function compareConstraints(state: ComparisonState, before: Table, after: Table): void {
  const unpaired = [...before.constraints];
  const missing: Constraint[] = [];
  for (const constraint of inPairingOrder(after.constraints, before.constraints)) {
    const old = take(unpaired, (candidate) => isPair(state, before, candidate, constraint));
    if (old === undefined) missing.push(constraint);
    else comparePair(state, after, old, constraint);
  }
  for (const constraint of unpaired) {
    if (goesAway(state, before, after, constraint)) drop(state, before, constraint);
  }
  for (const constraint of missing) {
    if (!isServedByIndex(state, before, after, constraint)) {
      state.operations.push({ type: 'addConstraint', table: after, constraint });
    }
  }
}

/** Those whose name is there already first, so that a twin under another name does not take their place. */
function inPairingOrder(
  wanted: readonly Constraint[],
  existing: readonly Constraint[],
): Constraint[] {
  const isThere = ({ name }: Constraint): boolean =>
    existing.some((constraint) => constraint.name === name);
  return [...wanted.filter(isThere), ...wanted.filter((constraint) => !isThere(constraint))];
}

function take(
  list: Constraint[],
  test: (constraint: Constraint) => boolean,
): Constraint | undefined {
  const position = list.findIndex(test);
  return position === -1 ? undefined : list.splice(position, 1)[0];
}

function isPair(
  state: ComparisonState,
  table: Table,
  before: Constraint,
  after: Constraint,
): boolean {
  if (before.kind !== after.kind) return false;
  // A column that is replaced takes its constraints with it.
  if (before.columns.some((column) => state.lostColumns.has(columnKey(table, column))))
    return false;
  if (isExact(state))
    return before.definition === after.definition && before.validated === after.validated;
  return sayable(before.definition) === sayable(after.definition) || isSameKey(before, after);
}

/** The order of a key's columns in Sequelize is that of the associations: it means nothing. */
function isSameKey(before: Constraint, after: Constraint): boolean {
  if (before.kind !== 'primary key' && before.kind !== 'unique') return false;
  const rest = ({ definition }: Constraint): string =>
    sayable(definition).replace(/\((?:[^()"]|"[^"]*")*\)/, '');
  return sorted(before.columns) === sorted(after.columns) && rest(before) === rest(after);
}

/** A definition without what a model has no words for: where the rest is the same, it is none of the models' business. */
function sayable(definition: string): string {
  if (definition.startsWith('FOREIGN KEY')) {
    return definition
      .replace(/ MATCH FULL| NOT ENFORCED/g, '')
      .replace(/( ON DELETE SET (?:NULL|DEFAULT)) \((?:[^()"]|"[^"]*")*\)/, '$1');
  }
  if (!/^(?:UNIQUE|PRIMARY KEY)/.test(definition)) return definition;
  return definition
    .replace(/^UNIQUE NULLS NOT DISTINCT/, 'UNIQUE')
    .replace(/ WITHOUT OVERLAPS\)/, ')')
    .replace(/ INCLUDE \((?:[^()"]|"[^"]*")*\)/, '')
    .replace(/ DEFERRABLE(?: INITIALLY DEFERRED)?$/, '');
}

function comparePair(
  state: ComparisonState,
  table: Table,
  before: Constraint,
  after: Constraint,
): void {
  if (before.name !== after.name && namesCount(state, table)) {
    state.operations.push({ type: 'renameConstraint', table, from: before.name, to: after.name });
  }
  const isEnforced = !before.definition.includes(' NOT ENFORCED');
  if (!before.validated && isEnforced && !isExact(state)) {
    state.notices.push({
      kind: 'constraint not validated',
      table: nameOf(table),
      name: before.name,
    });
  }
}

function nameOf({ schema, name }: QualifiedName): QualifiedName {
  return { schema, name };
}

/** Models cannot declare CHECK, EXCLUDE and keys over several columns: these stay unless a column of theirs goes. */
function goesAway(
  state: ComparisonState,
  before: Table,
  after: Table,
  constraint: Constraint,
): boolean {
  if (
    isExact(state) ||
    constraint.columns.some((column) => state.lostColumns.has(columnKey(before, column)))
  )
    return true;
  if (constraint.kind === 'check' || constraint.kind === 'exclude') return false;
  // An attribute refers to one column.
  if (constraint.kind === 'foreign key' && constraint.columns.length > 1) return false;
  return !(
    constraint.kind === 'unique' && after.indexes.some((index) => isUniqueOver(index, constraint))
  );
}

/** A unique index over the same columns keeps duplicates out as well, as long as it stays. */
function isServedByIndex(
  state: ComparisonState,
  before: Table,
  after: Table,
  constraint: Constraint,
): boolean {
  if (constraint.kind !== 'unique' || isExact(state)) return false;
  const losesName = (index: Index): boolean =>
    after.indexes.some(({ name, tail, unique }) => {
      return name === index.name && (tail !== index.tail || unique !== index.unique);
    });
  return before.indexes.some(
    (index) =>
      isUniqueOver(index, constraint) &&
      !mayDrop(state, before, index.name) &&
      !losesName(index) &&
      !index.dependsOn.some((column) => state.lostColumns.has(columnKey(before, column))),
  );
}

/** Whether the index does what the UNIQUE constraint does. */
export function isUniqueOver(index: Index, constraint: Constraint): boolean {
  return (
    index.unique &&
    index.valid &&
    !index.special &&
    index.predicate === undefined &&
    constraint.deferrable === 'not' &&
    constraint.definition.startsWith('UNIQUE (') &&
    index.fields.every(({ isExpression }) => !isExpression) &&
    sorted(index.fields.map(({ text }) => text)) === sorted(constraint.columns)
  );
}

function sorted(names: readonly string[]): string {
  return JSON.stringify([...names].sort());
}

function drop(state: ComparisonState, table: Table, constraint: Constraint): void {
  const key = `${keyOf(table)}.${constraint.name}`;
  if (state.droppedConstraints.has(key)) return;
  state.droppedConstraints.add(key);
  state.operations.push({ type: 'dropConstraint', table, constraint });
}

/** Drops the foreign keys of other tables that point to `target`, which is dropped itself. */
export function dropConstraintsInto(state: ComparisonState, target: QualifiedName): void {
  for (const table of state.before.schema.tables) {
    for (const constraint of table.constraints) {
      const isInto =
        constraint.references !== undefined && keyOf(constraint.references) === keyOf(target);
      if (isInto && keyOf(table) !== keyOf(target)) drop(state, table, constraint);
    }
  }
}

/**
 * A foreign key that stays has to be taken off and put back where the key that it points to is replaced,
 * or where the types of its two sides cannot be compared half way.
 */
export function rejoinForeignKeys(state: ComparisonState, pairs: readonly [Table, Table][]): void {
  for (const [before, after] of pairs) {
    for (const constraint of before.constraints) {
      if (
        constraint.references === undefined ||
        state.droppedConstraints.has(`${keyOf(before)}.${constraint.name}`)
      )
        continue;
      if (!losesTarget(state, constraint) && !isTornApart(state, before, constraint)) continue;
      const kept = after.constraints.find(
        ({ kind, definition }) => kind === 'foreign key' && definition === constraint.definition,
      );
      drop(state, before, constraint);
      const restored: Operation = {
        type: 'addConstraint',
        table: after,
        constraint: { ...(kept ?? constraint), name: constraint.name },
      };
      state.operations.push(restored);
    }
  }
}

function losesTarget(state: ComparisonState, { references }: Constraint): boolean {
  const target = references === undefined ? undefined : state.before.tables.get(keyOf(references));
  if (references === undefined || target === undefined) return false;
  return target.constraints.some(
    ({ name, kind, columns }) =>
      (kind === 'primary key' || kind === 'unique') &&
      sorted(columns) === sorted(references.columns) &&
      state.droppedConstraints.has(`${keyOf(target)}.${name}`),
  );
}

function isTornApart(
  state: ComparisonState,
  table: Table,
  { columns, references }: Constraint,
): boolean {
  if (references === undefined) return false;
  const keys = [
    ...columns.map((column) => columnKey(table, column)),
    ...references.columns.map((column) => columnKey(references, column)),
  ];
  return keys.some((key) => {
    const change = state.retypedColumns.get(key);
    return change !== undefined && !areComparable(change.from, change.to);
  });
}

/** The name that PostgreSQL would have given the constraint. */
export function defaultConstraintName(table: QualifiedName, constraint: Constraint): string {
  const labels = {
    'primary key': 'pkey',
    unique: 'key',
    'foreign key': 'fkey',
    check: 'check',
    exclude: 'excl',
  };
  const columns = constraint.kind === 'primary key' ? [] : constraint.columns;
  return defaultObjectName(table.name, columns, labels[constraint.kind]);
}
