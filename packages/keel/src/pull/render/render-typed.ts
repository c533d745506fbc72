import { text } from '../../codegen/code';
import type { DefineStyle } from '../../scaffold/define-style';
import type { PlannedModel } from '../plan/model-plan';
import { associateLines, attributesCode, laidOut, optionsCode, remarks, uses } from './model-code';
import { associationMembers, attributeType, type TypeScope } from './typed-members';

/** How a model's file in TypeScript is written. */
export interface TypedStyle {
  readonly scope: TypeScope;
  /** The module that another model is imported from. */
  readonly importOf: (model: string) => string;
  /** How the project writes its own models with `sequelize.define`, where it does. */
  readonly define: Pick<DefineStyle, 'named' | 'modelType'> | undefined;
}

const LITERAL = 'sequelize.literal';

/** The types that Sequelize exports and models use, as far as the code uses them. */
const TYPES = `Attributes ${['BelongsTo', 'HasOne']
  .flatMap((kind) => ['Get', 'Set', 'Create'].map((verb) => `${kind}${verb}AssociationMixin`))
  .join(' ')} ${['HasMany', 'BelongsToMany']
  .flatMap((kind) => [
    ...['Create', 'Has', 'Add', 'Remove'].map((verb) => `${kind}${verb}AssociationMixin`),
    ...['Get', 'Count', 'Has', 'Set', 'Add', 'Remove'].map(
      (verb) => `${kind}${verb}AssociationsMixin`,
    ),
  ])
  .join(
    ' ',
  )} CreationOptional ForeignKey InferAttributes InferCreationAttributes Model ModelStatic NonAttribute Sequelize`.split(
  ' ',
);

/** A model's file in TypeScript: a class with `init`. */
export function renderTypedClass(model: PlannedModel, style: TypedStyle): string {
  const { name } = model;
  const associate = associateLines(model, 4);
  const options = optionsCode(model, LITERAL, [
    ['sequelize', 'sequelize'],
    ['modelName', text(name)],
  ]);
  const method =
    associate.length === 0
      ? ''
      : `\n  static associate(models: Related): void {\n${associate.join('\n')}\n  }\n`;
  const init = `${name}.init(
    ${laidOut(attributesCode(model, { implied: true, literal: LITERAL }), 4)},
    ${laidOut(options, 4)},
  );
`.replace('sequelize: sequelize', 'sequelize');
  const body = `${remarks(model)}export class ${name} extends ${parentOf(model, style)} {
${members(model, style.scope, '  declare ')}${method}}
${relatedInterface(model, style)}
export default function define${name}(sequelize: Sequelize): typeof ${name} {
  ${init}${withoutId(model)}  return ${name};
}
`;
  return imports(model, body, style, ['DataTypes', 'Deferrable', 'Model']) + body;
}

/** A model's file in TypeScript: `sequelize.define` with `associate`. */
export function renderTypedDefine(model: PlannedModel, style: TypedStyle): string {
  const { name } = model;
  const { modelType, named } = style.define ?? { modelType: undefined, named: false };
  const associate = associateLines(model, 4);
  const type = modelType === undefined ? `${name}Model` : `${modelType.name}<${name}>`;
  const infers = style.scope.infers;
  const generics = infers ? `<${name}, Partial<Attributes<${name}>>>` : `<${name}>`;
  const parameter = modelType === undefined ? 'models: Related' : 'models';
  const method =
    associate.length === 0
      ? ''
      : `\n  ${name}.associate = (${parameter}) => {\n${associate.join('\n')}\n  };\n`;
  const body = `${remarks(model)}export interface ${name} extends ${parentOf(model, style)} {
${members(model, style.scope, '  ')}}
${modelType === undefined ? relatedInterface(model, style) + ownType(model) : ''}
export ${named ? '' : 'default '}function define${name}(sequelize: Sequelize): ${type} {
  const ${name}: ${type} = sequelize.define${generics}(
    ${text(name)},
    ${laidOut(attributesCode(model, { implied: false, literal: LITERAL }), 4)},
    ${laidOut(optionsCode(model, LITERAL), 4)},
  );
${withoutId(model)}${method}
  return ${name};
}
`;
  const own =
    modelType === undefined ? '' : `import type { ${modelType.name} } from '${modelType.from}';\n`;
  return imports(model, body, style, ['DataTypes', 'Deferrable'], own) + body;
}

function parentOf({ name }: PlannedModel, { scope }: TypedStyle): string {
  return scope.infers
    ? `Model<InferAttributes<${name}>, InferCreationAttributes<${name}>>`
    : 'Model';
}

function ownType({ name, associations }: PlannedModel): string {
  const associate = associations.length === 0 ? '' : ' & { associate?: (models: Related) => void }';
  return `\ntype ${name}Model = ModelStatic<${name}>${associate};\n`;
}

/** The attributes, and what each association adds. */
function members(model: PlannedModel, scope: TypeScope, start: string): string {
  const groups = [
    model.attributes.map(
      (attribute) => `${property(attribute.name)}: ${attributeType(attribute, scope)};`,
    ),
    ...model.associations.map((association) => associationMembers(association, scope)),
  ];
  return groups.map((group) => group.map((line) => `${start}${line}\n`).join('')).join('\n');
}

export function property(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? name : text(name);
}

/** The models that a model is associated with, itself included where it is. */
export function relatedTo({ associations }: PlannedModel): string[] {
  const names = associations.flatMap(({ target, through }) => [
    target,
    ...(through === undefined ? [] : [through]),
  ]);
  return [...new Set(names)].sort();
}

function relatedInterface(model: PlannedModel, { scope }: TypedStyle): string {
  const related = relatedTo(model);
  if (related.length === 0) return '';
  const lines = related.map((name) => {
    const type = scope.isImportable(name) ? name : 'Model';
    return `  readonly ${name}: ModelStatic<${type}>;\n`;
  });
  return `\n/** The models that it is associated with. */\ninterface Related {\n${lines.join('')}}\n`;
}

function withoutId({ name, hasPrimaryKey }: PlannedModel): string {
  return hasPrimaryKey
    ? ''
    : `  // The table has no primary key.\n  ${name}.removeAttribute('id');\n`;
}

function imports(
  model: PlannedModel,
  body: string,
  { scope, importOf }: TypedStyle,
  values: readonly string[],
  more = '',
): string {
  const used = values.filter((name) => uses(body, name));
  const types = TYPES.filter((name) => !values.includes(name) && uses(body, name)).sort();
  const others = relatedTo(model).filter(
    (name) => name !== model.name && scope.isImportable(name) && uses(body, name),
  );
  return [
    ...(used.length === 0 ? [] : [`import { ${used.join(', ')} } from 'sequelize';\n`]),
    `import type {\n${types.map((name) => `  ${name},\n`).join('')}} from 'sequelize';\n`,
    ...others.map((name) => `import type { ${name} } from '${importOf(name)}';\n`),
    more,
    '\n',
  ].join('');
}
