import type { Table } from '../../schema/schema';
import { camelCase, firstFree } from './names';
import { primaryKeyOf } from './table-facts';

/**
 * The attribute's name of each column. A column that is called as its attribute would be keeps that name, where
 * another one would become it.
 *
 * @param isReserved whether a model has something else of that name, as `save` and `dataValues`
 */
export function nameAttributes(
  table: Table,
  isReserved: (name: string) => boolean,
): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  const taken = new Set<string>();
  const hasKey = primaryKeyOf(table).length > 0;
  // Sequelize takes an attribute `id` for the primary key, or refuses it.
  const isTaken = (name: string): boolean =>
    taken.has(name) || isReserved(name) || (!hasKey && name === 'id');
  const columns = table.columns.map(({ name }) => name);
  const isExact = (name: string): boolean => camelCase(name) === name;
  for (const column of [...columns.filter(isExact), ...columns.filter((one) => !isExact(one))]) {
    const name = camelCase(column);
    const chosen = firstFree([name, `${name}Value`], isTaken);
    taken.add(chosen);
    names.set(column, chosen);
  }
  return names;
}
