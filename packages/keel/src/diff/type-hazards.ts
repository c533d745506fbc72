import { quoteIdentifier, quoteLiteral } from '../db/quote';
import { displayName } from '../schema/object-names';
import type { QualifiedName } from '../schema/schema';
import { conversionOf } from './conversion';
import type { Conversion } from './conversion-rule';
import { hazard, type Hazard, type HazardContext } from './hazard';
import type { Operation, OperationOf } from './operation';
import { brokenRules } from './rule-hazards';

/** Three facts that have nothing to do with each other: a change may lose, fail and rewrite, or none of it. */
export function changeType(operation: OperationOf<'changeType'>, context: HazardContext): Hazard[] {
  const { table, before, after } = operation;
  const values = context.enumValues(after.enumType);
  const conversion = conversionOf(before, after, { utc: context.utc, values });
  const column = quoteIdentifier(context.oldColumn(table, after.name));
  const where = `${displayName(table)}.${after.name}`;
  const { fails, loses, empties, isMissing, rewrites } = conversion;
  const found: Hazard[] = [];
  if (loses !== undefined) {
    const rest = before.type.endsWith('[]')
      ? ', which is no array any more'
      : `, which becomes ${after.type}`;
    const isShape = before.type.endsWith('[]') && !after.type.endsWith('[]');
    const what = `${loses.what ?? 'values of'} ${where}${isShape ? rest : `, which becomes ${after.type}`}`;
    const rows = loses.rows?.(column);
    found.push({ ...hazard(context, operation, 'loses data', what, rows), minor: loses.minor });
  }
  if (fails !== undefined) {
    const what =
      isMissing === true
        ? `nothing turns ${before.type} into ${after.type} by itself: write the USING of ${where} by hand`
        : `${where} becomes ${after.type}, which not every ${before.type} fits into`;
    const rows = fails.rows?.(column);
    found.push({ ...hazard(context, operation, 'may fail', what, rows), minor: fails.minor });
  }
  if (empties !== undefined && (before.notNull || after.notNull)) {
    const [kind, is] = after.notNull
      ? (['may fail', 'is'] as const)
      : (['no way back', 'was'] as const);
    const what = `${where} ${is} NOT NULL, and some values become NULL as ${after.type}`;
    const rows = empties.rows?.(column);
    found.push({ ...hazard(context, operation, kind, what, rows), minor: true });
  }
  found.push(...brokenRules(context, operation, conversion));
  found.push(...losesWayBack(operation, context, conversion));
  if (rewrites) found.push(rewrite(operation, table, `${where} becomes ${after.type}`));
  return found;
}

export function rewrite(operation: Operation, table: QualifiedName, what: string): Hazard {
  return { kind: 'rewrites the table', what: `${what}, under an exclusive lock`, table, operation };
}

/** What a value has become may not fit into the type of before: 99.99 is 100 as a whole number. */
function losesWayBack(
  operation: OperationOf<'changeType'>,
  context: HazardContext,
  { using, fails, loses, helper }: Conversion,
): Hazard[] {
  const { table, before, after } = operation;
  const back = conversionOf(after, before, { utc: context.utc, values: undefined });
  const stops = back.fails ?? (before.notNull ? back.empties : undefined);
  if (loses === undefined || stops === undefined) return [];
  const column = quoteIdentifier(context.oldColumn(table, after.name));
  const converted = using?.(column) ?? `${column}::${after.type}`;
  const isOver = stops.rows?.(converted);
  const isWrong = fails === undefined ? 'false' : fails.rows?.(column);
  const isKnown = isOver !== undefined && isWrong !== undefined && helper === undefined;
  const rows = isKnown ? `CASE WHEN ${isWrong} THEN false ELSE ${isOver} END` : undefined;
  const what = `undoing turns ${displayName(table)}.${after.name} into ${before.type} again, which not every ${after.type} fits into`;
  return [{ ...hazard(context, operation, 'no way back', what, rows), minor: true }];
}

export function replaceEnum(
  operation: OperationOf<'replaceEnum'>,
  context: HazardContext,
): Hazard[] {
  const { before, after, columns } = operation;
  const removed = before.values.filter((value) => !after.values.includes(value));
  return columns.flatMap(({ table, column, before: old, after: next }): Hazard[] => {
    const name = quoteIdentifier(context.oldColumn(table, column));
    const where = `${displayName(table)}.${column}`;
    const found: Hazard[] = [];
    if (old.isArray && !next.isArray) {
      const what = `all but the first element of ${where}, which is no array any more`;
      const rows = `${name} IS NOT NULL AND (cardinality(${name}) <> 1 OR ${name}[1] IS NULL)`;
      found.push(hazard(context, operation, 'loses data', what, rows, table));
    }
    if (removed.length > 0) {
      const list = removed.map((value) => quoteLiteral(value).trim()).join(', ');
      const rows = old.isArray ? `${name}::text[] && ARRAY[${list}]` : `${name}::text IN (${list})`;
      const what = `${where} can no longer be ${removed.join(', ')}`;
      found.push(hazard(context, operation, 'may fail', what, rows, table));
    }
    return [...found, rewrite(operation, table, `${where} gets a new type`)];
  });
}
