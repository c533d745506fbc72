import type { CatalogColumn } from '../read/bulk-catalog';
import { rulesOf, type CheckRules } from './constraint-rules';
import { chooseGenerator } from './choose-generator';
import type { ColumnOptions } from './define-plan';
import { parseExpression } from './parse-expression';
import {
  attributeOf,
  fieldOf,
  nameOf,
  optionsOf,
  type Findings,
  type Subject,
} from './plan-inputs';
import { keepOrder } from './apply-precedences';
import { narrow } from './narrow-generator';
import { heldUniques } from './held-uniques';
import { toPgText } from '../generators/to-pg-text';
import type { ColumnPlan, Generator, RelationPlan } from './bulk-plan';

const INTEGERS = new Set(['int2', 'int4', 'int8']);

/** The columns of a table that are filled, other than by relations. Uniques are not known yet. */
export function planColumns(
  subject: Subject,
  relations: readonly RelationPlan[],
  findings: Findings,
): ColumnPlan[] {
  const related = new Set(relations.flatMap((relation) => relation.columns));
  const given = columnOptions(subject, related, findings);
  const rules = checkRulesOf(subject);
  const columns: ColumnPlan[] = [];
  for (const column of subject.catalog.columns) {
    if (column.generated || related.has(column.name)) continue;
    const plan = planColumn(subject, column, { options: given.get(column.name), rules }, findings);
    if (plan) columns.push(plan);
  }
  const described = [...given].filter(([, { generator }]) => generator !== undefined);
  return keepOrder(columns, rules.precedences, new Set(described.map(([name]) => name)));
}

function checkRulesOf({ catalog }: Subject): CheckRules {
  const expressions = catalog.constraints.map(({ expression }) => parseExpression(expression));
  return rulesOf(expressions.filter((each) => each !== undefined));
}

/** What is said of a column besides its type. */
interface ColumnWishes {
  readonly options: ColumnOptions | undefined;
  readonly rules: CheckRules;
}

function planColumn(
  subject: Subject,
  column: CatalogColumn,
  { options, rules }: ColumnWishes,
  findings: Findings,
): ColumnPlan | undefined {
  const attribute = attributeOf(subject, column.name);
  const model = subject.model?.columns.find((each) => each.field === column.name);
  const unique =
    options?.unique === true || model?.unique === true || isUniqueAlone(subject, column.name);
  const label = `${nameOf(subject)}.${attribute}`;
  const found = generatorFor(subject, column, unique, options, findings);
  const asked = options?.generator ? undefined : rules.columns.get(column.name);
  const generator = asked ? narrow(found, asked, column.type) : found;
  const nullRate = options?.nullRate ?? 0;
  if (!(nullRate >= 0 && nullRate <= 1))
    findings.problems.push(`${label}: nullRate must be from 0 to 1, not ${nullRate}.`);
  if (nullRate > 0 && column.notNull)
    findings.problems.push(`${label} is NOT NULL: nullRate must be 0.`);
  if (!generator) {
    if (column.hasDefault || !column.notNull) {
      findings.notices.push(
        `${label} (${column.type.sql}) has no generator and is left to its default.`,
      );
      return undefined;
    }
    findings.problems.push(
      `${label} has the type ${column.type.sql}, for which there is no generator: name one for it in a plan file (columns.${attribute}).`,
    );
    return undefined;
  }
  if (generator.kind === 'constant' && generator.value === null && !options?.generator)
    return undefined;
  return {
    name: column.name,
    attribute,
    type: column.type,
    notNull: column.notNull,
    nullRate,
    unique,
    generator,
  };
}

function isUniqueAlone(subject: Subject, name: string): boolean {
  const sets = [...heldUniques(subject).map(({ columns }) => columns), subject.catalog.primaryKey];
  return sets.some((columns) => columns.length === 1 && columns[0] === name);
}

function generatorFor(
  subject: Subject,
  column: CatalogColumn,
  unique: boolean,
  options: ColumnOptions | undefined,
  findings: Findings,
): Generator | undefined {
  const given = options?.generator;
  if (typeof given === 'function') {
    findings.customs.set(`${subject.id}.${column.name}`, given);
    if (subject.catalog.primaryKey.includes(column.name)) {
      findings.problems.push(
        `${nameOf(subject)}.${attributeOf(subject, column.name)} is part of the key, which undo has to make again without the plan file: use a generator, not a function.`,
      );
    }
    return { kind: 'custom', source: given.toString() };
  }
  if (given) return given;
  const { primaryKey } = subject.catalog;
  const alone = primaryKey.length === 1 && primaryKey[0] === column.name;
  if (INTEGERS.has(column.type.name) && (column.sequence !== undefined || alone)) {
    return { kind: 'serial', step: column.sequence === undefined ? 1 : column.sequenceStep };
  }
  const scoped = subject.model?.references.find((each) => column.name in each.scope)?.scope[
    column.name
  ];
  if (scoped !== undefined) return { kind: 'constant', value: toPgText(scoped, column.type) };
  const model = subject.model?.columns.find((each) => each.field === column.name);
  const created = subject.model?.columns.find((each) => each.role === 'createdAt')?.field;
  return chooseGenerator({
    name: column.name,
    type: column.type,
    unique,
    model,
    createdAt: subject.catalog.columns.some((each) => each.name === created) ? created : undefined,
  });
}

/** What the plan file says of the columns, by their names in the database. */
function columnOptions(
  subject: Subject,
  related: ReadonlySet<string>,
  findings: Findings,
): Map<string, ColumnOptions> {
  const found = new Map<string, ColumnOptions>();
  for (const [attribute, given] of Object.entries(subject.options.columns ?? {})) {
    if (given === undefined) continue;
    const field = fieldOf(subject, attribute);
    const label = `${nameOf(subject)}.columns.${attribute}`;
    if (field === undefined) {
      const known = subject.catalog.columns
        .map((column) => attributeOf(subject, column.name))
        .join(', ');
      findings.problems.push(`${label}: ${subject.id} has no such column; there are: ${known}.`);
    } else if (related.has(field)) {
      findings.problems.push(`${label} is a foreign key: describe it under "references".`);
    } else {
      found.set(field, optionsOf(given));
    }
  }
  return found;
}

/** The fixed rows of the plan file as PostgreSQL reads them, by column. */
export function planFixed(subject: Subject, findings: Findings): Record<string, string | null>[] {
  return (subject.options.fixed ?? []).map((row) => {
    const values: Record<string, string | null> = {};
    for (const [attribute, value] of Object.entries(row)) {
      const field = fieldOf(subject, attribute);
      const column = subject.catalog.columns.find((each) => each.name === field);
      if (column) values[column.name] = toPgText(value, column.type);
      else
        findings.problems.push(
          `${nameOf(subject)}.fixed: ${subject.id} has no column ${attribute}.`,
        );
    }
    return values;
  });
}
