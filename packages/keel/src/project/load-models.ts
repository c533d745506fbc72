import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { KeelError, messageOf, NOTHING_CHANGED } from '../errors';
import { maskSecrets } from '../mask-secrets';
import { chooseInstances } from './choose-instances';
import { allModelsOf, modelsOf } from './models-of';
import { loadModule } from './load-module';
import { createSequelize, loadSequelize } from './load-sequelize';
import { defineDecorated, initializerOf, isDecoratedBase, requireDefined } from './model-classes';
import { exportedValues, isDefinedModel, isModelClass, isSequelize } from './model-exports';
import { factoriesOf, type FactoryCandidate } from './model-factories';
import { ModelFailures } from './model-failures';
import type { Project } from './project';
import { requireNamedFolder } from './require-named-folder';

type ModelClass = ModelStatic<Model>;

/** A project's models, all defined and associated. */
export interface LoadedModels {
  /** The instance that they are defined on, or the first of several; nothing is connected by keel. */
  readonly sequelize: Sequelize;
  /** All instances that they are defined on. */
  readonly instances: readonly Sequelize[];
  /** In the order in which they were defined; without those that stand for a ledger. */
  readonly models: readonly ModelClass[];
  /** What was taken for no model although it could be one, a sentence each. */
  readonly leftOut: readonly string[];
}

const MODEL_FILE = /^(?!.*\.(d|test|spec)\.[cm]?[jt]s$).*\.[cm]?[jt]s$/;
const INDEX_FILE = /^index\.[cm]?[jt]s$/;

/** How long a function that may be no model is waited for, in milliseconds. */
const HELPER_MS = 500;

const LOAD_HINT =
  'Correct the file. Loading it must not need a database, or variables that are not set here.';
const MODEL_HINT = 'Correct the model. What is no model can stand in another folder.';

/**
 * Loads a project's models in whatever way it has them: an index file that exports them, files that each
 * export a function `(sequelize, DataTypes) => Model`, classes with `init`, or sequelize-typescript classes;
 * in sub-folders too.
 *
 * @throws KeelError `FOLDER_NOT_FOUND`, `MODELS_NOT_FOUND`, `MODELS_FAILED` with all that failed, `MODEL_NOT_DEFINED`
 */
export async function loadModels(project: Project): Promise<LoadedModels> {
  requireNamedFolder(project.paths, 'models');
  const folder = project.paths.models;
  if (!existsSync(folder)) throw notFound(folder);
  // Models choose their config by NODE_ENV; they are to see the environment that keel was told.
  process.env.NODE_ENV ??= project.environment;
  const name = readdirSync(folder).find((entry) => INDEX_FILE.test(entry));
  const index = name === undefined ? [] : [path.join(folder, name)];
  const indexFailures = new ModelFailures();
  for (const file of index) {
    const found = fromInstances(await load(file, indexFailures), project);
    if (found !== undefined) return found;
  }
  // An index that has no models of its own only says how to define those of the other files. One that failed did so
  // at the first file that fails: the others say by themselves which they are.
  for (const files of [modelFiles(folder).filter((file) => !index.includes(file)), index]) {
    const loaded = await fromFiles(files, project);
    if (loaded.models.length > 0 && !indexFailures.some) return loaded;
    for (const instance of loaded.instances) await instance.close();
    indexFailures.throwIfAny();
  }
  throw notFound(folder);
}

/** The models of the instances that a module exports, by themselves or in its models. */
function fromInstances(exported: unknown, project: Project): LoadedModels | undefined {
  const values = exportedValues(exported);
  const instances = [
    ...values.filter(isSequelize),
    ...values.filter(isDefinedModel).map(({ sequelize }) => sequelize),
  ];
  return modelsOfInstances(instances, project);
}

function modelsOfInstances(
  found: readonly Sequelize[],
  project: Project,
): LoadedModels | undefined {
  const { instances, leftOut } = chooseInstances(found, project);
  const [sequelize] = instances;
  if (sequelize === undefined) return undefined;
  const models = instances.flatMap((instance) => modelsOf(instance, project));
  return { sequelize, instances, models, leftOut };
}

async function fromFiles(files: readonly string[], project: Project): Promise<LoadedModels> {
  const failures = new ModelFailures();
  const own = createSequelize(project);
  const classes = new Set<ModelClass>();
  const instances = new Set<Sequelize>();
  const leftOut: string[] = [];
  for (const file of files) {
    const exported = await load(file, failures);
    for (const value of exportedValues(exported)) {
      if (isModelClass(value)) classes.add(value);
      else if (isSequelize(value)) instances.add(value);
    }
    for (const candidate of factoriesOf(exported)) {
      const where = { where: file, hint: MODEL_HINT };
      const reason = await failures.attempt(where, () => callFactory(candidate, own, project));
      if (reason !== undefined) leftOut.push(`${file} exports no model: ${reason}`);
    }
  }
  const known = [...classes].filter((model) => !isDecoratedBase(model, project.paths.root));
  await defineClasses(known, own, project, failures);
  failures.throwIfAny();
  const all = [
    ...known.filter(isDefinedModel).map(({ sequelize }) => sequelize),
    ...instances,
    own,
  ];
  const loaded = modelsOfInstances(all, project);
  for (const instance of loaded?.instances ?? []) await associateAll(instance, failures);
  failures.throwIfAny();
  return {
    sequelize: loaded?.sequelize ?? own,
    instances: loaded?.instances ?? [own],
    models: loaded?.models ?? [],
    leftOut: [...leftOut, ...(loaded?.leftOut ?? [])],
  };
}

/** @returns why a function that could have been meant for something else was no model */
async function callFactory(
  { define, certain }: FactoryCandidate,
  own: Sequelize,
  { paths }: Project,
): Promise<string | undefined> {
  const before = allModelsOf(own).length;
  try {
    const result = define(own, loadSequelize(paths.root).DataTypes);
    // What is no model may wait for ever, for an event or for input.
    if (result instanceof Promise && !certain) await Promise.race([result, sleep(HELPER_MS)]);
    else await result;
    return undefined;
  } catch (error) {
    if (certain || allModelsOf(own).length > before) throw error;
    return maskSecrets(messageOf(error));
  }
}

/** Makes models of those classes that are none yet. */
async function defineClasses(
  classes: readonly ModelClass[],
  own: Sequelize,
  project: Project,
  failures: ModelFailures,
): Promise<void> {
  const { DataTypes } = loadSequelize(project.paths.root);
  const open = (): ModelClass[] => classes.filter((model) => !isDefinedModel(model));
  const decorated = await failures.attempt(
    { where: 'the decorated classes', hint: MODEL_HINT },
    () => defineDecorated(open(), project),
  );
  for (const model of open()) {
    await failures.attempt({ where: `the class ${model.name}`, hint: MODEL_HINT }, () =>
      initializerOf(model)?.(decorated ?? own, DataTypes),
    );
  }
  // A class whose initializer failed has not become a model either.
  failures.throwIfAny();
  requireDefined(classes);
}

async function associateAll(sequelize: Sequelize, failures: ModelFailures): Promise<void> {
  const models = allModelsOf(sequelize);
  const names = models.map(({ name }) => name).join(', ');
  const hint = `Correct the association. The models that were found are: ${names}.`;
  for (const model of models) {
    const { associate } = model as { associate?: (models: unknown) => unknown };
    if (typeof associate !== 'function' || Object.keys(model.associations).length > 0) continue;
    await failures.attempt({ where: `associate() of the model ${model.name}`, hint }, () =>
      associate.call(model, sequelize.models),
    );
  }
}

function load(file: string, failures: ModelFailures): Promise<unknown> {
  return failures.attempt({ where: file, hint: LOAD_HINT }, () => loadModule(file));
}

function modelFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && MODEL_FILE.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function notFound(folder: string): KeelError {
  return new KeelError(`There are no models in ${folder}.`, {
    code: 'MODELS_NOT_FOUND',
    state: NOTHING_CHANGED,
    hint: 'Give their folder with --models-path, or set it in .sequelizerc.',
  });
}
