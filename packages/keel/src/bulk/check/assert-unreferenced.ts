import { counted } from '../../format-count';
import type pg from 'pg';
import { quoteIdentifier, quoteTable } from '../../db/quote';
import { KeelError } from '../../errors';
import type { TableProgram } from '../program/compile-plan';
import { matchKey } from '../program/match-key';
import type { TablePlan } from '../plan/bulk-plan';

/** A foreign key of any table that refers to the one being emptied. */
export interface Reference {
  /** Quoted and qualified. */
  readonly child: string;
  /** Whether it is a key of the table itself. */
  readonly own: boolean;
  readonly label: string;
  readonly columns: readonly string[];
  readonly parents: readonly string[];
}

/** Reads the foreign keys that refer to a table. */
export async function readReferences(client: pg.Client, table: TablePlan): Promise<Reference[]> {
  const { rows } = await client.query<Reference>(
    `SELECT format('%I.%I', n.nspname, r.relname) AS child, format('%s.%s.%s', n.nspname, r.relname, k.conname) AS label,
            k.conrelid = k.confrelid AS own,
            ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.conkey) WITH ORDINALITY c(num, at)
                    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num ORDER BY c.at) AS columns,
            ARRAY(SELECT quote_ident(a.attname) FROM unnest(k.confkey) WITH ORDINALITY c(num, at)
                    JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.num ORDER BY c.at) AS parents
       FROM pg_constraint k JOIN pg_class r ON r.oid = k.conrelid JOIN pg_namespace n ON n.oid = r.relnamespace
      WHERE k.contype = 'f' AND k.conparentid = 0 AND k.confrelid = $1::regclass`,
    [quoteTable(table.schema, table.table)],
  );
  return rows;
}

/**
 * Rows that bulk made and that refer to these are gone by now, except for those in the same chunk.
 *
 * @throws KeelError `SEED_UNDO_REFERENCED` where rows of others refer to these
 */
export async function assertUnreferenced(
  client: pg.Client,
  program: TableProgram,
  { child, own, label, columns, parents }: Reference,
  full: string,
): Promise<void> {
  const join = columns.map((column, at) => `c.${column} = own.${parents[at]!}`).join(' AND ');
  const made = program.key
    .map(({ name }) => `c.${quoteIdentifier(name)} = k.${quoteIdentifier(name)}`)
    .join(' AND ');
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::float8 AS count FROM keel_bulk_keys AS made
       JOIN ${full} AS own ON ${matchKey(program)} JOIN ${child} AS c ON ${join}
      ${own ? `WHERE NOT EXISTS (SELECT 1 FROM keel_bulk_keys AS k WHERE ${made})` : ''}`,
  );
  const count = rows[0]!.count;
  if (count === 0) return;
  throw new KeelError(
    `${counted(count, 'row')} that bulk data did not make ${count === 1 ? 'refers' : 'refer'} to rows of ${program.plan.id} that it made (${label}).`,
    {
      code: 'SEED_UNDO_REFERENCED',
      state:
        'Those rows and the ones that they refer to are still there; what was removed before stays removed.',
      hint: `Remove or change the rows in ${child}, then run keel db:seed:bulk:undo again.`,
    },
  );
}
