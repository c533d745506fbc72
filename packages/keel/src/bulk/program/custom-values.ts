import { KeelError } from '../../errors';
import { drawUnit, type Key } from '../generators/random-draws';
import { toPgText } from '../generators/to-pg-text';
import type { CustomGenerator } from '../generators/values-of';
import type { ColumnPlan, TablePlan } from '../plan/bulk-plan';

/** The values that a function of the plan file makes, as PostgreSQL reads them. */
export function customValues(
  customs: ReadonlyMap<string, CustomGenerator>,
  plan: TablePlan,
  { name, type }: ColumnPlan,
  key: Key,
): (i: number) => string | null {
  const label = `${plan.id}.${name}`;
  const generate = customs.get(label);
  return (i) => {
    if (!generate) {
      throw new KeelError(
        `The function that makes ${label} is in the plan file, which was not given.`,
        { code: 'SEED_PLAN_NEEDED', hint: 'Name the plan file with --plan.' },
      );
    }
    return toPgText(generate({ index: i, random: (salt = 0) => drawUnit(key, i, salt) }), type);
  };
}
