import type { Sequelize } from 'sequelize';
import { defaultExports, exportedValues, isModelClass } from './model-exports';

/** A function `(sequelize, DataTypes) => Model`, as sequelize-cli writes model files. */
export type ModelFactory = (sequelize: Sequelize, dataTypes: unknown) => unknown;

/** A function out of a file of the models. */
export interface FactoryCandidate {
  readonly define: ModelFactory;
  /** False where nothing in its text tells whether it defines a model: then a failure of it means that it does not. */
  readonly certain: boolean;
}

/**
 * The functions of a module that are there to define models. Beside the models there may be helpers, such as
 * `module.exports = (text) => text.trim()`, and classes that are no models: calling them would fail. A default
 * export that defines a model stands alone; what is exported beside it serves other ends.
 */
export function factoriesOf(exported: unknown): readonly FactoryCandidate[] {
  const own = defaultExports(exported).filter(isPlainFunction);
  const ownFactories = own.filter((value) => definesModels(value) || takesSequelize(value));
  const named = exportedValues(exported).filter(isPlainFunction).filter(definesModels);
  const certain = ownFactories.length > 0 ? ownFactories : [...new Set(named)];
  return certain.length > 0
    ? certain.map((define) => ({ define, certain: true }))
    : own.map((define) => ({ define, certain: false }));
}

function isPlainFunction(value: unknown): value is ModelFactory {
  return typeof value === 'function' && !isModelClass(value) && !isClass(value);
}

/** A class; also one that was compiled for an old JavaScript: a function with methods. */
function isClass(value: { readonly prototype?: unknown }): boolean {
  const { prototype } = value;
  return (
    /^class\b/.test(textOf(value)) ||
    (typeof prototype === 'object' && prototype !== null && Object.keys(prototype).length > 0)
  );
}

/** By its text: does it call `define` of an instance, or `init` of a class? */
function definesModels(value: object): boolean {
  return /\.\s*(define|init(Models?|ialize)?)\s*\(/.test(textOf(value));
}

/** By the names of its parameters. */
function takesSequelize(value: object): boolean {
  const [first = '', second = ''] = parametersOf(textOf(value));
  return /sequelize/i.test(first) || /^_*data_?types?$/i.test(second);
}

function parametersOf(text: string): string[] {
  const list =
    /^(?:async\b\s*)?(?:function\b\s*\*?\s*[\w$]*\s*)?(?:\(([^)]*)\)|([\w$]+)\s*=>)/.exec(text);
  return (list?.[1] ?? list?.[2] ?? '').split(',').map((parameter) => parameter.trim());
}

function textOf(value: object): string {
  return Function.prototype.toString.call(value);
}
