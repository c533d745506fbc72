import { isPlainPrimaryKey, isPlainUnique } from '../../codegen/constraint-code';
import type { Constraint, Schema, Table } from '../../schema/schema';
import { displayName } from '../../schema/object-names';
import { foreignKeysOf } from './table-facts';
import { isSaid } from './plan-indexes';

/** What a table has and its model cannot say, so that only migrations make it. */
export function listUnsaid(table: Table): string[] {
  const foreignKeys = foreignKeysOf(table).map(({ constraint }) => constraint);
  const isUnsaid = (constraint: Constraint): boolean => {
    if (constraint.kind === 'foreign key') return !foreignKeys.includes(constraint);
    if (constraint.kind === 'unique') return !isPlainUnique(constraint);
    return constraint.kind !== 'primary key' || !isPlainPrimaryKey(constraint);
  };
  return [
    ...table.columns
      .filter(({ generated }) => generated !== undefined)
      .map(({ name, generated }) => `column ${name} is generated: ${generated?.expression ?? ''}`),
    ...table.constraints
      .filter(isUnsaid)
      .map(({ name, definition }) => `constraint ${name}: ${definition}`),
    ...table.indexes
      .filter((index) => !isSaid(index))
      .map(({ name, tail, valid }) => `index ${name}: ${valid ? tail : 'it is not valid'}`),
    ...table.triggers.map(({ name }) => `trigger ${name}`),
    ...table.policies.map(({ name }) => `policy ${name}`),
  ].map((sentence) => sentence.replaceAll(/\s+/g, ' '));
}

/** The objects besides tables that no model stands for, by their kind: `2 views (customer_list, film_list)`. */
export function listOthers({ others, tables }: Schema): string[] {
  const kinds = new Map<string, string[]>();
  const add = (kind: string, name: string): void => {
    kinds.set(kind, [...(kinds.get(kind) ?? []), name]);
  };
  for (const table of tables)
    if (table.partitionOf !== undefined) add('partition', displayName(table));
  for (const { kind, identity } of others) {
    if (!/^(?:comment|security label)$/.test(kind)) add(kind, identity);
  }
  return [...kinds].map(([kind, names]) => {
    const shown = names.length > 4 ? [...names.slice(0, 3), '…'] : names;
    return `${names.length} × ${kind}: ${shown.join(', ')}`;
  });
}
