import type { CatalogColumn } from './catalog-table';
import { constraintRulesOf, type ConstraintRules } from './constraint-rules';
import { chooseGenerator } from './choose-generator';
import type { ColumnOptions } from './define-plan';
import { parseExpression } from './parse-expression';
import {
  attributeOf,
  fieldOf,
  nameOf,
  optionsOf,
  type Findings,
  type ChosenTable,
} from './plan-inputs';
import { applyPrecedences } from './apply-precedences';
import { narrowGenerator } from './narrow-generator';
import { heldUniques } from './held-uniques';
import { toPgText } from '../generators/to-pg-text';
import type { Generator } from '../generators/generator';
import type { ColumnPlan, RelationPlan } from './bulk-plan';

const INTEGERS = new Set(['int2', 'int4', 'int8']);

/** The columns of a table that are filled, other than by relations. Uniques are not known yet. */
export function planColumns(
  chosen: ChosenTable,
  relations: readonly RelationPlan[],
  findings: Findings,
): ColumnPlan[] {
  const related = new Set(relations.flatMap((relation) => relation.columns));
  const given = columnOptions(chosen, related, findings);
  const rules = checkRulesOf(chosen);
  const columns: ColumnPlan[] = [];
  for (const column of chosen.catalog.columns) {
    if (column.generated || related.has(column.name)) continue;
    const plan = planColumn(chosen, column, { options: given.get(column.name), rules }, findings);
    if (plan) columns.push(plan);
  }
  const described = [...given].filter(([, { generator }]) => generator !== undefined);
  return applyPrecedences(columns, rules.precedences, new Set(described.map(([name]) => name)));
}

function checkRulesOf({ catalog }: ChosenTable): ConstraintRules {
  const expressions = catalog.constraints.map(({ expression }) => parseExpression(expression));
  return constraintRulesOf(expressions.filter((each) => each !== undefined));
}

/** What is said of a column besides its type. */
interface ColumnWishes {
  readonly options: ColumnOptions | undefined;
  readonly rules: ConstraintRules;
}

function planColumn(
  chosen: ChosenTable,
  column: CatalogColumn,
  { options, rules }: ColumnWishes,
  findings: Findings,
): ColumnPlan | undefined {
  const attribute = attributeOf(chosen, column.name);
  const model = chosen.model?.columns.find((each) => each.field === column.name);
  const unique =
    options?.unique === true || model?.unique === true || isUniqueAlone(chosen, column.name);
  const label = `${nameOf(chosen)}.${attribute}`;
  const found = generatorFor(chosen, column, unique, options, findings);
  const asked = options?.generator ? undefined : rules.columns.get(column.name);
  const generator = asked ? narrowGenerator(found, asked, column.type) : found;
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

function isUniqueAlone(chosen: ChosenTable, name: string): boolean {
  const sets = [...heldUniques(chosen).map(({ columns }) => columns), chosen.catalog.primaryKey];
  return sets.some((columns) => columns.length === 1 && columns[0] === name);
}

function generatorFor(
  chosen: ChosenTable,
  column: CatalogColumn,
  unique: boolean,
  options: ColumnOptions | undefined,
  findings: Findings,
): Generator | undefined {
  const given = options?.generator;
  if (typeof given === 'function') {
    findings.customs.set(`${chosen.id}.${column.name}`, given);
    if (chosen.catalog.primaryKey.includes(column.name)) {
      findings.problems.push(
        `${nameOf(chosen)}.${attributeOf(chosen, column.name)} is part of the key, which undo has to make again without the plan file: use a generator, not a function.`,
      );
    }
    return { kind: 'custom', source: given.toString() };
  }
  if (given) return given;
  const { primaryKey } = chosen.catalog;
  const alone = primaryKey.length === 1 && primaryKey[0] === column.name;
  if (INTEGERS.has(column.type.name) && (column.sequence !== undefined || alone)) {
    return { kind: 'serial', step: column.sequence?.step ?? 1 };
  }
  const scoped = chosen.model?.references.find((each) => column.name in each.scope)?.scope[
    column.name
  ];
  if (scoped !== undefined) return { kind: 'constant', value: toPgText(scoped, column.type) };
  const model = chosen.model?.columns.find((each) => each.field === column.name);
  const created = chosen.model?.columns.find((each) => each.role === 'createdAt')?.field;
  return chooseGenerator({
    name: column.name,
    type: column.type,
    unique,
    model,
    createdAt: chosen.catalog.columns.some((each) => each.name === created) ? created : undefined,
  });
}

/** What the plan file says of the columns, by their names in the database. */
function columnOptions(
  chosen: ChosenTable,
  related: ReadonlySet<string>,
  findings: Findings,
): Map<string, ColumnOptions> {
  const found = new Map<string, ColumnOptions>();
  for (const [attribute, given] of Object.entries(chosen.options.columns ?? {})) {
    if (given === undefined) continue;
    const field = fieldOf(chosen, attribute);
    const label = `${nameOf(chosen)}.columns.${attribute}`;
    if (field === undefined) {
      const known = chosen.catalog.columns
        .map((column) => attributeOf(chosen, column.name))
        .join(', ');
      findings.problems.push(`${label}: ${chosen.id} has no such column; there are: ${known}.`);
    } else if (related.has(field)) {
      findings.problems.push(`${label} is a foreign key: describe it under "references".`);
    } else {
      found.set(field, optionsOf(given));
    }
  }
  return found;
}

/** The fixed rows of the plan file as PostgreSQL reads them, by column. */
export function planFixed(
  chosen: ChosenTable,
  findings: Findings,
): Record<string, string | null>[] {
  return (chosen.options.fixed ?? []).map((row) => {
    const values: Record<string, string | null> = {};
    for (const [attribute, value] of Object.entries(row)) {
      const field = fieldOf(chosen, attribute);
      const column = chosen.catalog.columns.find((each) => each.name === field);
      if (column) values[column.name] = toPgText(value, column.type);
      else
        findings.problems.push(`${nameOf(chosen)}.fixed: ${chosen.id} has no column ${attribute}.`);
    }
    return values;
  });
}
