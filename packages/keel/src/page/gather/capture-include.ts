import type { FullAssociation, FullModel } from './association-model';

interface Querying {
  query?: unknown;
}

/**
 * The SQL of `findAll` with an association included. Nothing is sent: the instance's `query` only notes the
 * statement meanwhile. Undefined where Sequelize cannot write it.
 */
export async function captureInclude(
  model: FullModel,
  association: FullAssociation,
): Promise<string | undefined> {
  const sequelize = model.sequelize as Querying | undefined;
  if (sequelize === undefined) return undefined;
  const own = Object.getOwnPropertyDescriptor(sequelize, 'query');
  let sql: string | undefined;
  sequelize.query = (text: unknown) => {
    sql ??= textOf(text);
    return Promise.resolve([]);
  };
  try {
    // Hooks are the project's code, which may do anything.
    await model.findAll({ include: [{ association }], hooks: false });
  } catch {
    return undefined;
  } finally {
    delete sequelize.query;
    if (own !== undefined) Object.defineProperty(sequelize, 'query', own);
  }
  return sql;
}

function textOf(query: unknown): string | undefined {
  if (typeof query === 'string') return query;
  const { query: text } = (query ?? {}) as { readonly query?: unknown };
  return typeof text === 'string' ? text : undefined;
}
