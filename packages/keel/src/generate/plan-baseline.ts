import { compareSchemas } from '../diff/compare-schemas';
import type { Operation } from '../diff/operation';
import { quoteTable } from '../db/quote';
import { emptyFacts } from '../schema/model-facts';
import { keyOf } from '../schema/object-names';
import type { OtherObject, Schema } from '../schema/schema';

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
  const sequences = live.sequences.map((sequence): Made => {
    const name = quoteTable(sequence.schema, sequence.name);
    const create = `CREATE SEQUENCE ${name} ${sequence.definition}`;
    return {
      key: keyOf(sequence),
      operation: sql(`sequence ${sequence.name}`, create, `DROP SEQUENCE ${name}`),
    };
  });
  const others = live.others
    .filter(({ kind }) => kind !== 'rule')
    .map((object): Made => ({
      key: `${object.schema}.${object.identity}`,
      operation: objectOperation(object),
    }));
  const isView = ({ kind }: OtherObject): boolean =>
    kind === 'view' || kind === 'materialized view';
  const views = new Set(live.others.filter(isView).map((object) => keyOf(object)));
  const early = others.filter(({ key }) => !views.has(key));
  const late = others.filter(({ key }) => views.has(key));
  const bodies = live.others.some(({ kind }) => kind === 'function' || kind === 'procedure')
    ? [sql('function bodies', 'SET LOCAL check_function_bodies = off')]
    : [];
  return [
    ...firsts,
    ...bodies,
    ...inOrder([...sequences, ...early, ...tables, ...late], needs),
    ...operations.filter((operation) => !made.has(operation)),
    ...live.others.filter(({ kind }) => kind === 'rule').map(objectOperation),
  ];
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

function sql(what: string, up: string, down?: string): Operation {
  return {
    type: 'runSql',
    table: { schema: 'public', name: '' },
    what,
    up: [up],
    down: down === undefined ? [] : [down],
  };
}

function objectOperation(object: OtherObject): Operation {
  const name = quoteTable(object.schema, object.name);
  const definition = object.definition.trim().replace(/;$/, '');
  const what = `${object.kind} ${object.identity}`;
  switch (object.kind) {
    case 'view':
      // Its options stand before the query.
      return sql(
        what,
        `CREATE VIEW ${name} ${definition.startsWith('WITH (') ? definition : `AS\n${definition}`}`,
        `DROP VIEW ${name}`,
      );
    case 'materialized view':
      return sql(
        what,
        `CREATE MATERIALIZED VIEW ${name} AS\n${definition}`,
        `DROP MATERIALIZED VIEW ${name}`,
      );
    case 'function':
    case 'procedure': {
      const args = object.identity.slice(object.name.length);
      return sql(what, definition, `DROP ${object.kind.toUpperCase()} ${name}${args}`);
    }
    case 'domain':
      return sql(what, `CREATE DOMAIN ${name} ${definition}`, `DROP DOMAIN ${name}`);
    case 'rule':
      return sql(what, definition);
    case 'aggregate': {
      const args = object.identity.slice(object.name.length);
      return sql(
        what,
        `CREATE AGGREGATE ${name}${args} (${definition})`,
        `DROP AGGREGATE ${name}${args}`,
      );
    }
    case 'composite type':
    case 'range type':
      return sql(what, `CREATE TYPE ${name} ${definition}`, `DROP TYPE ${name}`);
  }
}
