import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { isKeelError, KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { loadModule } from './load-module';
import { defineDecorated, initializeClasses, requireDefined } from './model-classes';
import {
  defaultExports,
  exportedValues,
  isDefinedModel,
  isFactory,
  isModelClass,
  isSequelize,
  looksLikeFactory,
  type ModelFactory,
} from './model-exports';
import { createSequelize, loadSequelize } from './load-sequelize';
import type { Project } from './project';

/** A project's models, all defined and associated. */
export interface LoadedModels {
  /** The instance that they are defined on; nothing is connected by keel. */
  readonly sequelize: Sequelize;
  /** In the order in which they were defined. */
  readonly models: readonly ModelStatic<Model>[];
}

const MODEL_FILE = /^(?!.*\.(d|test|spec)\.[cm]?[jt]s$).*\.[cm]?[jt]s$/;
const INDEX_FILE = /^index\.[cm]?[jt]s$/;

/**
 * Loads a project's models in whatever way it has them: an index file that exports them, files that each
 * export a function `(sequelize, DataTypes) => Model`, classes with `init`, or sequelize-typescript classes;
 * in sub-folders too.
 *
 * @throws KeelError `MODELS_NOT_FOUND`, `MODELS_FAILED`, `MODEL_NOT_DEFINED`
 */
export async function loadModels(project: Project): Promise<LoadedModels> {
  const folder = project.paths.models;
  if (!existsSync(folder)) throw notFound(folder);
  // Models choose their config by NODE_ENV; they are to see the environment that keel was told.
  process.env.NODE_ENV ??= project.environment;
  const name = readdirSync(folder).find((entry) => INDEX_FILE.test(entry));
  const index = name === undefined ? [] : [path.join(folder, name)];
  for (const file of index) {
    const found = fromInstance(await load(file, project));
    if (found !== undefined) return found;
  }
  // An index that has no models of its own only says how to define those of the other files.
  for (const files of [modelFiles(folder).filter((file) => !index.includes(file)), index]) {
    const loaded = await fromFiles(files, project);
    if (loaded.models.length > 0) return loaded;
    await loaded.sequelize.close();
  }
  throw notFound(folder);
}

/** The models of the instance that a module exports, by itself or in its models. */
function fromInstance(exported: unknown): LoadedModels | undefined {
  const values = exportedValues(exported);
  const sequelize = values.find(isSequelize) ?? values.find(isDefinedModel)?.sequelize;
  if (sequelize === undefined) return undefined;
  const models = modelsOf(sequelize);
  return models.length === 0 ? undefined : { sequelize, models };
}

async function fromFiles(files: readonly string[], project: Project): Promise<LoadedModels> {
  const own = createSequelize(project);
  const { DataTypes } = loadSequelize(project.paths.root);
  const classes = new Set<ModelStatic<Model>>();
  for (const file of files) {
    const exported = await load(file, project);
    const values = exportedValues(exported);
    for (const model of values.filter(isModelClass)) classes.add(model);
    for (const factory of factoriesOf(exported, values))
      attempt(file, 'Correct the model.', () => factory(own, DataTypes));
  }
  const sequelize = defineClasses([...classes], own, project);
  associateAll(sequelize);
  return { sequelize, models: modelsOf(sequelize) };
}

/** The default export alone where it is a factory: what is exported beside it then serves other ends. */
function factoriesOf(exported: unknown, values: readonly unknown[]): readonly ModelFactory[] {
  const own = defaultExports(exported).filter(isFactory);
  return own.length > 0 ? own : [...new Set(values.filter(looksLikeFactory))];
}

/** The instance that the models are on, once those classes that are none yet have become models. */
function defineClasses(
  classes: readonly ModelStatic<Model>[],
  own: Sequelize,
  project: Project,
): Sequelize {
  const { DataTypes } = loadSequelize(project.paths.root);
  const decorated = attempt('the decorated classes', 'Correct the model.', () =>
    defineDecorated(
      classes.filter((model) => !isDefinedModel(model)),
      project,
    ),
  );
  attempt('the classes', 'Correct the model.', () => {
    initializeClasses(classes, decorated ?? own, DataTypes);
  });
  requireDefined(classes);
  return classes.find(isDefinedModel)?.sequelize ?? own;
}

function associateAll(sequelize: Sequelize): void {
  const names = modelsOf(sequelize).map(({ name }) => name);
  const hint = `Correct the association. The models that were found are: ${names.join(', ')}.`;
  for (const model of modelsOf(sequelize)) {
    const { associate } = model as { associate?: (models: unknown) => void };
    if (typeof associate !== 'function' || Object.keys(model.associations).length > 0) continue;
    attempt(`associate() of the model ${model.name}`, hint, () => {
      associate.call(model, sequelize.models);
    });
  }
}

/** @throws KeelError MODELS_FAILED, saying where */
function attempt<T>(where: string, hint: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw failed(where, hint, error);
  }
}

async function load(file: string, project: Project): Promise<unknown> {
  try {
    return await loadModule(file, project.paths.root);
  } catch (error) {
    const hint =
      'Correct the file. Loading it must not need a database, or variables that are not set here.';
    throw isKeelError(error) ? error : failed(file, hint, error);
  }
}

function modelFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && MODEL_FILE.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function modelsOf(sequelize: Sequelize): ModelStatic<Model>[] {
  return [
    ...(sequelize as unknown as { modelManager: { models: ModelStatic<Model>[] } }).modelManager
      .models,
  ];
}

function notFound(folder: string): KeelError {
  return new KeelError(`There are no models in ${folder}.`, {
    code: 'MODELS_NOT_FOUND',
    state: NOTHING_CHANGED,
    hint: 'Give their folder with --models-path, or set it in .sequelizerc.',
  });
}

function failed(where: string, hint: string, error: unknown): KeelError {
  return new KeelError(
    `The models could not be loaded: ${where}: ${maskSecrets(messageOf(error))}`,
    {
      code: 'MODELS_FAILED',
      state: NOTHING_CHANGED,
      hint,
      cause: error,
    },
  );
}
