import { text } from '../../codegen/code';
import type { DefineStyle } from '../define-style';
import { dataType, valueType } from './model-file';
import type { ModelPlan } from './model-file';

/** A model's file with `sequelize.define` and `associate`, in TypeScript. */
export function definedModel(plan: ModelPlan, style: DefineStyle): string {
  const { name } = plan;
  const type = style.modelType?.name ?? `${name}Model`;
  const generic = style.modelType === undefined ? type : `${type}<${name}>`;
  return `import { DataTypes } from 'sequelize';
import type {
${typesOf(style)
  .map((imported) => `  ${imported},\n`)
  .join('')}} from 'sequelize';
${importOf(style)}
export interface ${name} extends Model<InferAttributes<${name}>, InferCreationAttributes<${name}>> {
  id: CreationOptional<number>;
${plan.attributes.map((attribute) => `  ${attribute.name}: ${valueType(attribute)};\n`).join('')}  createdAt: CreationOptional<Date>;
  updatedAt: CreationOptional<Date>;
}
${ownType(plan, style)}
export ${style.named ? '' : 'default '}function define${name}(sequelize: Sequelize): ${generic} {
  const ${name}: ${generic} = sequelize.define<${name}, Partial<Attributes<${name}>>>(
    '${name}',
    {
${plan.attributes.map((attribute) => `      ${attribute.name}: ${dataType(attribute, 'DataTypes')},\n`).join('')}    },
    ${optionsOf(plan, style)},
  );

  ${name}.associate = (_models) => {
    // define association here
  };

  return ${name};
}
`;
}

function typesOf({ modelType }: DefineStyle): string[] {
  const always = ['Attributes', 'CreationOptional', 'InferAttributes', 'InferCreationAttributes'];
  return [...always, 'Model', ...(modelType === undefined ? ['ModelStatic'] : []), 'Sequelize'];
}

function importOf({ modelType }: DefineStyle): string {
  return modelType === undefined
    ? ''
    : `import type { ${modelType.name} } from '${modelType.from}';\n`;
}

function ownType({ name }: ModelPlan, { modelType }: DefineStyle): string {
  if (modelType !== undefined) return '';
  return `
type ${name}Model = ModelStatic<${name}> & {
  associate?: (models: Record<string, ModelStatic<Model>>) => void;
};
`;
}

function optionsOf({ table, underscored }: ModelPlan, { tableNamed }: DefineStyle): string {
  const options = [
    ...(tableNamed ? [`tableName: ${text(table)}`] : []),
    ...(underscored ? ['underscored: true'] : []),
  ];
  return options.length === 0 ? '{}' : `{ ${options.join(', ')} }`;
}
