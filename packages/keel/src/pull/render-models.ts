import { existsSync } from 'node:fs';
import type { HouseStyle } from './house-style';
import type { PlannedModel } from './plan/model-plan';
import { forModule } from './render/for-module';
import { renderDecorated } from './render/render-decorated';
import { renderPlain } from './render/render-plain';
import { renderTypedClass, renderTypedDefine, type TypedStyle } from './render/render-typed';

/** What renders the models of a project. */
export function modelRenderer(
  house: HouseStyle,
  models: readonly PlannedModel[],
  {
    fileOf,
    existing,
    infers,
  }: {
    readonly fileOf: (model: string) => string;
    /** The names of models that are there already, perhaps in files of other names. */
    readonly existing: ReadonlySet<string>;
    readonly infers: boolean;
  },
): (model: PlannedModel) => string {
  const { style, file, define } = house;
  if (style !== 'decorators' && file.language !== 'typescript')
    return (model) => renderPlain(model, file, style);
  const typed: TypedStyle = {
    scope: {
      models: new Map(models.map((model) => [model.name, model])),
      isImportable: (name) => !existing.has(name) || existsSync(fileOf(name)),
      infers,
      branded: style !== 'decorators',
    },
    importOf: (name) => moduleOf(house, name),
    define,
  };
  if (style === 'decorators') return (model) => renderDecorated(model, typed);
  const render = style === 'class' ? renderTypedClass : renderTypedDefine;
  return (model) => forModule(render(model, typed), file);
}

/** How a file of the models' folder imports another one: an ES module names the file that it is compiled to. */
export function moduleOf({ fileName, file }: HouseStyle, model: string): string {
  const extension = file.extension.replace(/ts$/, 'js');
  return `./${fileName(model)}${file.esModule ? `.${extension}` : ''}`;
}
