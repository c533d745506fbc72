import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** How a TypeScript project writes models with `sequelize.define` and `associate`, told from one of its models. */
export interface DefineStyle {
  /** The model that serves as the pattern. */
  readonly sibling: string;
  /** Whether the function that defines it is exported by name, `defineUser`, or as the default. */
  readonly named: boolean;
  /** The type of a model with `associate`, and the module it comes from; undefined where there is none. */
  readonly modelType: { readonly name: string; readonly from: string } | undefined;
  /** Whether each model says its table's name, in snake case: `users`. */
  readonly tableNamed: boolean;
}

const modelFile = /^(?!index\.)(?!.*\.(d|test|spec)\.[cm]?ts$).*\.[cm]?ts$/;

/** The style of the last model of a folder; undefined where it is none with `sequelize.define` and `associate`. */
export function readDefineStyle(folder: string): DefineStyle | undefined {
  const texts = readdirSync(folder)
    .filter((name) => modelFile.test(name))
    .sort()
    .map((name) => readFileSync(path.join(folder, name), 'utf8'));
  const text = texts.reverse().find((source) => /\.(define|init)\s*[<(]/.test(source));
  if (text === undefined || !/\.associate\s*=/.test(text)) return undefined;
  const sibling = /\.define\s*(?:<[^]*?>)?\s*\(\s*['"](\w+)['"]/.exec(text)?.[1];
  if (sibling === undefined) return undefined;
  return {
    sibling,
    named: new RegExp(`export (function|const) define${sibling}\\b`).test(text),
    modelType: readModelType(text, sibling),
    tableNamed: /\btableName:\s*['"][a-z0-9_]+['"]/.test(text),
  };
}

/** The `Associable` in `const User: Associable<User> = sequelize.define(…)`, where the project has such a type. */
function readModelType(text: string, sibling: string): DefineStyle['modelType'] {
  const name = new RegExp(`const ${sibling}: (\\w+)<${sibling}>`).exec(text)?.[1];
  const from = new RegExp(`\\b${name}\\b[^;]*from '(\\.[^']*)'`).exec(text)?.[1];
  return name === undefined || from === undefined ? undefined : { name, from };
}

/**
 * What is to be added by hand so that the project finds a new model: the lines of the pattern, with the new
 * model in its place. Empty where the index reads the folder.
 */
export function registrationSteps(
  style: DefineStyle,
  model: { readonly name: string; readonly file: string },
  root: string,
): string[] {
  const folder = path.dirname(model.file);
  const files = readdirSync(folder).filter((name) => /\.[cm]?ts$/.test(name));
  const others = files.filter((name) => path.join(folder, name) !== model.file);
  return others.flatMap((name) => {
    const lines = linesAbout(readFileSync(path.join(folder, name), 'utf8'), style.sibling, model);
    return lines.length === 0
      ? []
      : [
          `Add to ${path.relative(root, path.join(folder, name)).replaceAll('\\', '/')}:`,
          ...lines.map((line) => `  ${line}`),
        ];
  });
}

/** The import of the pattern's file and its entry in a list, as in `User: defineUser(sequelize),`. */
function linesAbout(
  text: string,
  sibling: string,
  { name, file }: { readonly name: string; readonly file: string },
): string[] {
  const entry = new RegExp(`^\\s*((readonly )?${sibling}: \\w+[(<].*[,;])$`, 'm').exec(text)?.[1];
  if (entry === undefined) return [];
  const imported = new RegExp(`^import .*\\b(define)?${sibling}\\b.* from '[^']*';$`, 'm').exec(
    text,
  );
  const base = path.basename(file).replace(/\.[cm]?ts$/, '');
  const renamed = (line: string): string =>
    line
      .replace(new RegExp(`\\b(define)?${sibling}\\b`, 'g'), `$1${name}`)
      .replace(/(from '.*\/)[^/'.]+((\.[cm]?[jt]s)?';)$/, `$1${base}$2`);
  return [imported?.[0], entry].filter((line) => line !== undefined).map(renamed);
}
