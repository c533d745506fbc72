import { quoteBody, quoteIdentifier, quoteLiteral } from '../db/quote';
import { plainDefault } from '../diff/column-types';
import { movesDefault } from '../diff/compare-columns';
import { conversionOf } from '../diff/conversion';
import type { OperationOf } from '../diff/operation';
import { displayName } from '../schema/object-names';
import type { Column, QualifiedName } from '../schema/schema';
import { alterColumn, sqlName } from './sql';

/** A default of another type has to step aside for the change. */
export function changeTypeSql({ table, before, after }: OperationOf<'changeType'>): string[] {
  const name = quoteIdentifier(after.name);
  const { using, helper, isMissing } = conversionOf(before, after);
  const collation = after.collation === undefined ? '' : ` COLLATE ${after.collation}`;
  const change = `TYPE ${after.type}${collation}${using === undefined ? '' : ` USING ${using(name)}`}`;
  const statements = [alterColumn(table, after.name, change)];
  if (helper !== undefined) {
    statements.unshift(helper.create);
    statements.push(helper.drop);
  }
  if (isMissing === true) statements.unshift(refuseRows(table, before, after));
  if (movesDefault(before, after)) {
    const next = plainDefault(after);
    if (plainDefault(before) !== undefined)
      statements.unshift(alterColumn(table, after.name, 'DROP DEFAULT'));
    if (next !== undefined) statements.push(alterColumn(table, after.name, `SET DEFAULT ${next}`));
  }
  const { sequence } = after;
  const isRetyped =
    sequence !== undefined &&
    before.sequence !== undefined &&
    sequence.type !== before.sequence.type;
  // PostgreSQL does this by itself for IDENTITY.
  if (isRetyped && after.identity === undefined)
    statements.push(`ALTER SEQUENCE ${sqlName(sequence)} AS ${sequence.type}`);
  return statements;
}

/** Without a conversion, values stop the migration rather than go. */
function refuseRows(table: QualifiedName, before: Column, after: Column): string {
  const name = quoteIdentifier(after.name);
  const message = `Write the USING of ${displayName(table)}.${after.name}: nothing turns ${before.type} into ${after.type} by itself`;
  return `DO ${quoteBody(`BEGIN IF EXISTS (SELECT FROM ${sqlName(table)} WHERE ${name} IS NOT NULL) THEN RAISE EXCEPTION USING ERRCODE = 'data_exception', MESSAGE = ${quoteLiteral(message).trim()}; END IF; END`)}`;
}
