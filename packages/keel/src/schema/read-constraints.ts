import type { ClientBase } from 'pg';
import { addTo, compareText, given, joinComment } from './catalog';
import { columnNames, type ColumnsByTable } from './read-tables';
import type { Constraint, ConstraintKind, Deferrability, ReferentialAction } from './schema';

interface RawConstraint {
  table_oid: number;
  name: string;
  kind: 'p' | 'u' | 'f' | 'c' | 'x';
  columns: number[] | null;
  definition: string;
  deferrable: boolean;
  deferred: boolean;
  validated: boolean;
  target_oid: number;
  target_schema: string | null;
  target_name: string | null;
  target_columns: number[] | null;
  on_update: Action;
  on_delete: Action;
  comment: string | null;
}

type Action = 'a' | 'r' | 'c' | 'n' | 'd' | ' ';

const kinds: Record<RawConstraint['kind'], ConstraintKind> = {
  p: 'primary key',
  u: 'unique',
  f: 'foreign key',
  c: 'check',
  x: 'exclude',
};

const actions: Record<Action, ReferentialAction> = {
  a: 'NO ACTION',
  r: 'RESTRICT',
  c: 'CASCADE',
  n: 'SET NULL',
  d: 'SET DEFAULT',
  ' ': 'NO ACTION',
};

/**
 * The constraints of `tables`, by the table's oid. Without those that a partition only inherits,
 * and without NOT NULL, which PostgreSQL 18 lists here too but columns tell already.
 */
export async function readConstraints(
  client: ClientBase,
  columns: ColumnsByTable,
  tables: readonly number[],
): Promise<ReadonlyMap<number, Constraint[]>> {
  const { rows } = await client.query<RawConstraint>(
    `
    SELECT k.conrelid AS table_oid, k.conname AS name, k.contype AS kind, k.conkey AS columns,
           pg_get_constraintdef(k.oid) AS definition, k.condeferrable AS deferrable, k.condeferred AS deferred,
           k.convalidated AS validated, k.confrelid AS target_oid, tn.nspname AS target_schema,
           t.relname AS target_name, k.confkey AS target_columns, k.confupdtype AS on_update,
           k.confdeltype AS on_delete, comment.description AS comment
    FROM pg_constraint k
    LEFT JOIN pg_class t ON t.oid = k.confrelid
    LEFT JOIN pg_namespace tn ON tn.oid = t.relnamespace
    ${joinComment('pg_constraint', 'k.oid')}
    WHERE k.conrelid = ANY($1) AND k.contype IN ('p', 'u', 'f', 'c', 'x') AND k.conparentid = 0
      AND (k.conislocal OR k.coninhcount = 0)`,
    [tables],
  );
  const byTable = new Map<number, Constraint[]>();
  for (const row of rows) addTo(byTable, row.table_oid, toConstraint(row, columns));
  for (const list of byTable.values()) list.sort((a, b) => compareText(a.name, b.name));
  return byTable;
}

function toConstraint(row: RawConstraint, columns: ColumnsByTable): Constraint {
  return {
    name: row.name,
    kind: kinds[row.kind],
    columns: columnNames(columns, row.table_oid, row.columns ?? []),
    definition: row.validated ? row.definition : row.definition.replace(/ NOT VALID$/, ''),
    ...(row.target_schema !== null && row.target_name !== null
      ? {
          references: {
            schema: row.target_schema,
            name: row.target_name,
            columns: columnNames(columns, row.target_oid, row.target_columns ?? []),
            onUpdate: actions[row.on_update],
            onDelete: actions[row.on_delete],
          },
        }
      : {}),
    deferrable: deferrability(row),
    validated: row.validated,
    ...given('comment', row.comment),
  };
}

function deferrability(row: RawConstraint): Deferrability {
  if (!row.deferrable) return 'not';
  return row.deferred ? 'deferred' : 'immediate';
}
