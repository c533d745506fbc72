import type { Model, ModelStatic, Sequelize } from 'sequelize';

/** A model that is defined on an instance. */
export type DefinedModel = ModelStatic<Model> & { sequelize: Sequelize };

/** How many objects within each other are looked into: `{ default: { db: { models: { User } } } }`. */
const depth = 4;

/** What a module exports, by itself and inside of the objects and lists that it exports. */
export function exportedValues(exported: unknown, level = 0): unknown[] {
  if (!isContainer(exported) || level > depth) return [exported];
  return Object.values(exported).flatMap((value) => exportedValues(value, level + 1));
}

/** The module itself, where it is a function, or its default export. */
export function defaultExports(exported: unknown): unknown[] {
  if (typeof exported === 'function') return [exported];
  if (!isContainer(exported) || !('default' in exported)) return [];
  return defaultExports(exported.default);
}

function isContainer(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The namespace of an ES module has no prototype; an object of another realm has a prototype like Object's.
  return prototype === null || Array.isArray(value) || Object.getPrototypeOf(prototype) === null;
}

// By their shape rather than by class: the project may have several copies of Sequelize.
export function isSequelize(value: unknown): value is Sequelize {
  return (
    typeof value === 'object' && value !== null && 'modelManager' in value && 'define' in value
  );
}

/** Not Sequelize's own `Model`, which a file may hand on: that one extends nothing. */
export function isModelClass(value: unknown): value is ModelStatic<Model> {
  return (
    typeof value === 'function' &&
    'findByPk' in value &&
    'findByPk' in (Object.getPrototypeOf(value) as object)
  );
}

export function isDefinedModel(value: unknown): value is DefinedModel {
  return isModelClass(value) && isSequelize(value.sequelize);
}
