import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { KeelError, maskSecrets, messageOf } from '../errors';
import { loadModule, requireFrom } from './load-module';
import { createSequelize, loadSequelize } from './sequelize';
import type { Project } from './types';

/** A project's models, all defined and associated. */
export interface LoadedModels {
  /** The instance that they are defined on; nothing is connected by keel. */
  readonly sequelize: Sequelize;
  /** In the order in which they were defined. */
  readonly models: readonly ModelStatic<Model>[];
}

type Exports = Readonly<Record<string, unknown>>;
type ModelFactory = (sequelize: Sequelize, dataTypes: unknown) => unknown;

const MODEL_FILE = /^(?!.*\.(d|test|spec)\.[cm]?[jt]s$).*\.[cm]?[jt]s$/;
const INDEX_FILE = /^index\.[cm]?[jt]s$/;

/**
 * Loads a project's models in whatever way it has them: an index file that exports them, files that each
 * export a function `(sequelize, DataTypes) => Model`, classes with `init`, or sequelize-typescript classes;
 * in sub-folders too.
 *
 * @throws KeelError `MODELS_NOT_FOUND`, `MODELS_FAILED`
 */
export async function loadModels(project: Project): Promise<LoadedModels> {
  const folder = project.paths.models;
  if (!existsSync(folder)) throw notFound(folder);
  // Models choose their config by NODE_ENV; they are to see the environment that keel was told.
  process.env.NODE_ENV ??= project.environment;
  const index = readdirSync(folder).find((name) => INDEX_FILE.test(name));
  const found =
    index === undefined ? undefined : await fromIndex(path.join(folder, index), project);
  const loaded = found ?? (await fromFiles(folder, project));
  if (loaded.models.length === 0) throw notFound(folder);
  return loaded;
}

async function fromIndex(file: string, project: Project): Promise<LoadedModels | undefined> {
  const exported = await load(file, project);
  const layers = exportLayers(exported);
  const values = layers.flatMap((layer) => Object.values(layer));
  const sequelize = values.find(isSequelize) ?? values.find(isDefinedModel)?.sequelize;
  return sequelize && { sequelize, models: modelsOf(sequelize) };
}

async function fromFiles(folder: string, project: Project): Promise<LoadedModels> {
  const own = createSequelize(project);
  const { DataTypes } = loadSequelize(project.paths.root);
  const classes: ModelStatic<Model>[] = [];
  for (const file of modelFiles(folder)) {
    for (const value of exportLayers(await load(file, project)).flatMap((layer) =>
      Object.values(layer),
    )) {
      if (isModelClass(value)) classes.push(value);
      else if (isFactory(value)) defineBy(value, file, own, DataTypes);
    }
  }
  const defined = classes.find((model) => isDefinedModel(model));
  const sequelize = defined?.sequelize ?? own;
  const open = [...new Set(classes)].filter((model) => !isDefinedModel(model));
  if (open.length > 0) return fromDecorators(open, project);
  associateAll(sequelize);
  return { sequelize, models: modelsOf(sequelize) };
}

/** sequelize-typescript's classes become models when an instance of its own Sequelize is given them. */
function fromDecorators(classes: ModelStatic<Model>[], project: Project): LoadedModels {
  const { Sequelize } = requireFrom(project.paths.root)('sequelize-typescript') as {
    Sequelize: new (options: object) => Sequelize & { addModels(models: unknown[]): void };
  };
  const sequelize = new Sequelize({ ...project.sequelizeOptions, logging: false });
  sequelize.addModels(classes);
  return { sequelize, models: modelsOf(sequelize) };
}

function defineBy(
  factory: ModelFactory,
  file: string,
  sequelize: Sequelize,
  dataTypes: unknown,
): void {
  try {
    factory(sequelize, dataTypes);
  } catch (error) {
    throw failed(file, error);
  }
}

function associateAll(sequelize: Sequelize): void {
  for (const model of modelsOf(sequelize)) {
    const { associate } = model as { associate?: (models: unknown) => void };
    if (typeof associate !== 'function' || Object.keys(model.associations).length > 0) continue;
    try {
      associate.call(model, sequelize.models);
    } catch (error) {
      throw failed(`associate() of the model ${model.name}`, error);
    }
  }
}

async function load(file: string, project: Project): Promise<unknown> {
  try {
    return await loadModule(file, project.paths.root);
  } catch (error) {
    throw error instanceof KeelError ? error : failed(file, error);
  }
}

function modelFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(
      (entry) => entry.isFile() && MODEL_FILE.test(entry.name) && !INDEX_FILE.test(entry.name),
    )
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** The module's exports, and those of its default export. */
function exportLayers(exported: unknown): Exports[] {
  if (typeof exported === 'function') return [{ default: exported }];
  const layers: Exports[] = [];
  for (let layer = exported; typeof layer === 'object' && layer !== null && layers.length < 3;) {
    layers.push(layer as Exports);
    layer = (layer as Exports).default;
  }
  return layers;
}

function modelsOf(sequelize: Sequelize): ModelStatic<Model>[] {
  return [
    ...(sequelize as unknown as { modelManager: { models: ModelStatic<Model>[] } }).modelManager
      .models,
  ];
}

// By their shape rather than by class: the project may have several copies of Sequelize.
function isSequelize(value: unknown): value is Sequelize {
  return (
    typeof value === 'object' && value !== null && 'modelManager' in value && 'define' in value
  );
}

function isModelClass(value: unknown): value is ModelStatic<Model> {
  return typeof value === 'function' && 'findByPk' in value;
}

function isDefinedModel(value: unknown): value is ModelStatic<Model> & { sequelize: Sequelize } {
  return (
    typeof value === 'function' &&
    'findByPk' in value &&
    isSequelize((value as { sequelize?: unknown }).sequelize)
  );
}

function isFactory(value: unknown): value is ModelFactory {
  return typeof value === 'function' && !('findByPk' in value) && value.length >= 1;
}

function notFound(folder: string): KeelError {
  return new KeelError(`There are no models in ${folder}.`, {
    code: 'MODELS_NOT_FOUND',
    state: 'Nothing was changed.',
    hint: 'Give their folder with --models-path, or set it in .sequelizerc.',
  });
}

function failed(where: string, error: unknown): KeelError {
  return new KeelError(
    `The models could not be loaded: ${where}: ${maskSecrets(messageOf(error))}`,
    {
      code: 'MODELS_FAILED',
      state: 'Nothing was changed.',
      hint: 'Loading the models must not need a database or variables that are not set here.',
      cause: error,
    },
  );
}
