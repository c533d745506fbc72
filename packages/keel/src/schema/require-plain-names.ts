import { KeelError, NOTHING_CHANGED } from '../errors';
import type { AnyModel } from './sequelize-internals';

/**
 * Requires that every model's schema is a text. A file that exports `(sequelize, schema) => …`, as projects with a
 * schema for each tenant have, got DataTypes in its place.
 *
 * @throws KeelError `MODEL_NOT_BUILDABLE`, naming all models
 */
export function requirePlainNames(models: readonly AnyModel[]): void {
  const details = models.flatMap((model) => {
    const { schema } = model.options as { readonly schema?: unknown };
    return schema === undefined || schema === null || typeof schema === 'string'
      ? []
      : [`${model.name}: ${describe(schema)}`];
  });
  if (details.length === 0) return;
  throw new KeelError('The schema of a model is no text:', {
    code: 'MODEL_NOT_BUILDABLE',
    details,
    state: NOTHING_CHANGED,
    hint: 'keel calls the function that a file of models exports with (sequelize, DataTypes). Where it takes something else, export the models from an index file of the folder, defined for one schema.',
  });
}

function describe(value: unknown): string {
  const isDataTypes = typeof value !== 'string' && 'STRING' in Object(value);
  return isDataTypes ? 'Sequelize or its DataTypes' : `a value of the type ${typeof value}`;
}
