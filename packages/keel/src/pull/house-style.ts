import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { nearestManifest } from '../project/is-es-module';
import { readDefineStyle, type DefineStyle } from '../scaffold/define-style';
import { readFileStyle, type FileStyle } from '../scaffold/file-style';
import type { AskedStyle, ModelStyle } from './model-styles';

/** How the project writes its models. */
export interface HouseStyle {
  readonly style: ModelStyle;
  readonly file: FileStyle;
  /** How it writes them with `sequelize.define` in TypeScript, where it does. */
  readonly define: DefineStyle | undefined;
  /** The name of a model's file, without its extension. */
  readonly fileName: (model: string) => string;
}

const SOURCE = /^(?!index\.)(?!.*\.(d|test|spec)\.[cm]?[jt]s$).*\.[cm]?[jt]s$/;

/** Tells the style from the models that are there; without any, from package.json. */
export function readHouseStyle(folder: string, root: string, asked: AskedStyle): HouseStyle {
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => SOURCE.test(name)) : [];
  const texts = names.map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const style = asked.style ?? styleOf(texts, root);
  const language = asked.language ?? (style === 'decorators' ? 'typescript' : undefined);
  const extension = language === undefined ? undefined : language === 'typescript' ? 'ts' : 'js';
  const file = readFileStyle(folder, root, extension);
  const define =
    style === 'define' && file.language === 'typescript' && existsSync(folder)
      ? readDefineStyle(folder)
      : undefined;
  return { style, file, define, fileName: fileNaming(names) };
}

function styleOf(texts: readonly string[], root: string): ModelStyle {
  const count = (pattern: RegExp): number => texts.filter((text) => pattern.test(text)).length;
  const counts: readonly (readonly [ModelStyle, number])[] = [
    ['decorators', count(/^\s*@Table\b/m)],
    ['define', count(/\.define\s*[<(]/)],
    ['class', count(/\.init\s*\(/)],
  ];
  const [first = ['class', 0] as const] = [...counts].sort(([, a], [, b]) => b - a);
  if (first[1] > 0) return first[0];
  const manifest = nearestManifest(root);
  const packages = { ...manifest?.dependencies, ...manifest?.devDependencies };
  return 'sequelize-typescript' in packages ? 'decorators' : 'class';
}

/** As the files of several words that are there are named; `order-line` where there are none. */
function fileNaming(names: readonly string[]): HouseStyle['fileName'] {
  const bases = names.map((name) => name.replace(/\.[cm]?[jt]s$/, ''));
  const suffix = bases.length > 0 && bases.every((base) => base.endsWith('.model')) ? '.model' : '';
  const plain = bases.map((base) => base.slice(0, base.length - suffix.length));
  const kebab = (model: string): string => separated(model, '-');
  const ways: readonly (readonly [RegExp, HouseStyle['fileName']])[] = [
    [/^[a-z\d]+(-[a-z\d]+)+$/, kebab],
    [/^[a-z\d]+(_[a-z\d]+)+$/, (model) => separated(model, '_')],
    [/^[A-Z]\w*$/, (model) => model],
    [/^[a-z\d]+([A-Z][a-z\d]*)+$/, (model) => model.charAt(0).toLowerCase() + model.slice(1)],
  ];
  const way = ways.find(([pattern]) => plain.some((base) => pattern.test(base)))?.[1] ?? kebab;
  return (model) => `${way(model)}${suffix}`;
}

function separated(model: string, separator: string): string {
  return model
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, `$1${separator}$2`)
    .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, `$1${separator}$2`)
    .toLowerCase();
}
