import type { ClientBase } from 'pg';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import type { QualifiedName } from '../../schema/schema';

/** PostgreSQL itself puts the new names into every expression that uses the columns. */
export async function renameColumns(
  client: ClientBase,
  { schema, name }: QualifiedName,
  from: readonly string[],
  to: readonly string[],
): Promise<void> {
  for (const [at, old] of from.entries()) {
    const pair = [old, to[at] ?? old].map(quoteIdentifier);
    await client.query(
      `ALTER TABLE ${quoteTable(schema, name)} RENAME COLUMN ${pair.join(' TO ')}`,
    );
  }
}
