import type { Model, ModelStatic } from 'sequelize';
import { isKeelError } from '../errors';
import { loadModels } from '../project/load-models';
import type { Project } from '../project/project';
import { queryGeneratorOf, writtenName, writtenTable } from '../schema/model-names';
import { keyOf } from '../schema/object-names';
import type { AnySequelize, QueryGenerator, TableReference } from '../schema/sequelize-internals';
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
  const reference = model.getTableName() as TableReference;
  return keyOf(writtenTable(generatorOf(model), reference, defaultSchema));
}

function existing(model: ModelStatic<Model>): ExistingModel {
  const attributes = Object.entries(model.rawAttributes ?? {});
  const generator = generatorOf(model);
  const columns = attributes.map(([name, { field }]): [string, string] => [
    writtenName(generator, field ?? name),
    name,
  ]);
  return { name: model.name, attributes: new Map(columns) };
}

function generatorOf({ sequelize }: ModelStatic<Model>): QueryGenerator {
  return queryGeneratorOf(sequelize as unknown as AnySequelize);
}
