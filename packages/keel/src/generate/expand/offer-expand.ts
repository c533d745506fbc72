import { columnScope, pathOf, shellWord } from '../../diff/object-path';
import { conversionOf } from '../../diff/conversion';
import type { OperationOf } from '../../diff/operation';
import { isKeelError } from '../../errors';
import { keyOf } from '../../schema/object-names';
import type { Schema } from '../../schema/schema';
import type { ChangePlan, Replayed } from '../plan-change';
import { planExpansions } from './plan-expansions';
import type { ExpandRequest } from './read-expands';

type TypeChange = Pick<OperationOf<'changeType'>, 'table' | 'after'>;

/** The flag that changes a column beside the old one, by {@link changeKey}, for each rewrite of a table that has that way. */
export async function offerExpand(
  replayed: Replayed,
  plan: ChangePlan,
  before: Schema,
): Promise<ReadonlyMap<string, string>> {
  const known = new Map(before.tables.map((table) => [keyOf(table), table]));
  const wishes = plan.operations.flatMap((one) => {
    if (one.type !== 'changeType' || !conversionOf(one.before, one.after).rewrites) return [];
    const owner = known.get(keyOf(one.table));
    // A column or table that is renamed as well takes two migrations.
    if (!owner?.columns.some(({ name }) => name === one.before.name)) return [];
    const name = one.after.name;
    const table = { schema: owner.schema, name: owner.name };
    const request: ExpandRequest = {
      kind: 'type',
      table,
      olds: [name],
      news: [name],
      expressions: new Map(),
    };
    const path = pathOf({ table: owner, part: name }, columnScope(before));
    return [{ key: changeKey(one), flag: `--expand ${shellWord(path)}`, request }];
  });
  const isPossible = async (requests: readonly ExpandRequest[]): Promise<boolean> => {
    try {
      await planExpansions(replayed, plan, requests, '');
      return true;
    } catch (error) {
      if (isKeelError(error, 'EXPAND_REFUSED')) return false;
      throw error;
    }
  };
  if (wishes.length === 0) return new Map();
  const areAll = await isPossible(wishes.map(({ request }) => request));
  const offers = new Map<string, string>();
  for (const { key, flag, request } of wishes)
    if (areAll || (await isPossible([request]))) offers.set(key, flag);
  return offers;
}

/** What tells one change of a column's type from another. */
export function changeKey({ table, after }: TypeChange): string {
  return `${keyOf(table)} ${after.name}`;
}
