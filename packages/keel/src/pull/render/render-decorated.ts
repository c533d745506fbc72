import { call, object, type Code } from '../../codegen/code';
import type { PlannedAssociation, PlannedModel } from '../plan/model-plan';
import { withLiterals } from '../plan/plan-attribute';
import { associationOptions, laidOut, optionsCode, remarks, uses } from './model-code';
import { property, relatedTo, type TypedStyle } from './render-typed';
import { associationMembers, attributeType } from './typed-members';
import { upperFirst } from '../plan/names';

const LITERAL = 'literal';
const DECORATORS = 'BelongsTo BelongsToMany Column ForeignKey HasMany HasOne Model Table'.split(
  ' ',
);
const TYPES = 'CreationOptional InferAttributes InferCreationAttributes NonAttribute'.split(' ');

/** A model's file for sequelize-typescript: a decorated class. */
export function renderDecorated(model: PlannedModel, { scope, importOf }: TypedStyle): string {
  const { name } = model;
  const attributes = model.attributes.map((attribute) => {
    const code = withLiterals(attribute.code, LITERAL);
    const options =
      typeof code === 'object' && code.kind === 'object' ? code : object([['type', code]]);
    const key = attribute.references?.model;
    return [
      key === undefined ? '' : `  @ForeignKey(() => ${key})\n`,
      `  ${laidOut(call('@Column', options), 2)}\n`,
      `  declare ${property(attribute.name)}: ${attributeType(attribute, scope)};\n`,
    ].join('');
  });
  const associations = model.associations.map((association) => {
    const [row = '', ...methods] = associationMembers(association, scope);
    return [
      `  ${laidOut(decorator(association), 2)}\n`,
      ...[row, ...methods].map((line) => `  declare ${line}\n`),
    ].join('');
  });
  const table = call('@Table', optionsCode(model, LITERAL, [['modelName', `'${name}'`]]));
  const body = `${remarks(model)}${laidOut(table, 0)}
export class ${name} extends Model<InferAttributes<${name}>, InferCreationAttributes<${name}>> {
${[...attributes, ...associations].join('\n')}${withoutId(model)}}
`;
  return imports(model, body, importOf) + body;
}

function decorator(association: PlannedAssociation): Code {
  const options = associationOptions(association, (model) => `() => ${model}`, false);
  return call(`@${upperFirst(association.kind)}`, `() => ${association.target}`, options);
}

/** sequelize-typescript calls `initialize` with what the decorators said. */
function withoutId({ name, hasPrimaryKey }: PlannedModel): string {
  if (hasPrimaryKey) return '';
  return `
  /** The table has no primary key. */
  static override initialize: typeof Model.initialize = (attributes, options) => {
    const model = super.initialize(attributes, options);
    ${name}.removeAttribute('id');
    return model as never;
  };
`;
}

function imports(model: PlannedModel, body: string, importOf: TypedStyle['importOf']): string {
  const pick = (names: readonly string[]): string[] => names.filter((name) => uses(body, name));
  const mixins = [...new Set(body.match(/\b\w+Associations?Mixin\b/g) ?? [])];
  const types = [...pick(TYPES), ...mixins].sort();
  const decorators = DECORATORS.filter((name) => body.includes(`@${name}(`) || name === 'Model');
  const others = [
    ...relatedTo(model),
    ...model.attributes.flatMap(({ references }) => references?.model ?? []),
  ];
  return [
    `import { ${pick(['DataTypes', 'Deferrable', 'literal']).join(', ')} } from 'sequelize';\n`,
    `import type {\n${types.map((name) => `  ${name},\n`).join('')}} from 'sequelize';\n`,
    `import {\n${decorators.map((name) => `  ${name},\n`).join('')}} from 'sequelize-typescript';\n`,
    ...[...new Set(others)]
      .filter((name) => name !== model.name)
      .sort()
      .map((name) => `import { ${name} } from '${importOf(name)}';\n`),
    '\n',
  ].join('');
}
