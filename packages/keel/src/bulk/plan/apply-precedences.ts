import type { Precedence } from './constraint-rules';
import { FLOAT_STEP } from './narrow-generator';
import type { Generator } from '../generators/generator';
import type { ColumnPlan } from './bulk-plan';

/**
 * Where CHECK constraints put columns in an order (`start < end`), divides their range into one part for each column,
 * so that every row is in order. Columns that the plan file describes stay as they are.
 */
export function applyPrecedences(
  columns: readonly ColumnPlan[],
  precedences: readonly Precedence[],
  described: ReadonlySet<string>,
): ColumnPlan[] {
  const open = precedences.filter(
    (each) => each.strict || !isAfter(columns, each.second, each.first),
  );
  const names = new Set(open.flatMap(({ first, second }) => [first, second]));
  const members = columns.filter((column) => names.has(column.name) && !described.has(column.name));
  const alike = new Map<string, Member[]>();
  for (const column of members) {
    const range = rangedOf(column, columns);
    if (!range) continue;
    const kind = `${column.type.name} ${range.kind} ${unitOf(range)}`;
    alike.set(kind, [...(alike.get(kind) ?? []), { name: column.name, range }]);
  }
  const ranges = new Map([...alike.values()].flatMap((group) => [...shareOut(group, open)]));
  return columns.map((column) => {
    const generator = ranges.get(column.name);
    return generator ? { ...column, generator } : column;
  });
}

interface Member {
  readonly name: string;
  readonly range: Ranged;
}

function shareOut(
  members: readonly Member[],
  precedences: readonly Precedence[],
): Map<string, Ranged> {
  const levels = levelsOf(members, precedences);
  const steps = Math.max(...levels.values()) + 1;
  const lowest = Math.min(...members.map(({ range }) => range.min));
  const highest = Math.max(...members.map(({ range }) => range.max));
  const shared = new Map<string, Ranged>();
  if (steps === 1) return shared;
  for (const { name, range } of members) {
    const unit = unitOf(range);
    const part = Math.floor((highest - lowest) / unit / steps) * unit;
    const from = lowest + levels.get(name)! * part;
    const min = Math.max(range.min, from);
    const max = Math.min(range.max, from + part - unit);
    if (min <= max) shared.set(name, { ...range, min, max });
  }
  return shared;
}

type Ranged = Extract<Generator, { kind: 'integer' | 'decimal' | 'float' }>;

/** The range of a column. An `after` column has the range of the column that it is computed from. */
function rangedOf({ generator }: ColumnPlan, columns: readonly ColumnPlan[]): Ranged | undefined {
  const base =
    generator.kind === 'after'
      ? columns.find((each) => each.name === generator.column)?.generator
      : generator;
  if (base?.kind === 'integer' || base?.kind === 'decimal' || base?.kind === 'float') return base;
  return undefined;
}

function unitOf(range: Ranged): number {
  if (range.kind === 'float') return FLOAT_STEP;
  return range.kind === 'integer' ? (range.unit ?? 1) : 1;
}

function isAfter(columns: readonly ColumnPlan[], name: string, other: string): boolean {
  const generator = columns.find((column) => column.name === name)?.generator;
  return generator?.kind === 'after' && generator.column === other;
}

/** How many columns come before each, on the longest way. */
function levelsOf(
  members: readonly Member[],
  precedences: readonly Precedence[],
): Map<string, number> {
  const levels = new Map(members.map(({ name }) => [name, 0]));
  // Rounds are limited: a circle is a contradiction, and the check of the first rows finds it.
  for (let round = 0; round <= members.length; round += 1) {
    for (const { first, second } of precedences) {
      const [before, after] = [levels.get(first), levels.get(second)];
      if (before !== undefined && after !== undefined && after <= before)
        levels.set(second, before + 1);
    }
  }
  return levels;
}
