import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { KeelError, NOTHING_WRITTEN } from '../errors';
import { loadSequelize, sequelizeVersion } from '../project/load-sequelize';
import type { Project } from '../project/project';
import { withProjectClient } from '../project/with-project-client';
import { registrationSteps } from '../scaffold/define-style';
import { writeFormattedFile } from '../scaffold/new-files';
import { displayName, keyOf } from '../schema/object-names';
import type { Schema } from '../schema/schema';
import { readProjectSchema } from '../scratch/replay';
import { readHouseStyle, type HouseStyle } from './house-style';
import type { AskedStyle } from './model-styles';
import { listOthers } from './plan/list-unsaid';
import type { ExistingModel, PlannedModel } from './plan/model-plan';
import type { Inflection } from './plan/names';
import { isModelled, planModels } from './plan/plan-models';
import type { ModelDefaults } from './plan/plan-options';
import { readExistingModels } from './read-existing-models';
import { modelRenderer, moduleOf } from './render-models';
import { writeModelsIndex } from './write-models-index';

/** What `db:pull` is asked for. */
export interface PullRequest extends AskedStyle {
  /** Replace the files of models that are there. */
  readonly force: boolean;
}

/** A model and where it is. */
export interface PulledModel {
  readonly table: string;
  readonly model: string;
  /** Absolute. */
  readonly file: string;
  /** What the table has and the model cannot say. */
  readonly unsaid: readonly string[];
}

/** A table that no model was written for. */
export interface LeftTable {
  readonly table: string;
  readonly reason: string;
}

/** What `db:pull` wrote. */
export interface PullResult {
  readonly style: HouseStyle['style'];
  readonly language: HouseStyle['file']['language'];
  readonly written: readonly PulledModel[];
  readonly left: readonly LeftTable[];
  /** The models' index, where it was written. */
  readonly index?: string;
  /** What the database has besides tables, by kind. */
  readonly others: readonly string[];
  /** What is left to do by hand, as lines of text. */
  readonly steps: readonly string[];
}

/**
 * Writes a model for each table of the database, in the style of the project's models. Files that are there are left,
 * and so are tables that have a model already.
 *
 * @throws KeelError EMPTY_DATABASE, FILE_NOT_WRITTEN, MODELS_FAILED
 */
export async function pullModels(project: Project, request: PullRequest): Promise<PullResult> {
  const { paths } = project;
  const style = readHouseStyle(paths.models, paths.root, request);
  requireLanguage(style);
  const schema = await readProjectSchema(project);
  if (!schema.tables.some(isModelled)) throw emptyDatabase(project);
  const defaultSchema = await readCurrentSchema(project);
  const existing = request.force
    ? new Map<string, ExistingModel>()
    : await readExistingModels(project, defaultSchema);
  const models = planModels(schema, settingsOf(project, { style, defaultSchema, existing }));
  const fileOf = (model: string): string =>
    path.join(paths.models, `${style.fileName(model)}.${style.file.extension}`);
  const render = modelRenderer(style, models, {
    fileOf,
    existing: new Set([...existing.values()].map(({ name }) => name)),
    infers: sequelizeVersion(paths.root)?.major !== 5,
  });
  const hadModels = request.force ? hasFiles(paths.models) : existing.size > 0;
  const left: LeftTable[] = unmodelled(schema);
  const written: PulledModel[] = [];
  for (const model of models) {
    const file = fileOf(model.name);
    const reason = reasonToLeave(model, file, { existing, force: request.force });
    const table = displayName(model.table);
    if (reason !== undefined) left.push({ table, reason });
    else {
      await writeFormattedFile(paths.root, file, render(model), { replace: request.force });
      written.push({ table, model: model.name, file, unsaid: model.unsaid });
    }
  }
  const index = await writeModelsIndex(
    project,
    style,
    models.map(({ name }) => ({ name, from: moduleOf(style, name) })),
    { hadModels },
  );
  return {
    style: style.style,
    language: style.file.language,
    written,
    left,
    index: index.file,
    others: listOthers(schema),
    steps: [
      ...index.steps,
      ...registrations(project, style, written),
      ...packages(style, paths.root),
    ],
  };
}

function hasFiles(folder: string): boolean {
  return (
    existsSync(folder) && readdirSync(folder).some((name) => /(?<!\.d)\.[cm]?[jt]s$/.test(name))
  );
}

function requireLanguage({ style, file }: HouseStyle): void {
  if (style !== 'decorators' || file.language === 'typescript') return;
  throw new KeelError('JavaScript has no decorators that sequelize-typescript understands', {
    code: 'CONTRADICTING_FLAGS',
    state: NOTHING_WRITTEN,
    hint: 'Give --style class or --style define, or --language typescript.',
  });
}

function emptyDatabase({ connection }: Project): KeelError {
  return new KeelError(`The database ${connection.database} has no tables`, {
    code: 'EMPTY_DATABASE',
    state: NOTHING_WRITTEN,
    hint: 'Write a model and its migration with: keel model:generate --name <Name> --attributes <list>',
  });
}

async function readCurrentSchema(project: Project): Promise<string> {
  return withProjectClient(project, async (client) => {
    const { rows } = await client.query<{ name: string | null }>(
      'SELECT pg_catalog.current_schema() AS name',
    );
    return rows[0]?.name ?? 'public';
  });
}

function settingsOf(
  { paths, config }: Project,
  {
    style,
    defaultSchema,
    existing,
  }: {
    readonly style: HouseStyle;
    readonly defaultSchema: string;
    readonly existing: ReadonlyMap<string, ExistingModel>;
  },
): Parameters<typeof planModels>[1] {
  const { Model, Utils } = loadSequelize(paths.root);
  const { singularize, pluralize, underscoredIf } = Utils as unknown as Inflection & {
    underscoredIf: (word: string, condition: boolean) => string;
  };
  return {
    inflection: { singularize, pluralize, underscore: (word) => underscoredIf(word, true) },
    isReserved: (name) => name in Model.prototype || OWN_FIELDS.has(name),
    defaultSchema,
    defaults: (config.define ?? {}) as ModelDefaults,
    existing,
    alwaysNamed: style.style === 'decorators',
  };
}

/** What each row has of Sequelize's own, besides the methods. */
const OWN_FIELDS = new Set(
  'dataValues isNewRecord uniqno sequelize _previousDataValues _changed _options _attributes _creationAttributes _model version'.split(
    ' ',
  ),
);

function unmodelled({ tables }: Schema): LeftTable[] {
  return tables
    .filter((table) => table.partitionOf === undefined && !isModelled(table))
    .map((table) => ({
      table: displayName(table),
      reason:
        table.columns.length === 0
          ? 'it has no columns'
          : 'Sequelize takes quotes off the names of tables and columns',
    }));
}

function reasonToLeave(
  model: PlannedModel,
  file: string,
  {
    existing,
    force,
  }: { readonly existing: ReadonlyMap<string, ExistingModel>; readonly force: boolean },
): string | undefined {
  const known = existing.get(keyOf(model.table));
  if (known !== undefined) return `the model ${known.name} stands for it`;
  return !force && existsSync(file) ? `${path.basename(file)} is there` : undefined;
}

/** Where an index that lists its models has to be told of the new ones. */
function registrations(
  { paths }: Project,
  { define }: HouseStyle,
  written: readonly PulledModel[],
): string[] {
  if (define === undefined) return [];
  return written.flatMap(({ model, file }) =>
    model === define.sibling ? [] : registrationSteps(define, { name: model, file }, paths.root),
  );
}

function packages({ style }: HouseStyle, root: string): string[] {
  const isThere = (name: string): boolean =>
    existsSync(path.join(root, 'node_modules', name)) ||
    readdirSync(path.dirname(root)).includes('node_modules');
  const missing = ['sequelize-typescript', 'reflect-metadata'].filter((name) => !isThere(name));
  if (style !== 'decorators' || missing.length === 0) return [];
  return [`Install what the models need: npm install ${missing.join(' ')}`];
}
