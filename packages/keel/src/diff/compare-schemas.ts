import { keyOf } from '../schema/object-names';
import type { Schema, Table } from '../schema/schema';
import { compareColumns } from './compare-columns';
import { compareConstraints, dropConstraintsInto, rejoinForeignKeys } from './compare-constraints';
import { compareEnums, dropLeftEnums } from './compare-enums';
import { compareIndexes } from './compare-indexes';
import { findDependents } from './enum-dependents';
import { compareRules } from './compare-rules';
import { compareSettings } from './compare-settings';
import {
  isExact,
  mayDrop,
  newState,
  type CompareOptions,
  type Comparison,
  type ComparisonState,
} from './comparison';
import { makeWay } from './make-way';
import { inOrder } from './order-operations';
import type { Operation } from './operation';

/** What makes `before` equal to `after`: pure, and in an order that PostgreSQL accepts. */
export function compareSchemas(before: Schema, after: Schema, options: CompareOptions): Comparison {
  const state = newState(before, after, options);
  compareNamespaces(state);
  compareEnums(state);
  const pairs: [Table, Table][] = [];
  for (const [key, table] of state.after.tables) {
    const old = state.before.tables.get(key);
    if (old !== undefined) pairs.push([old, table]);
    else if (isOfModel(state, key)) addTable(state, table);
  }
  for (const [key, table] of state.before.tables) {
    if (!isDeclared(state, key) && !options.facts.unbuilt.has(key)) leaveTable(state, table);
  }
  const managed = pairs.filter(([old]) => isDeclared(state, keyOf(old)));
  for (const [old, table] of managed) compareColumns(state, old, table);
  for (const [old, table] of managed) {
    compareConstraints(state, old, table);
    compareIndexes(state, old, table);
    compareRules(state, old, table);
    compareSettings(state, old, table);
    compareTableComment(state, old, table);
  }
  rejoinForeignKeys(state, managed);
  makeWay(state, managed);
  findDependents(state);
  dropLeftEnums(state);
  return { operations: inOrder(state), notices: state.notices };
}

/** Every table of `after` where there are no models; otherwise only theirs, not what surrounds them. */
function isDeclared(state: ComparisonState, key: string): boolean {
  if (!state.after.tables.has(key)) return false;
  return isExact(state) || state.options.facts.models.has(key);
}

function isOfModel(state: ComparisonState, key: string): boolean {
  if (!isDeclared(state, key)) return false;
  const table = state.after.tables.get(key);
  if (table === undefined || isExact(state) || !state.before.views.has(key)) return true;
  state.notices.push({ kind: 'view for model', table: { schema: table.schema, name: table.name } });
  return false;
}

function compareNamespaces(state: ComparisonState): void {
  const { before, after } = state;
  for (const name of after.schema.namespaces) {
    if (!before.schema.namespaces.includes(name))
      state.operations.push({ type: 'createSchema', name });
  }
  for (const extension of after.schema.extensions) {
    if (!before.schema.extensions.some(({ name }) => name === extension.name)) {
      state.operations.push({ type: 'createExtension', extension });
    }
  }
  if (!isExact(state)) return;
  for (const name of before.schema.namespaces) {
    if (!after.schema.namespaces.includes(name))
      state.operations.push({ type: 'dropSchema', name });
  }
  for (const extension of before.schema.extensions) {
    if (!after.schema.extensions.some(({ name }) => name === extension.name)) {
      state.operations.push({ type: 'dropExtension', extension });
    }
  }
}

/** The table, then whatever is not part of CREATE TABLE. */
function addTable(state: ComparisonState, table: Table): void {
  const foreignKeys = table.constraints.filter(
    ({ kind }) => kind === 'foreign key' || kind === 'exclude',
  );
  state.operations.push({ type: 'createTable', table });
  for (const constraint of foreignKeys)
    state.operations.push({ type: 'addConstraint', table, constraint });
  for (const index of table.indexes) state.operations.push({ type: 'createIndex', table, index });
  compareRules(state, undefined, table);
}

/** Whether it is a partition, or inherits from a table with a model: then it comes and goes with that one. */
function belongsToDeclared(state: ComparisonState, { partitionOf, inherits }: Table): boolean {
  if (partitionOf !== undefined) return true;
  return inherits.some((parent) => {
    const table = state.before.tables.get(keyOf(parent));
    return (
      isDeclared(state, keyOf(parent)) || (table !== undefined && belongsToDeclared(state, table))
    );
  });
}

function leaveTable(state: ComparisonState, table: Table): void {
  if (!mayDrop(state, table)) {
    if (belongsToDeclared(state, table)) return;
    state.notices.push({
      kind: 'table without model',
      table: { schema: table.schema, name: table.name },
    });
    return;
  }
  const drops: Operation[] = [];
  for (const constraint of table.constraints) {
    if (constraint.kind === 'foreign key' || constraint.kind === 'exclude') {
      drops.push({ type: 'dropConstraint', table, constraint });
      state.droppedConstraints.add(`${keyOf(table)}.${constraint.name}`);
    }
  }
  for (const index of table.indexes) drops.push({ type: 'dropIndex', table, index });
  state.operations.push(...drops, { type: 'dropTable', table });
  compareRules(state, table, undefined);
  dropConstraintsInto(state, table);
  for (const { enumType } of table.columns)
    if (enumType !== undefined) state.leftEnums.add(keyOf(enumType));
}

function compareTableComment(state: ComparisonState, old: Table, table: Table): void {
  if (old.comment === table.comment || (table.comment === undefined && !isExact(state))) return;
  state.operations.push({
    type: 'changeComment',
    table,
    before: old.comment,
    after: table.comment,
  });
}
