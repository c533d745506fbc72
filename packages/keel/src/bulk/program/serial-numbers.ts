import type { ColumnPlan, Segment } from '../plan/bulk-plan';

/** The number of row `i` in a serial column. Each time that a table grew, its numbers start at another base. */
export function serialNumbers(
  segments: readonly Segment[],
  { name, generator }: ColumnPlan,
): (i: number) => number {
  const step = generator.kind === 'serial' ? generator.step : 1;
  let segment = segments[0];
  return (i) => {
    if (!segment || i < segment.from || i >= segment.to)
      segment = segments.find((each) => i < each.to);
    return (segment?.bases[name] ?? 1) + (i - (segment?.from ?? 0)) * step;
  };
}
