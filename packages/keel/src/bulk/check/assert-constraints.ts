import type pg from 'pg';
import { isConnectionLoss } from '../../db/connection-error';
import { quoteIdentifier } from '../../db/quote';
import { KeelError, NOTHING_WRITTEN } from '../../errors';
import type { CatalogTable } from '../plan/catalog-table';
import type { CatalogConstraint } from '../plan/catalog-table';
import { attributeIn } from '../plan/attribute-in';
import type { PgType } from '../generators/pg-type';
import type { BulkPlan } from '../plan/bulk-plan';
import type { TableProgram } from '../program/compile-plan';

/** So many rows of each table are shown to its CHECK constraints before anything is written. */
const SAMPLE = 500;

/**
 * Lets the server evaluate the CHECK constraints of each table, also those of its domains, for the first rows of
 * the plan. Nothing is written for that.
 *
 * @throws KeelError `SEED_CHECK_VIOLATED` that names constraint, table and columns
 */
export async function assertConstraints(
  client: pg.Client,
  plan: BulkPlan,
  catalogs: ReadonlyMap<string, CatalogTable>,
  programs: (table: string) => TableProgram,
): Promise<void> {
  const problems: string[] = [];
  for (const table of plan.tables) {
    if (table.existing || table.rows === 0) continue;
    const catalog = catalogs.get(table.id)!;
    for (const constraint of catalog.constraints) {
      if (constraint.kind !== 'check') continue;
      const found = await tryConstraint(client, catalog, programs(table.id), constraint);
      if (found) problems.push(found);
    }
  }
  if (problems.length === 0) return;
  throw new KeelError('The rows of this plan would not satisfy CHECK constraints:', {
    code: 'SEED_CHECK_VIOLATED',
    state: NOTHING_WRITTEN,
    details: problems,
    hint: 'Name generators for these columns in a plan file (columns).',
  });
}

interface Finding {
  readonly count: number;
  readonly example: Readonly<Record<string, string | null>> | null;
}

async function tryConstraint(
  client: pg.Client,
  catalog: CatalogTable,
  program: TableProgram,
  { name, definition, expression, columns }: CatalogConstraint,
): Promise<string | undefined> {
  const rows = Math.min(SAMPLE, program.plan.rows);
  const found = await evaluate(client, catalog, program, { expression, columns, rows });
  if (!found || found.count === 0) return undefined;
  const example = Object.entries(found.example ?? {}).map(
    ([column, value]) => `${column} = ${value === null ? 'NULL' : JSON.stringify(value)}`,
  );
  const { plan } = program;
  const attributes = columns.map((column) => attributeIn(plan, column));
  return (
    `${plan.model}.${attributes[0] ?? ''}: ${found.count} of the first ${rows} rows violate "${name}" of ${plan.id}, ` +
    `${definition}, such as ${example.join(', ')}. Give ${attributes.join(' or ')} a generator that satisfies it ` +
    `(models.${plan.model}.columns in the plan file).`
  );
}

/** How many rows do not satisfy an expression; undefined where the server cannot tell. */
async function evaluate(
  client: pg.Client,
  catalog: CatalogTable,
  { columns: filled }: TableProgram,
  check: {
    readonly expression: string;
    readonly columns: readonly string[];
    readonly rows: number;
  },
): Promise<Finding | undefined> {
  const lists: (string | null)[][] = [];
  const fields = check.columns.map((name) => {
    const type = castOf(catalog.columns.find((column) => column.name === name)!.type);
    const program = filled.find((column) => column.name === name);
    // What the plan leaves to the database is not known here, and NULL satisfies a CHECK.
    if (!program) return `NULL::${type} AS ${quoteIdentifier(name)}`;
    lists.push(Array.from({ length: check.rows }, (_, i) => program.text(i)));
    return `c${lists.length}::${type} AS ${quoteIdentifier(name)}`;
  });
  if (lists.length === 0) return undefined;
  const names = lists.map((_, at) => `c${at + 1}`).join(', ');
  const arrays = lists.map((_, at) => `$${at + 1}::text[]`).join(', ');
  const texts = check.columns.map(
    (name) => `${client.escapeLiteral(name)}, ${quoteIdentifier(name)}::text`,
  );
  try {
    const { rows } = await client.query<Finding>(
      `SELECT count(*)::float8 AS count, (array_agg(json_build_object(${texts.join(', ')})))[1] AS example
         FROM (SELECT ${fields.join(', ')} FROM unnest(${arrays}) AS made(${names})) AS made
        WHERE (${check.expression}) IS FALSE`,
      lists,
    );
    return rows[0];
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    // A function that may not be called, or that fails on such values: the server says so again when it matters.
    return undefined;
  }
}

/** `character` and `bit` without a length mean a length of 1. */
function castOf(type: PgType): string {
  const short = type.name === 'bpchar' || type.name === 'bit';
  if (!short) return type.sql;
  return type.length === undefined ? type.name : `${type.sql}(${type.length})`;
}
