import type { Model, ModelStatic } from 'sequelize';
import { isKeelError } from '../errors';
import { loadModels } from '../project/load-models';
import type { Project } from '../project/project';
import { keyOf, truncateName } from '../schema/object-names';
import type { ExistingModel } from './plan/model-plan';

/**
 * The models that the project has, by their tables' keys.
 *
 * @param defaultSchema that of tables without a schema
 * @throws KeelError MODELS_FAILED, MODEL_NOT_DEFINED where they cannot be loaded
 */
export async function readExistingModels(
  project: Project,
  defaultSchema: string,
): Promise<ReadonlyMap<string, ExistingModel>> {
  const loaded = await loadModels(project).catch((error: unknown) => {
    if (isKeelError(error, 'MODELS_NOT_FOUND')) return undefined;
    throw error;
  });
  if (loaded === undefined) return new Map();
  for (const instance of loaded.instances) await instance.close().catch(() => undefined);
  return new Map(loaded.models.map((model) => [tableKey(model, defaultSchema), existing(model)]));
}

function tableKey(model: ModelStatic<Model>, defaultSchema: string): string {
  const table = model.getTableName() as string | { tableName: string; schema?: string };
  const { tableName, schema } = typeof table === 'string' ? { tableName: table } : table;
  return keyOf({ schema: schema || defaultSchema, name: truncateName(tableName) });
}

function existing(model: ModelStatic<Model>): ExistingModel {
  const attributes = Object.entries(model.rawAttributes ?? {});
  return {
    name: model.name,
    attributes: new Map(attributes.map(([name, { field }]) => [field ?? name, name])),
  };
}
