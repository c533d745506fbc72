import type pg from 'pg';
import { isConnectionLoss } from '../../db/connection-error';
import { quoteIdentifier } from '../../db/quote';
import { KeelError, messageOf, NOTHING_WRITTEN } from '../../errors';
import type { CatalogColumn, CatalogConstraint, CatalogTable } from '../plan/catalog-table';
import { attributeIn } from '../plan/attribute-in';
import type { PgType } from '../generators/pg-type';
import type { BulkPlan } from '../plan/bulk-plan';
import type { TableProgram } from '../program/compile-plan';

/** So many rows of each table are shown to its CHECK constraints before anything is written. */
const SAMPLE = 500;

/**
 * Lets the server evaluate the CHECK constraints of each table, also those of its domains, the bounds of its
 * partitions and its generated columns for the first rows of the plan. Nothing is written for that.
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
      if (constraint.kind === 'exclusion') continue;
      const found = await tryConstraint(client, catalog, programs(table.id), constraint);
      if (found) problems.push(found);
    }
    for (const column of catalog.columns) {
      const found = await tryGenerated(client, catalog, programs(table.id), column);
      if (found !== undefined) problems.push(found);
    }
  }
  if (problems.length === 0) return;
  throw new KeelError('The rows of this plan would not satisfy the rules of their tables:', {
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
  { kind, name, definition, expression, columns }: CatalogConstraint,
): Promise<string | undefined> {
  const rows = Math.min(SAMPLE, program.plan.rows);
  const found = await evaluate(client, catalog, program, { expression, columns, rows });
  if (!found || found.count === 0) return undefined;
  const example = Object.entries(found.example ?? {}).map(
    ([column, value]) => `${column} = ${value === null ? 'NULL' : JSON.stringify(value)}`,
  );
  const { plan } = program;
  const attributes = columns.map((column) => attributeIn(plan, column));
  const broken =
    kind === 'partition' ? `fit no partition of ${plan.id}` : `violate "${name}" of ${plan.id}`;
  return (
    `${plan.model}.${attributes[0] ?? ''}: ${found.count} of the first ${rows} rows ${broken}, ` +
    `${definition}, such as ${example.join(', ')}. Give ${attributes.join(' or ')} a generator that satisfies it ` +
    `(models.${plan.model}.columns in the plan file).`
  );
}

/** What the expression of a generated column does not work for. */
async function tryGenerated(
  client: pg.Client,
  catalog: CatalogTable,
  program: TableProgram,
  { name, generated }: CatalogColumn,
): Promise<string | undefined> {
  if (!generated) return undefined;
  const { plan } = program;
  const sample = sampleOf(catalog, program, generated.from, Math.min(SAMPLE, plan.rows));
  if (sample.lists.length === 0) return undefined;
  const type = castOf(catalog.columns.find((each) => each.name === name)!.type);
  try {
    await client.query(
      `SELECT count((${generated.expression})::${type}) FROM (${sample.sql}) AS made`,
      [...sample.lists],
    );
    return undefined;
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    const attributes = generated.from.map((each) => attributeIn(plan, each));
    return (
      `${plan.model}.${attributes[0] ?? ''}: the generated column ${name} of ${plan.id}, ${generated.expression}, fails for such rows: ` +
      `${messageOf(error)}. Give ${attributes.join(' or ')} a generator that it works for (models.${plan.model}.columns in the plan file).`
    );
  }
}

/** How many rows do not satisfy an expression; undefined where the server cannot tell. */
async function evaluate(
  client: pg.Client,
  catalog: CatalogTable,
  program: TableProgram,
  check: {
    readonly expression: string;
    readonly columns: readonly string[];
    readonly rows: number;
  },
): Promise<Finding | undefined> {
  const sample = sampleOf(catalog, program, check.columns, check.rows);
  if (sample.lists.length === 0) return undefined;
  const texts = check.columns.map(
    (name) => `${client.escapeLiteral(name)}, ${quoteIdentifier(name)}::text`,
  );
  try {
    const { rows } = await client.query<Finding>(
      `SELECT count(*)::float8 AS count, (array_agg(json_build_object(${texts.join(', ')})))[1] AS example
         FROM (${sample.sql}) AS made
        WHERE (${check.expression}) IS FALSE`,
      [...sample.lists],
    );
    return rows[0];
  } catch (error) {
    if (isConnectionLoss(error)) throw error;
    // A function that this role may not call, or that fails for such values: writing the rows will tell.
    return undefined;
  }
}

/** A query for some columns of the first rows, and its parameters. */
interface Sample {
  readonly sql: string;
  readonly lists: readonly (readonly (string | null)[])[];
}

function sampleOf(
  catalog: CatalogTable,
  { columns: filled }: TableProgram,
  columns: readonly string[],
  rows: number,
): Sample {
  const lists: (string | null)[][] = [];
  const fields = columns.map((name) => {
    const type = castOf(catalog.columns.find((column) => column.name === name)!.type);
    const program = filled.find((column) => column.name === name);
    // The database fills this column, with what is not known here. NULL satisfies a CHECK.
    if (!program) return `NULL::${type} AS ${quoteIdentifier(name)}`;
    lists.push(Array.from({ length: rows }, (_, i) => program.text(i)));
    return `c${lists.length}::${type} AS ${quoteIdentifier(name)}`;
  });
  const names = lists.map((_, at) => `c${at + 1}`).join(', ');
  const arrays = lists.map((_, at) => `$${at + 1}::text[]`).join(', ');
  return { sql: `SELECT ${fields.join(', ')} FROM unnest(${arrays}) AS made(${names})`, lists };
}

/** `character` and `bit` without a length mean a length of 1. */
function castOf(type: PgType): string {
  const short = type.name === 'bpchar' || type.name === 'bit';
  if (!short) return type.sql;
  return type.length === undefined ? type.name : `${type.sql}(${type.length})`;
}
