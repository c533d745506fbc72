import { compareOthers, differingOthers } from '../diff/compare-others';
import type { Difference, Sides } from '../diff/describe-operation';
import { compareExact } from '../diff/compare-exact';
import { describeOperations } from '../diff/describe-operations';
import { tableOf, type Operation } from '../diff/operation';
import { keyOf } from '../schema/object-names';
import type { Schema } from '../schema/schema';

/** What two replays of the same migrations build differently: a time, a random text. */
export interface Unrepeatable {
  readonly operations: ReadonlySet<string>;
  /** As {@link compareOthers} calls them. */
  readonly others: ReadonlySet<string>;
}

/** Nothing was replayed twice. */
export const allRepeatable: Unrepeatable = { operations: new Set(), others: new Set() };

export function findUnrepeatable(first: Schema, second: Schema): Unrepeatable {
  return {
    operations: new Set(compareExact(first, second).map(aboutWhat)),
    others: differingOthers(first, second),
  };
}

export interface DatabaseFindings {
  readonly differences: readonly Difference[];
  /** What is not compared, and why. */
  readonly notices: readonly Difference[];
}

/** How the database differs from what the migrations build, without what no replay can repeat. */
export function compareDatabase(
  built: Schema,
  live: Schema,
  sides: Sides,
  { operations: changing, others }: Unrepeatable,
): DatabaseFindings {
  const all = compareExact(built, live);
  const isChanging = (operation: Operation): boolean => changing.has(aboutWhat(operation));
  const major = ({ serverVersion }: Schema): number => Math.floor(serverVersion / 10_000);
  const definitions = major(built) === major(live);
  const compared = compareOthers(built, live, sides, { definitions, skip: others });
  const left = compareOthers(built, live, sides, { definitions }).filter(
    ({ text }) => !compared.some((difference) => difference.text === text),
  );
  return {
    differences: [
      ...describeOperations(
        all.filter((operation) => !isChanging(operation)),
        sides,
      ),
      ...compared,
    ],
    notices: [...describeOperations(all.filter(isChanging), sides), ...left].map(
      ({ table, text }) => ({
        table,
        text: `${text}; every replay makes another, so that this is not compared`,
      }),
    ),
  };
}

/** The part of the schema that an operation changes, whatever to. */
function aboutWhat(operation: Operation): string {
  const table = tableOf(operation);
  return [operation.type, table === undefined ? '' : keyOf(table), partOf(operation)].join('|');
}

function partOf(operation: Operation): string {
  if ('constraint' in operation) return operation.constraint.name;
  if ('index' in operation) return operation.index.name;
  if ('what' in operation) return operation.what;
  if ('enum' in operation) return keyOf(operation.enum);
  if ('column' in operation)
    return typeof operation.column === 'object' ? operation.column.name : (operation.column ?? '');
  if ('after' in operation && typeof operation.after === 'object') return operation.after.name;
  return 'name' in operation ? operation.name : '';
}
