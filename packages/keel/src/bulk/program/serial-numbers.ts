import type { ColumnPlan, Segment } from '../plan/bulk-plan';

/** The number that a serial column has in row `i`: each growth of the table starts at a base of its own. */
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
