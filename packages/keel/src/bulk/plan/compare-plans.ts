import type { ColumnPlan, RelationPlan, TablePlan } from './bulk-plan';

/**
 * What differs between the plan that a table's rows were made by and the one that is asked for now, in
 * sentences; empty where only the number of rows differs. Rows of one table follow one plan.
 */
export function comparePlans(made: TablePlan, asked: TablePlan): string[] {
  const name = asked.model;
  return [
    ...(made.existing === asked.existing
      ? []
      : [`${name}: rows were ${made.existing ? 'taken as they are' : 'made'} before`]),
    ...compareColumns(name, made.columns, asked.columns),
    ...compareRelations(name, made.relations, asked.relations),
    ...compareParts(`${name}: the unique combinations`, made.combinations, asked.combinations),
    ...compareParts(`${name}: the fixed rows`, made.fixed, asked.fixed),
    ...compareParts(`${name}: the key`, made.key, asked.key),
  ];
}

function compareColumns(
  name: string,
  made: readonly ColumnPlan[],
  asked: readonly ColumnPlan[],
): string[] {
  return compareNamed(
    name,
    new Map(made.map((column) => [column.attribute, column])),
    new Map(asked.map((column) => [column.attribute, column])),
  );
}

function compareRelations(
  name: string,
  made: readonly RelationPlan[],
  asked: readonly RelationPlan[],
): string[] {
  return compareNamed(
    name,
    new Map(made.map((relation) => [relation.attributes.join(', '), relation])),
    new Map(asked.map((relation) => [relation.attributes.join(', '), relation])),
  );
}

function compareNamed<T extends object>(
  name: string,
  made: ReadonlyMap<string, T>,
  asked: ReadonlyMap<string, T>,
): string[] {
  const added = [...asked.keys()]
    .filter((key) => !made.has(key))
    .map((key) => `${name}.${key} is new`);
  const gone = [...made.keys()]
    .filter((key) => !asked.has(key))
    .map((key) => `${name}.${key} is no longer filled`);
  const changed = [...asked].flatMap(([key, now]) => {
    const before = made.get(key);
    return before ? compareFields(`${name}.${key}`, before, now) : [];
  });
  return [...added, ...gone, ...changed];
}

/** Type oids and the spelling of types differ between databases. Neither changes the rows. */
const IGNORED = new Set(['oid', 'sql']);

function compareFields(label: string, made: object, asked: object): string[] {
  const fields = new Set([...Object.keys(made), ...Object.keys(asked)]);
  const value = (of: object, field: string): unknown => (of as Record<string, unknown>)[field];
  return [...fields].flatMap((field) =>
    compareParts(`${label}: ${field}`, value(made, field), value(asked, field)),
  );
}

function compareParts(label: string, made: unknown, asked: unknown): string[] {
  const before = stable(made);
  const now = stable(asked);
  return before === now ? [] : [`${label} was ${shorten(before)}, now ${shorten(now)}`];
}

function shorten(text: string): string {
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}

/** JSON with sorted keys: `jsonb` keeps no order. */
function stable(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stable).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'nothing';
  const entries = Object.entries(value)
    .filter(([key, each]) => each !== undefined && !IGNORED.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${stable(each)}`).join(',')}}`;
}
