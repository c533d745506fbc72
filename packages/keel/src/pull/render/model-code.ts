import { call, layOut, object, text, type Code } from '../../codegen/code';
import type { PlannedAssociation, PlannedModel } from '../plan/model-plan';
import { withLiterals } from '../plan/plan-attribute';

/** Code laid out for a line that is indented by so many spaces, and begins with `start`. */
export function laidOut(code: Code, indent: number, start = ''): string {
  const first = indent + start.length;
  return start + layOut(code, 80, indent, first, 1);
}

/** The attributes of a model, as an object. */
export function attributesCode(
  { attributes }: PlannedModel,
  { implied, literal }: { readonly implied: boolean; readonly literal: string },
): Code {
  return object(
    attributes
      .filter(({ isImplied }) => implied || !isImplied)
      .map(({ name, code }) => [name, withLiterals(code, literal)]),
    true,
  );
}

/** The options of a model; `more` come first. */
export function optionsCode(
  { options }: PlannedModel,
  literal: string,
  more: readonly (readonly [string, Code])[] = [],
): Code {
  return object([
    ...more,
    ...options.map(([key, code]) => [key, withLiterals(code, literal)] as const),
  ]);
}

/** The options of an association. Junction tables have models of their own, which say their keys. */
export function associationOptions(
  association: PlannedAssociation,
  through: (model: string) => string,
  named = true,
): Code {
  const { as, foreignKey, otherKey, sourceKey, targetKey, onDelete, onUpdate } = association;
  const said = (value: string | undefined): Code | undefined =>
    value === undefined ? undefined : text(value);
  return object([
    ['as', named ? said(as) : undefined],
    ['through', association.through === undefined ? undefined : junction(association.through)],
    ['foreignKey', text(foreignKey)],
    ['otherKey', said(otherKey)],
    ['sourceKey', said(sourceKey)],
    ['targetKey', said(targetKey)],
    ['onDelete', said(onDelete)],
    ['onUpdate', said(onUpdate)],
    ['constraints', association.through === undefined ? undefined : 'false'],
  ]);

  // Else Sequelize adds a UNIQUE over both keys to that of the table.
  function junction(model: string): Code {
    return object([
      ['model', through(model)],
      ['unique', 'false'],
    ]);
  }
}

/** The statements of `associate`, each indented by so many spaces. */
export function associateLines({ name, associations }: PlannedModel, indent: number): string[] {
  return associations.map((association) => {
    const options = associationOptions(association, (model) => `models.${model}`);
    const code = call(`${name}.${association.kind}`, `models.${association.target}`, options);
    return `${' '.repeat(indent)}${laidOut(code, indent)};`;
  });
}

/** What only the migrations make, as a comment before the model; empty where there is nothing. */
export function remarks({ unsaid }: PlannedModel, indent = 0): string {
  if (unsaid.length === 0) return '';
  const lines = [
    '/**',
    ' * Only the migrations make what Sequelize has no words for:',
    ...unsaid.map((sentence) => ` * - ${sentence.replaceAll('*/', '* /')}`),
    ' */',
  ];
  return lines.map((line) => `${' '.repeat(indent)}${line}\n`).join('');
}

/** Whether the code uses a name, other than in texts and comments. */
export function uses(code: string, name: string): boolean {
  const bare = code.replace(
    /'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|\/\*[^]*?\*\//g,
    "''",
  );
  return new RegExp(`(?<![\\w$.])${name}(?![\\w$])`).test(bare);
}
