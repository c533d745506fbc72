import type { Model, ModelStatic } from 'sequelize';
import { KeelError, messageOf, NOTHING_WRITTEN } from '../../errors';
import type { TableProgram } from '../program/compile-plan';
import type { PgType } from '../generators/pg-type';
import type { BulkPlan } from '../plan/bulk-plan';

/** So many rows of each table are shown to the model's own validators before anything is written. */
const SAMPLE = 25;

/**
 * Runs the models' validators, also the user's own, over the first rows of each table.
 *
 * @throws KeelError `SEED_INVALID` that names column, value and validator
 */
export async function assertValidators(
  models: readonly ModelStatic<Model>[],
  plan: BulkPlan,
  programs: (table: string) => TableProgram,
): Promise<void> {
  const problems: string[] = [];
  for (const table of plan.tables) {
    const model = models.find((each) => each.name === table.model);
    if (!model || table.existing || table.rows === 0) continue;
    problems.push(...(await validateTable(model, programs(table.id))));
  }
  if (problems.length === 0) return;
  throw new KeelError('The rows of this plan would not pass the validators of the models:', {
    code: 'SEED_INVALID',
    state: NOTHING_WRITTEN,
    details: problems,
    hint: 'Name generators for these columns in a plan file (columns).',
  });
}

async function validateTable(model: ModelStatic<Model>, program: TableProgram): Promise<string[]> {
  const { plan } = program;
  const attributes = new Map(
    [
      ...plan.columns.map((column) => [column.name, column.attribute] as const),
      ...plan.relations.flatMap((relation) =>
        relation.columns.map((name, at) => [name, relation.attributes[at]!] as const),
      ),
    ].filter(([, attribute]) => attribute in model.getAttributes()),
  );
  const found = new Map<string, string>();
  for (let i = 0; i < Math.min(SAMPLE, plan.rows); i += 1) {
    try {
      const values: Record<string, unknown> = {};
      for (const column of program.columns) {
        const attribute = attributes.get(column.name);
        if (attribute !== undefined) values[attribute] = toJavaScript(column.text(i), column.type);
      }
      // Columns that the database or the second pass fills have no values yet.
      await model.build(values as never).validate({ fields: Object.keys(values), hooks: false });
    } catch (error) {
      for (const problem of problemsOf(plan.model, error))
        if (!found.has(problem.path)) found.set(problem.path, problem.text);
    }
  }
  return [...found.values()];
}

function problemsOf(
  model: string,
  error: unknown,
): { readonly path: string; readonly text: string }[] {
  const { errors } = error as {
    errors?: { path?: string; message: string; value?: unknown; validatorKey?: string }[];
  };
  if (!Array.isArray(errors) || errors.length === 0)
    return [{ path: '', text: `${model}: ${messageOf(error)}` }];
  return errors.map((each) => ({
    path: each.path ?? '',
    text: `${model}.${each.path ?? ''}: ${each.message} (value ${JSON.stringify(each.value)})`,
  }));
}

/** A value as `pg` would give it to the model. */
function toJavaScript(text: string | null, type: PgType): unknown {
  if (text === null) return null;
  switch (type.name) {
    case 'int2':
    case 'int4':
    case 'float4':
    case 'float8':
      return Number(text);
    case 'bool':
      return text === 't';
    case 'timestamp':
    case 'timestamptz':
      return new Date(`${text.replace(' ', 'T').replace(/\+00$/, '')}Z`);
    case 'json':
    case 'jsonb':
      return JSON.parse(text);
    case 'bytea':
      return Buffer.from(text.slice(2), 'hex');
    default:
      return type.kind === 'array' ? parseArray(text) : text;
  }
}

function parseArray(text: string): string[] {
  return [...text.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) =>
    match[1]!.replace(/\\(.)/g, '$1'),
  );
}
