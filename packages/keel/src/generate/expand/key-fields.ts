import type { Constraint } from '../../schema/schema';

/** What follows the table's name in the CREATE INDEX of a key, and what follows USING INDEX. */
export function keyFields({ definition }: Pick<Constraint, 'definition'>): {
  readonly fields: string;
  readonly deferred: string;
} {
  const [, key = '', deferred = ''] =
    /^(?:UNIQUE|PRIMARY KEY) ([^]*?)( DEFERRABLE(?: INITIALLY DEFERRED)?)?$/.exec(definition) ?? [];
  // NULLS NOT DISTINCT stands before the columns of a constraint, and behind those of an index.
  const nulls = 'NULLS NOT DISTINCT ';
  const fields = key.startsWith(nulls) ? `${key.slice(nulls.length)} ${nulls.trim()}` : key;
  return { fields, deferred };
}
