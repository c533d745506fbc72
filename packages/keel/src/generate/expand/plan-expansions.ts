import { sqlOf } from '../../codegen/operation-sql';
import type { Operation } from '../../diff/operation';
import { keyOf } from '../../schema/object-names';
import type { Schema, Table } from '../../schema/schema';
import type { ChangePlan, Replayed } from '../plan-change';
import { sideOf, tableIn } from './column-side';
import { expressionsOf } from './expand-expressions';
import { applyWishes } from './apply-wishes';
import type { Expansion } from './expansion';
import { freeNames } from './free-names';
import { pullOperations } from './pull-operations';
import type { ExpandRequest } from './read-expands';
import { planTypeChange } from './plan-type-change';
import { renameColumns } from './rename-columns';
import { requireExpandable } from './require-expandable';
import { requireTypesOnly } from './require-types-only';

export interface ExpandedPlan {
  readonly expansions: readonly Expansion[];
  /** What is left of the plan. */
  readonly operations: readonly Operation[];
  /** What the expansions do in place of it. */
  readonly pulled: readonly Operation[];
}

/**
 * Takes out of a plan what is to be done in steps that old code survives.
 *
 * @param application what old sessions call themselves
 * @throws KeelError EXPAND_REFUSED
 */
export async function planExpansions(
  replayed: Replayed,
  plan: ChangePlan,
  requests: readonly ExpandRequest[],
  application: string,
): Promise<ExpandedPlan> {
  const expansions: Expansion[] = [];
  const pulled = new Set<Operation>();
  // Those of one table together: they may share an index or a constraint.
  for (const table of new Set(requests.map((request) => keyOf(request.table)))) {
    const group = requests.filter((request) => keyOf(request.table) === table);
    const own = pullOperations(plan, group);
    for (const operation of own) pulled.add(operation);
    expansions.push(await planExpansion(replayed, { plan, group, own, application }));
  }
  return {
    expansions: keysLast(expansions),
    operations: plan.operations.filter((operation) => !pulled.has(operation)),
    pulled: [...pulled],
  };
}

/** A table that points to another one swaps its columns first: the foreign key has its name again by then. */
function keysLast(expansions: readonly Expansion[]): Expansion[] {
  const ordered: Expansion[] = [];
  const open = [...expansions];
  while (open.length > 0) {
    const isPointedTo = ({ swap }: Expansion): boolean =>
      swap?.references.some(({ table }) =>
        open.some((other) => keyOf(other.table) === keyOf(table)),
      ) === true;
    const at = Math.max(
      open.findIndex((one) => !isPointedTo(one)),
      0,
    );
    ordered.push(...open.splice(at, 1));
  }
  return ordered;
}

interface ExpansionInput {
  readonly plan: ChangePlan;
  /** Of one table. */
  readonly group: readonly ExpandRequest[];
  readonly own: readonly Operation[];
  readonly application: string;
}

async function planExpansion(
  replayed: Replayed,
  { plan, group, own, application }: ExpansionInput,
): Promise<Expansion> {
  const { table } = group[0] ?? { table: { schema: '', name: '' } };
  return replayed.attempt(async (client) => {
    // Both columns are there after the other renames: enums have their new names by then.
    const others = plan.operations.filter(
      (operation) => isBasis(operation) && !own.includes(operation),
    );
    for (const sql of others.flatMap((operation) => sqlOf(operation))) await client.query(sql);
    const before = await replayed.read(client);
    const owner = tableIn(before, table);
    for (const request of group)
      await requireExpandable(client, owner, request, { own, all: plan.operations });
    const names = group.flatMap(({ olds }) => olds);
    const kept = {
      table,
      isPartitioned: owner.kind === 'partitioned',
      plainParts: plainParts(before, owner),
      application,
      leftEnums: own.flatMap((one) => (one.type === 'dropEnum' ? [one] : [])),
    };
    if (group.some(({ kind }) => kind === 'type')) {
      requireTypesOnly(owner, group, plan, own);
      const found = await planTypeChange(client, replayed, { before, owner, names, own });
      return { ...kept, ...found };
    }
    const old = sideOf(owner, names);
    const renamed = group.filter(({ kind }) => kind !== 'computed');
    const news = renamed.flatMap((request) => request.news);
    await renameColumns(
      client,
      table,
      renamed.flatMap(({ olds }) => olds),
      news,
    );
    const found = sideOf(tableIn(await replayed.read(client), table), news);
    const wanted = applyWishes(found, own);
    const { side: fresh, finalNames } = freeNames(before, owner, wanted, '_new');
    return {
      ...kept,
      old,
      fresh,
      finalNames,
      syncs: group.map((request) => expressionsOf(request, old, fresh)),
    };
  });
}

/** The names of parts tell whether an index was built on each partition by itself, or on all by PostgreSQL. */
function plainParts({ tables }: Schema, owner: Table): Set<string> {
  const settings = tables
    .filter(({ partitionOf }) => partitionOf !== undefined)
    .flatMap(({ name, settings: own }) => own.map(({ what, value }) => ({ name, what, value })));
  const isBuilt = (index: string): boolean =>
    settings.some(
      ({ name, what, value }) =>
        what === `index of this partition for ${index}` && value.startsWith(`${name}_${index} `),
    );
  return new Set(owner.indexes.map(({ name }) => name).filter((name) => !isBuilt(name)));
}

/** Names that other objects get before anything else is done. */
function isBasis({ type }: Operation): boolean {
  return ['createSchema', 'renameEnum', 'renameEnumValue', 'renameColumn', 'renameTable'].includes(
    type,
  );
}
