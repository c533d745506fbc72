import type { CatalogUnique } from './catalog-table';
import type { ColumnRules } from './column-rules';
import { constraintRulesOf } from './constraint-rules';
import type { ColumnOptions } from './define-plan';
import { parseExpression } from './parse-expression';
import { columnOption, type ChosenTable } from './plan-inputs';

/**
 * The unique constraints and indexes of a table that rows have to hold. One that covers some rows only is held
 * for all of them, unless none of the rows can be among those.
 */
export function heldUniques(chosen: ChosenTable): readonly CatalogUnique[] {
  return chosen.catalog.uniques
    .filter(({ predicate }) => predicate === undefined || mayHold(chosen, predicate))
    .map((unique) => ({ ...unique, columns: filledColumns(chosen, unique.columns) }));
}

/** The same columns, with generated ones replaced by the columns that they are generated from. */
export function filledColumns({ catalog }: ChosenTable, names: readonly string[]): string[] {
  const filled = names.flatMap(
    (name) => catalog.columns.find((each) => each.name === name)?.generated?.from ?? [name],
  );
  return [...new Set(filled)];
}

function mayHold(chosen: ChosenTable, predicate: string): boolean {
  const expression = parseExpression(predicate);
  if (!expression) return true;
  return [...constraintRulesOf([expression]).columns].every(([column, rules]) => {
    const values = knownValues(chosen, column);
    return !values || values.some((value) => satisfies(value, rules));
  });
}

function satisfies(
  value: string | null,
  { values, excluded, null: mustBeNull }: ColumnRules,
): boolean {
  if (value === null) return mustBeNull === true;
  if (mustBeNull === true) return false;
  const same = (other: string): boolean => other === value || truth(other) === truth(value);
  return (values?.some(same) ?? true) && !(excluded?.some(same) ?? false);
}

/** The spellings of a boolean as one; anything else as it is. */
function truth(text: string): string {
  return /^(t|f|true|false)$/i.test(text) ? text.charAt(0).toLowerCase() : text;
}

/** The values of a column that can only have a few; undefined where that is not known. */
function knownValues(chosen: ChosenTable, column: string): readonly (string | null)[] | undefined {
  const options: ColumnOptions | undefined = columnOption(chosen, column);
  const generator = options?.generator;
  if (!generator) {
    const role = chosen.model?.columns.find((each) => each.field === column)?.role;
    return role === 'deletedAt' ? [null] : undefined;
  }
  if (typeof generator === 'function' || (options?.nullRate ?? 0) > 0) return undefined;
  if (generator.kind === 'constant') return [generator.value];
  return generator.kind === 'choice' ? generator.values : undefined;
}
