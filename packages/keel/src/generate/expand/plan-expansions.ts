import type { ClientBase } from 'pg';
import { sqlOf } from '../../codegen/operation-sql';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import type { Operation } from '../../diff/operation';
import { keyOf } from '../../schema/object-names';
import type { QualifiedName, Schema, Table } from '../../schema/schema';
import type { ChangePlan, Replayed } from '../plan-change';
import { expressionsOf } from './expand-expressions';
import { applyWishes } from './apply-wishes';
import type { ColumnSide, Expansion } from './expansion';
import { freeNames } from './free-names';
import { pullOperations } from './pull-operations';
import type { ExpandRequest } from './read-expands';
import { requireExpandable } from './require-expandable';

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
    expansions,
    operations: plan.operations.filter((operation) => !pulled.has(operation)),
    pulled: [...pulled],
  };
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
    for (const request of group) await requireExpandable(client, owner, request, own);
    const old = sideOf(
      owner,
      group.flatMap(({ olds }) => olds),
    );
    const renamed = group.filter(({ kind }) => kind !== 'computed');
    const found = sideOf(
      await readRenamed(client, replayed, table, renamed),
      renamed.flatMap(({ news }) => news),
    );
    const { side: fresh, finalNames } = freeNames(before, owner, applyWishes(found, own));
    return {
      table,
      isPartitioned: owner.kind === 'partitioned',
      plainParts: plainParts(before, owner),
      application,
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

/** PostgreSQL itself puts the new names into every expression that uses the columns. */
async function readRenamed(
  client: ClientBase,
  replayed: Replayed,
  table: QualifiedName,
  renamed: readonly ExpandRequest[],
): Promise<Table> {
  const on = quoteTable(table.schema, table.name);
  for (const { olds, news } of renamed) {
    const [from = '', to = ''] = [olds[0], news[0]].map((name) => quoteIdentifier(name ?? ''));
    await client.query(`ALTER TABLE ${on} RENAME COLUMN ${from} TO ${to}`);
  }
  return tableIn(await replayed.read(client), table);
}

function tableIn({ tables }: Schema, table: QualifiedName): Table {
  const found = tables.find((one) => keyOf(one) === keyOf(table));
  if (found === undefined) throw new Error(`There is no table ${keyOf(table)}.`);
  return found;
}

function sideOf(table: Table, names: readonly string[]): ColumnSide {
  const isOne = (name: string): boolean => names.includes(name);
  return {
    columns: table.columns.filter(({ name }) => isOne(name)),
    constraints: table.constraints.filter(({ columns }) => columns.some(isOne)),
    indexes: table.indexes.filter(({ dependsOn }) => dependsOn.some(isOne)),
  };
}
