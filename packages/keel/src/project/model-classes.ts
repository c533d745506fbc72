import type { Model, ModelStatic, Sequelize } from 'sequelize';
import { KeelError, NOTHING_CHANGED } from '../errors';
import { requireFrom } from './load-module';
import { isDefinedModel } from './model-exports';
import type { Project } from './project';
import { sequelizeOptions } from './sequelize-options';

type ModelClass = ModelStatic<Model>;
type Initializer = (sequelize: Sequelize, dataTypes: unknown) => unknown;

/** A static method of a class of the project's own that defines the class as a model. */
const initializers = ['init', 'initModel', 'initialize'] as const;

/** What defines a class that does so in a static method of its own; undefined for other classes. */
export function initializerOf(model: ModelClass): Initializer | undefined {
  const name = initializers.find((candidate) => Object.hasOwn(model, candidate));
  const value = name && (model as unknown as Record<string, unknown>)[name];
  return typeof value === 'function' ? (value.bind(model) as Initializer) : undefined;
}

interface SequelizeTypescript {
  /** What decorated classes extend. */
  readonly Model: unknown;
  readonly Sequelize: new (options: object) => Sequelize & { addModels(models: unknown[]): void };
  /** The name that `@Table` gave the class, or one that it extends. */
  getModelName(prototype: unknown): string | undefined;
}

/**
 * The instance of sequelize-typescript on which the decorated classes are models; undefined where there
 * are none. They become models when such an instance is given them.
 */
export function defineDecorated(
  classes: readonly ModelClass[],
  project: Project,
): Sequelize | undefined {
  const library = loadSequelizeTypescript(project.paths.root);
  if (library === undefined) return undefined;
  const nameOf = (model: ModelClass): string | undefined =>
    library.getModelName((model as { prototype: unknown }).prototype);
  // A class that others extend may have columns of its own without being a table.
  const tables = classes.filter((model) => {
    const name = nameOf(model);
    return name !== undefined && name !== nameOf(Object.getPrototypeOf(model) as ModelClass);
  });
  if (tables.length === 0) return undefined;
  const sequelize = new library.Sequelize({
    ...sequelizeOptions(project),
    logging: false,
    native: false,
  });
  sequelize.addModels(tables);
  return sequelize;
}

/** Whether it is the class that decorated models extend, which a file may hand on. */
export function isDecoratedBase(model: ModelClass, root: string): boolean {
  return loadSequelizeTypescript(root)?.Model === model;
}

function loadSequelizeTypescript(root: string): SequelizeTypescript | undefined {
  try {
    return requireFrom(root)('sequelize-typescript') as SequelizeTypescript;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

/**
 * Requires that each class has become a model, or is there for other classes to extend.
 *
 * @throws KeelError MODEL_NOT_DEFINED
 */
export function requireDefined(classes: readonly ModelClass[]): void {
  const open = classes.filter(
    (model) =>
      !isDefinedModel(model) &&
      !classes.some((other) => Object.prototype.isPrototypeOf.call(model, other)),
  );
  if (open.length === 0) return;
  const names = open.map(({ name }) => name).join(', ');
  throw new KeelError(
    open.length === 1
      ? `The class ${names} is exported among the models and never becomes one.`
      : `The classes ${names} are exported among the models and never become models.`,
    {
      code: 'MODEL_NOT_DEFINED',
      state: NOTHING_CHANGED,
      hint: `Call ${open[0]?.name}.init(…) when its file is loaded or in a static method init(sequelize), or export the models from an index file.`,
    },
  );
}
