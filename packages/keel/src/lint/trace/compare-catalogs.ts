import type { Catalog, CatalogConstraint, CatalogRelation, Oid } from './traced-catalog';
import type { CatalogChange, RelationRef } from './catalog-change';

const TABLES = new Set(['table', 'partitioned', 'matview']);

/**
 * What one statement changed, told from the catalog before and after it.
 *
 * @param gone whether a relation that is missing in `after` was dropped; else it was only not looked at
 */
export function compareCatalogs(
  before: Catalog,
  after: Catalog,
  gone: (oid: Oid) => boolean,
): CatalogChange[] {
  const changes: CatalogChange[] = [];
  const ref = (oid: Oid): RelationRef => ({
    oid,
    name: (before.get(oid) ?? after.get(oid))?.name ?? `${oid}`,
  });
  const remade = new Set<Oid>();
  for (const now of after.values()) {
    const old = before.get(now.oid) ?? findRemade(before, after, now);
    if (old) remade.add(old.oid);
    if (now.kind === 'index') changes.push(...compareIndex(old, now, ref));
    else if (TABLES.has(now.kind)) changes.push(...compareTable(old, now, ref));
  }
  for (const old of before.values()) {
    if (after.has(old.oid) || remade.has(old.oid) || !gone(old.oid)) continue;
    if (old.kind === 'index') changes.push(indexChange('index-dropped', old, ref));
    else if (TABLES.has(old.kind)) changes.push({ type: 'table-dropped', table: ref(old.oid) });
  }
  return changes;
}

/** A change of type makes the column's indexes anew, under other numbers, and may leave their files as they are. */
function findRemade(
  before: Catalog,
  after: Catalog,
  now: CatalogRelation,
): CatalogRelation | undefined {
  if (now.kind !== 'index') return undefined;
  return [...before.values()].find(
    ({ oid, name, table, definition }) =>
      !after.has(oid) && name === now.name && table === now.table && definition === now.definition,
  );
}

type ToRef = (oid: Oid) => RelationRef;

function compareIndex(
  old: CatalogRelation | undefined,
  now: CatalogRelation,
  ref: ToRef,
): CatalogChange[] {
  if (!old) return [indexChange('index-created', now, ref)];
  return old.filenode === now.filenode ? [] : [indexChange('index-rebuilt', now, ref)];
}

function indexChange(
  type: 'index-created' | 'index-dropped' | 'index-rebuilt',
  index: CatalogRelation,
  ref: ToRef,
): CatalogChange {
  return {
    type,
    table: ref(index.table ?? 0),
    index: ref(index.oid),
    definition: index.definition ?? '',
    unique: index.unique,
    ofConstraint: index.ofConstraint !== null,
  };
}

function compareTable(
  old: CatalogRelation | undefined,
  now: CatalogRelation,
  ref: ToRef,
): CatalogChange[] {
  const table = ref(now.oid);
  if (!old) {
    const made: CatalogChange = { type: 'table-created', table, columns: now.columns };
    return [made, ...compareConstraints(undefined, now, table, ref)];
  }
  const changes: CatalogChange[] = [];
  if (old.name !== now.name) changes.push({ type: 'table-renamed', table, to: now.name });
  if (old.filenode !== now.filenode && now.filenode !== null)
    changes.push({ type: 'table-rewritten', table });
  if (old.partitionOf !== now.partitionOf) {
    const parent = now.partitionOf ?? old.partitionOf ?? 0;
    const type = now.partitionOf === null ? 'partition-detached' : 'partition-attached';
    changes.push({ type, table: ref(parent), partition: table });
  }
  return [
    ...changes,
    ...compareColumns(old, now, table),
    ...compareConstraints(old, now, table, ref),
  ];
}

function compareColumns(
  old: CatalogRelation,
  now: CatalogRelation,
  table: RelationRef,
): CatalogChange[] {
  const before = new Map(old.columns.map((column) => [column.number, column]));
  const after = new Set(now.columns.map(({ number }) => number));
  const changes: CatalogChange[] = [];
  for (const column of now.columns) {
    const was = before.get(column.number);
    if (!was) {
      changes.push({ type: 'column-added', table, column });
      continue;
    }
    if (was.name !== column.name)
      changes.push({
        type: 'column-renamed',
        table,
        column: was.name,
        to: column.name,
        columnType: column.type,
      });
    if (was.type !== column.type || was.typeOid !== column.typeOid)
      changes.push({
        type: 'type-changed',
        table,
        column: column.name,
        from: was.type,
        to: column.type,
      });
    if (was.notNull !== column.notNull)
      changes.push({
        type: column.notNull ? 'not-null-set' : 'not-null-dropped',
        table,
        column: column.name,
      });
  }
  for (const column of old.columns)
    if (!after.has(column.number))
      changes.push({
        type: 'column-dropped',
        table,
        column: column.name,
        columnType: column.type,
      });
  return changes;
}

function compareConstraints(
  old: CatalogRelation | undefined,
  now: CatalogRelation,
  table: RelationRef,
  ref: ToRef,
): CatalogChange[] {
  const before = new Map(old?.constraints.map((constraint) => [constraint.oid, constraint]) ?? []);
  const after = new Set(now.constraints.map(({ oid }) => oid));
  const change = (
    type: 'constraint-added' | 'constraint-validated' | 'constraint-dropped',
    { name, kind, validated, definition, references }: CatalogConstraint,
  ): CatalogChange => ({
    type,
    table,
    name,
    kind,
    validated,
    definition,
    references: references === null ? undefined : ref(references),
  });
  const changes: CatalogChange[] = [];
  // A change of type makes the column's constraints anew, under other numbers.
  const remade = new Set(
    now.constraints
      .filter(
        ({ oid, name }) =>
          !before.has(oid) && [...before.values()].some((old) => old.name === name),
      )
      .map(({ name }) => name),
  );
  for (const constraint of now.constraints) {
    const was = before.get(constraint.oid);
    if (remade.has(constraint.name)) continue;
    if (!was) changes.push(change('constraint-added', constraint));
    else if (!was.validated && constraint.validated)
      changes.push(change('constraint-validated', constraint));
  }
  for (const constraint of before.values())
    if (!after.has(constraint.oid) && !remade.has(constraint.name))
      changes.push(change('constraint-dropped', constraint));
  return changes;
}
