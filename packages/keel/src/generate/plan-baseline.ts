import { sayObject } from '../diff/compare-others';
import { compareSchemas } from '../diff/compare-schemas';
import type { Operation } from '../diff/operation';
import { quoteIdentifier, quoteTable } from '../db/quote';
import { emptyFacts } from '../schema/model-facts';
import { keyOf } from '../schema/object-names';
import { objectKey } from '../schema/read-dependencies';
import type { QualifiedName, Schema, Sequence } from '../schema/schema';

interface Made {
  readonly key: string;
  readonly operation: Operation;
}

/**
 * What builds the schema `live` in an empty database: types, functions, sequences, tables and views, each
 * after what it needs, then what is on the tables.
 */
export function planBaseline(
  before: Schema,
  live: Schema,
  needs: ReadonlyMap<string, readonly string[]>,
): Operation[] {
  const { operations } = compareSchemas(before, live, { mode: 'exact', facts: emptyFacts() });
  const firsts = operations.filter(
    ({ type }) => type === 'createSchema' || type === 'createExtension',
  );
  const tables = operations.flatMap((operation): Made[] => {
    if (operation.type === 'createTable') return [{ key: keyOf(operation.table), operation }];
    return operation.type === 'createEnum' ? [{ key: keyOf(operation.enum), operation }] : [];
  });
  const made = new Set<Operation>([...firsts, ...tables.map(({ operation }) => operation)]);
  const others = planOthers(before, live);
  const inPhase = (phase: number): OtherMade[] =>
    others.filter(({ kind }) => phaseOf(kind) === phase);
  const bodies = live.others.some(({ kind }) => kind === 'function' || kind === 'procedure')
    ? [sql('function bodies', ['SET LOCAL check_function_bodies = off'])]
    : [];
  return [
    ...firsts,
    ...bodies,
    ...inOrder(
      [...live.sequences.map(planSequence), ...inPhase(0), ...tables, ...inPhase(1)],
      needs,
    ),
    ...live.sequences.flatMap(planOwner),
    ...operations.filter((operation) => !made.has(operation)),
    ...inPhase(2).map(({ operation }) => operation),
  ];
}

type OtherMade = Made & { readonly kind: string };

function planOthers(before: Schema, live: Schema): OtherMade[] {
  const known = new Set(before.others.map((object) => JSON.stringify(object)));
  return live.others
    .filter((object) => !known.has(JSON.stringify(object)))
    .map((object) => ({
      kind: object.kind,
      key: objectKey(object),
      operation: sql(sayObject(object), object.create, object.drop),
    }));
}

const afterTables = ['view', 'materialized view'];
const atTheEnd = [
  'rule',
  'statistics',
  'publication',
  'event trigger',
  'comment',
  'security label',
];

function phaseOf(kind: string): number {
  if (atTheEnd.includes(kind)) return 2;
  return afterTables.includes(kind) ? 1 : 0;
}

function planSequence(sequence: Sequence): Made {
  const name = nameOf(sequence);
  const create = `CREATE ${sequence.unlogged ? 'UNLOGGED ' : ''}SEQUENCE ${name} ${sequence.definition}`;
  return {
    key: keyOf(sequence),
    operation: sql(`sequence ${sequence.name}`, [create], `DROP SEQUENCE IF EXISTS ${name}`),
  };
}

/** When the table is there too; it may need the sequence for a default. */
function planOwner(sequence: Sequence): Operation[] {
  const { owner } = sequence;
  if (owner === undefined) return [];
  const alter = `ALTER SEQUENCE ${nameOf(sequence)} OWNED BY`;
  const up = `${alter} ${nameOf(owner)}.${quoteIdentifier(owner.column)}`;
  return [sql(`owner of ${sequence.name}`, [up], `${alter} NONE`)];
}

function nameOf({ schema, name }: QualifiedName): string {
  return quoteTable(schema, name);
}

/** Each after what it needs, otherwise as they are given. */
function inOrder(
  objects: readonly Made[],
  needs: ReadonlyMap<string, readonly string[]>,
): Operation[] {
  const byName = new Map(objects.map((object) => [object.key, object]));
  const ordered = new Set<Made>();
  const open = new Set<Made>();
  const add = (object: Made): void => {
    if (ordered.has(object) || open.has(object)) return;
    open.add(object);
    for (const key of needs.get(object.key) ?? []) {
      const needed = byName.get(key);
      if (needed !== undefined) add(needed);
    }
    ordered.add(object);
  };
  for (const object of objects) add(object);
  return [...ordered].map(({ operation }) => operation);
}

function sql(what: string, up: readonly string[], down?: string): Operation {
  return {
    type: 'runSql',
    table: { schema: 'public', name: '' },
    what,
    up,
    down: down === undefined ? [] : [down],
  };
}
