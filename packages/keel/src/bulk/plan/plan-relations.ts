import type { ReferenceOptions } from './define-plan';
import { distributionOf } from './define-plan';
import {
  attributeOf,
  fieldOf,
  isModelOf,
  nameOf,
  type Findings,
  type ChosenTable,
} from './plan-inputs';
import type { RelationPlan } from './bulk-plan';

interface Candidate {
  readonly columns: readonly string[];
  readonly parent: string;
  readonly parentColumns: readonly string[];
  /** Whether the database holds to it; else it is an association alone. */
  readonly enforced: boolean;
}

/**
 * The relations of a table: its foreign keys, and associations that have none in the database. A column
 * belongs to one relation only, to the one with the most columns.
 */
export function planRelations(
  chosen: ChosenTable,
  chosenTables: readonly ChosenTable[],
  findings: Findings,
): RelationPlan[] {
  const taken = new Set<string>();
  const relations: RelationPlan[] = [];
  for (const candidate of candidatesOf(chosen, chosenTables)) {
    const covered = candidate.columns.filter((column) => taken.has(column));
    const kept = relations.some((known) => follows(candidate, known, chosenTables));
    if (covered.length === candidate.columns.length && (kept || !candidate.enforced)) {
      if (!kept) findings.notices.push(leftOut(chosen, candidate, relations));
      continue;
    }
    if (covered.length > 0) {
      findings.problems.push(
        `${nameOf(chosen)}: the foreign keys over ${candidate.columns.join(', ')} share ${covered.join(', ')} with another; fill this table by a seeder.`,
      );
      continue;
    }
    const generated = candidate.columns.find(
      (name) => chosen.catalog.columns.find((each) => each.name === name)?.generated,
    );
    if (generated !== undefined) {
      findings.problems.push(
        `${nameOf(chosen)}.${attributeOf(chosen, generated)} is a foreign key that the database generates from other columns: fill this table by a seeder.`,
      );
      continue;
    }
    for (const column of candidate.columns) taken.add(column);
    relations.push(relationOf(chosen, candidate, findings));
  }
  checkReferences(chosen, relations, findings);
  return relations;
}

/** Whether rows that keep to a relation keep to the other one too: it says the same, or the parent's own keys see to it. */
function follows(
  { columns, parent, parentColumns }: Candidate,
  known: Pick<Candidate, 'columns' | 'parent' | 'parentColumns'>,
  chosenTables: readonly ChosenTable[],
  depth = 0,
): boolean {
  const led = columns.map((name) => known.parentColumns[known.columns.indexOf(name)]);
  if (led.includes(undefined) || depth > 8) return false;
  if (parent === known.parent && led.every((name, at) => name === parentColumns[at])) return true;
  const keys = chosenTables.find(({ id }) => id === known.parent)?.catalog.foreignKeys ?? [];
  const rest = { columns: led as string[], parent, parentColumns, enforced: true };
  return keys.some((key) => follows(rest, key, chosenTables, depth + 1));
}

function leftOut(
  chosen: ChosenTable,
  { columns, parent }: Candidate,
  relations: readonly RelationPlan[],
): string {
  const filled = relations.find((known) => columns.every((name) => known.columns.includes(name)));
  const names = columns.map((name) => attributeOf(chosen, name)).join(', ');
  return `${nameOf(chosen)}.${names} is associated with ${filled?.parent ?? 'other tables'} and with ${parent}: its rows get parents of the first alone.`;
}

function candidatesOf(chosen: ChosenTable, chosenTables: readonly ChosenTable[]): Candidate[] {
  const keys: Candidate[] = chosen.catalog.foreignKeys.map(
    ({ columns, parent, parentColumns }) => ({
      columns,
      parent,
      parentColumns,
      enforced: true,
    }),
  );
  for (const reference of chosen.model?.references ?? []) {
    const parent = chosenTables.find((each) => isModelOf(each, reference.target));
    const exists = reference.fields.every((field) =>
      chosen.catalog.columns.some((column) => column.name === field),
    );
    if (!parent || !exists) continue;
    keys.push({
      columns: reference.fields,
      parent: parent.id,
      parentColumns: reference.targetFields,
      enforced: false,
    });
  }
  // A row that refers to itself by the same columns says nothing.
  const refersToItself = ({ columns, parent, parentColumns }: Candidate): boolean =>
    parent === chosen.id && columns.every((name, at) => name === parentColumns[at]);
  const order = new Map(chosen.catalog.columns.map((column, at) => [column.name, at]));
  const first = (candidate: Candidate): number => order.get(candidate.columns[0]!) ?? 0;
  return keys
    .filter((key) => !refersToItself(key))
    .sort((a, b) => b.columns.length - a.columns.length || first(a) - first(b));
}

function relationOf(chosen: ChosenTable, candidate: Candidate, findings: Findings): RelationPlan {
  const columns = candidate.columns.map((name) =>
    chosen.catalog.columns.find((each) => each.name === name)!,
  );
  const attributes = candidate.columns.map((name) => attributeOf(chosen, name));
  const options = referenceOptions(chosen, candidate.columns[0]!);
  const notNull = columns.some((column) => column.notNull);
  const own = candidate.parent === chosen.id;
  const label = `${nameOf(chosen)}.${attributes[0]!}`;
  checkOptions(label, options, { notNull, own }, findings);
  return {
    columns: candidate.columns,
    attributes,
    types: columns.map((column) => column.type),
    notNull,
    parent: candidate.parent,
    parentColumns: candidate.parentColumns,
    shape: {
      min: options.min ?? 0,
      max: options.max,
      share: options.share ?? 1,
      distribution: distributionOf(options.distribution),
    },
    // Trees have a few roots.
    nullRate: options.nullRate ?? (own && !notNull ? 0.05 : 0),
    mode: own ? 'tree' : 'drawn',
    late: false,
  };
}

export function referenceOptions(chosen: ChosenTable, field: string): ReferenceOptions {
  const given = Object.entries(chosen.options.references ?? {});
  return given.find(([attribute]) => fieldOf(chosen, attribute) === field)?.[1] ?? {};
}

function checkReferences(
  chosen: ChosenTable,
  relations: readonly RelationPlan[],
  { problems }: Findings,
): void {
  for (const attribute of Object.keys(chosen.options.references ?? {})) {
    const field = fieldOf(chosen, attribute);
    if (field !== undefined && relations.some((relation) => relation.columns[0] === field))
      continue;
    const known = relations.map((relation) => relation.attributes[0]!).join(', ') || 'none';
    problems.push(
      `${nameOf(chosen)}.references.${attribute} is not a foreign key of ${chosen.id}; there is: ${known}.`,
    );
  }
}

function checkOptions(
  label: string,
  options: ReferenceOptions,
  { notNull, own }: { readonly notNull: boolean; readonly own: boolean },
  { problems }: Findings,
): void {
  const { min = 0, max, share = 1, nullRate = 0 } = options;
  if (!Number.isInteger(min) || min < 0)
    problems.push(`${label}: min must be a whole number from 0, not ${min}.`);
  if (max !== undefined && (!Number.isInteger(max) || max < Math.max(1, min))) {
    problems.push(
      `${label}: max must be a whole number from ${Math.max(1, min)} (1 or min), not ${max}.`,
    );
  }
  if (!(share > 0 && share <= 1))
    problems.push(`${label}: share must be above 0 and at most 1, not ${share}.`);
  if (!(nullRate >= 0 && nullRate <= 1))
    problems.push(`${label}: nullRate must be from 0 to 1, not ${nullRate}.`);
  if (nullRate > 0 && notNull) problems.push(`${label} is NOT NULL: nullRate must be 0.`);
  if (nullRate > 0 && min > 0) problems.push(`${label}: min and nullRate exclude each other.`);
  if (own && (max !== undefined || min > 0)) {
    problems.push(
      `${label} refers to its own table, where every row draws a parent before it: min and max do not apply.`,
    );
  }
  const { distribution } = options;
  if (typeof distribution === 'object' && 'zipf' in distribution && !(distribution.zipf > 0)) {
    problems.push(`${label}: the exponent of zipf must be above 0, not ${distribution.zipf}.`);
  }
  if (typeof distribution === 'object' && 'weighted' in distribution) {
    const wrong = distribution.weighted.find((each) => !(each.share > 0) || !(each.weight >= 0));
    if (wrong || !distribution.weighted.some((each) => each.weight > 0)) {
      problems.push(
        `${label}: each class of "weighted" needs a share above 0 and a weight from 0, one of them above 0.`,
      );
    }
  }
}
