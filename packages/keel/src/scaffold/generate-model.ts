import { existsSync } from 'node:fs';
import path from 'node:path';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import type { ProjectOutline } from '../project/read-project';
import { loadSequelize, sequelizeVersion } from '../project/load-sequelize';
import { parseAttributes } from './parse-attributes';
import { readDefineStyle, registrationSteps } from './define-style';
import { readFileStyle } from './file-style';
import { writeFormattedFile, writeStampedFile } from './new-files';
import { definedModel } from './templates/define-model';
import { createTableMigration, modelFile, type ModelPlan } from './templates/model-file';

/** What `model:generate` is asked for. */
export interface ModelRequest {
  readonly name: string;
  /** As on the command line: `name:string,role:enum:{admin,guest}`. */
  readonly attributes: string;
  /** Whether columns and table are in snake case. */
  readonly underscored: boolean;
  /** Replace a model of the same name. */
  readonly force: boolean;
}

/** The files that were written. */
export interface GeneratedModel {
  readonly model: string;
  readonly migration: string;
  /** What is left to do by hand, as lines of text. */
  readonly steps: readonly string[];
}

/**
 * Writes a model and the migration that makes its table.
 *
 * @throws KeelError `FOLDER_NOT_FOUND`, `INVALID_NAME`, `INVALID_ATTRIBUTE`, `FILE_EXISTS`
 */
export async function generateModel(
  { paths }: ProjectOutline,
  request: ModelRequest,
): Promise<GeneratedModel> {
  requireModelName(request.name);
  requireFolder('models', paths.models);
  requireFolder('migrations', paths.migrations);
  const modelStyle = readFileStyle(paths.models, paths.root);
  const define = modelStyle.language === 'typescript' ? readDefineStyle(paths.models) : undefined;
  const plan = planModel(paths.root, request, define?.tableNamed ?? false);
  const model = path.join(paths.models, `${request.name.toLowerCase()}.${modelStyle.extension}`);
  const text = define ? definedModel(plan, define) : modelFile(modelStyle, plan);
  await writeFormattedFile(paths.root, model, text, { replace: request.force });
  const style = readFileStyle(paths.migrations, paths.root);
  const migration = await writeStampedFile(paths.root, paths.migrations, {
    name: `create-${kebabCase(request.name)}`,
    extension: style.extension,
    text: createTableMigration(style, plan),
  });
  const steps = define
    ? registrationSteps(define, { name: request.name, file: model }, paths.root)
    : [];
  return { model, migration, steps };
}

/** Table and columns are named by the project's own Sequelize, so that model and migration agree. */
function planModel(
  root: string,
  { name, attributes, underscored }: ModelRequest,
  tableNamed: boolean,
): ModelPlan {
  const { DataTypes, Utils } = loadSequelize(root);
  const { pluralize, underscoredIf } = Utils as unknown as {
    pluralize: (text: string) => string;
    underscoredIf: (text: string, condition: boolean) => string;
  };
  return {
    name,
    attributes: parseAttributes(attributes, (type) => Object.hasOwn(DataTypes, type)),
    underscored,
    table: underscoredIf(pluralize(name), underscored || tableNamed),
    column: (attribute) => underscoredIf(attribute, underscored),
    infersAttributes: sequelizeVersion(root)?.major !== 5,
  };
}

/** PostgreSQL cuts names at 63 bytes; the plural of the table and the names of its keys are longer. */
const LONGEST_MODEL = 50;

function requireModelName(name: string): void {
  const isLong = Buffer.byteLength(name) > LONGEST_MODEL;
  if (!isLong && /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) return;
  throw new KeelError(
    isLong
      ? `The name of the model is longer than ${LONGEST_MODEL} bytes.`
      : `"${name}" cannot be the name of a model.`,
    {
      code: 'INVALID_NAME',
      state: NOTHING_WRITTEN,
      hint: 'A model is a class: give a name such as --name OrderLine.',
    },
  );
}

function requireFolder(name: string, folder: string): void {
  if (existsSync(folder)) return;
  throw new KeelError(`Unable to find ${name} path (${folder}). Did you run keel init?`, {
    code: 'FOLDER_NOT_FOUND',
    state: NOTHING_WRITTEN,
  });
}

function kebabCase(name: string): string {
  return name
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2')
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1-$2')
    .replace(/(\p{L})(\d)|(\d)(\p{L})/gu, '$1$3-$2$4')
    .replace(/[_$]+/g, '-')
    .toLowerCase();
}
