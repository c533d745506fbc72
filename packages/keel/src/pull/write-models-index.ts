import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Project } from '../project/project';
import { writeFormattedFile } from '../scaffold/new-files';
import { modelsIndex } from '../scaffold/templates/models-index';
import type { HouseStyle } from './house-style';
import { renderDecoratedIndex } from './render/render-index';

/** The index that was written, and what there is to do about one that was not. */
export interface WrittenIndex {
  readonly file?: string;
  readonly steps: readonly string[];
}

/**
 * Writes the index of a project's first models. One that has models and no index loads them in a way of its own, and an
 * index would take all files of the folder for models.
 */
export async function writeModelsIndex(
  { paths, configPath }: Project,
  { style, file: fileStyle }: HouseStyle,
  models: readonly { readonly name: string; readonly from: string }[],
  { hadModels }: { readonly hadModels: boolean },
): Promise<WrittenIndex> {
  const folder = paths.models;
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const found = names.find((name) => /^index\.[cm]?[jt]s$/.test(name));
  if (found !== undefined) {
    const isListed = style === 'decorators';
    return { steps: isListed ? [`See that ${found} knows every class.`] : [] };
  }
  if (hadModels) return { steps: [] };
  if (configPath === undefined) {
    return {
      steps: ['Write an index of the models by hand, or a config first: keel init:config'],
    };
  }
  const relative = path.relative(folder, configPath).replaceAll('\\', '/');
  const config = relative.startsWith('.') ? relative : `./${relative}`;
  const file = path.join(folder, `index.${fileStyle.extension}`);
  const text =
    style === 'decorators'
      ? renderDecoratedIndex(fileStyle, config, models)
      : modelsIndex(fileStyle, config);
  await writeFormattedFile(paths.root, file, text);
  return { file, steps: [] };
}
