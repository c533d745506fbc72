import { text } from '../../codegen/code';
import type { Attribute } from '../parse-attributes';
import type { FileStyle } from '../file-style';
import { migrationFile } from './migration-file';

/** A model to be generated, and its table. */
export interface ModelPlan {
  readonly name: string;
  readonly attributes: readonly Attribute[];
  readonly underscored: boolean;
  /** The table that Sequelize looks for by the model's name. */
  readonly table: string;
  /** The name of an attribute's column. */
  readonly column: (attribute: string) => string;
  /** Whether the project's Sequelize has `InferAttributes`, from version 6 on. */
  readonly infersAttributes: boolean;
}

/** The migration that makes a generated model's table. */
export function createTableMigration(style: FileStyle, plan: ModelPlan): string {
  const types = style.language === 'typescript' ? 'DataTypes' : 'Sequelize';
  const generated = generatedColumns(types);
  const columns: (readonly [string, readonly string[]])[] = [
    ['id', generated.id],
    ...plan.attributes.map(
      (attribute) =>
        [plan.column(attribute.name), [`type: ${dataType(attribute, types)}`]] as const,
    ),
    [plan.column('createdAt'), generated.time],
    [plan.column('updatedAt'), generated.time],
  ];
  return migrationFile(style, {
    up: [
      `await queryInterface.createTable(${text(plan.table)}, {`,
      ...columns.flatMap(([name, options]) => [
        `  ${name}: {`,
        ...options.map((option) => `    ${option},`),
        '  },',
      ]),
      '});',
    ],
    down: [`await queryInterface.dropTable(${text(plan.table)});`],
  });
}

/** The columns that Sequelize has in a model by itself. */
function generatedColumns(types: string) {
  return {
    id: ['allowNull: false', 'autoIncrement: true', 'primaryKey: true', `type: ${types}.INTEGER`],
    time: ['allowNull: false', `type: ${types}.DATE`],
  };
}

/** The type of an attribute's column, as in `DataTypes.STRING`. */
export function dataType({ type, array, values }: Attribute, types: string): string {
  if (array) return `${types}.ARRAY(${types}.${type})`;
  return values.length > 0
    ? `${types}.${type}(${values.map(text).join(', ')})`
    : `${types}.${type}`;
}

/** A generated model's file. */
export function modelFile(style: FileStyle, plan: ModelPlan): string {
  return style.language === 'typescript' ? typedModel(style, plan) : plainModel(style, plan);
}

/** @param withGenerated says what Sequelize knows by itself, for types that infer the attributes */
function initCall(
  { name, attributes, underscored }: ModelPlan,
  withGenerated: boolean,
  types = 'DataTypes',
): string {
  const { id, time } = generatedColumns(types);
  const generated = (field: string, options: readonly string[]): string[] =>
    withGenerated
      ? [`      ${field}: {`, ...options.map((option) => `        ${option},`), '      },']
      : [];
  return [
    `${name}.init(`,
    '    {',
    ...generated('id', id),
    ...attributes.map((attribute) => `      ${attribute.name}: ${dataType(attribute, types)},`),
    ...generated('createdAt', time),
    ...generated('updatedAt', time),
    '    },',
    '    {',
    '      sequelize,',
    `      modelName: '${name}',`,
    ...(underscored ? ['      underscored: true,'] : []),
    '    },',
    '  )',
  ].join('\n');
}

const ASSOCIATE = `    /**
     * Helper method for defining associations.
     * This method is not a part of Sequelize lifecycle.
     * The \`models/index\` file will call this method automatically.
     */`;

function plainModel({ language }: FileStyle, plan: ModelPlan): string {
  const [head, exported] =
    language === 'commonjs'
      ? [`'use strict';\n\nconst { Model } = require('sequelize');`, 'module.exports =']
      : [`import { Model } from 'sequelize';`, 'export default'];
  return `${head}

${exported} (sequelize, DataTypes) => {
  class ${plan.name} extends Model {
${ASSOCIATE}
    static associate(models) {
      // define association here
    }
  }

  ${initCall(plan, false)};

  return ${plan.name};
};
`;
}

function typedModel(style: FileStyle, plan: ModelPlan): string {
  const { name, attributes, infersAttributes } = plan;
  // What `import x = require()` gives is named by the package.
  const from = style.requires ? 'Sequelize.' : '';
  const parent = infersAttributes
    ? `${from}Model<\n  ${from}InferAttributes<${name}>,\n  ${from}InferCreationAttributes<${name}>\n>`
    : `${from}Model`;
  const generated = (type: string): string =>
    infersAttributes ? `${from}CreationOptional<${type}>` : type;
  const fields = [
    `declare id: ${generated('number')};`,
    ...attributes.map((attribute) => `declare ${attribute.name}: ${valueType(attribute)};`),
    `declare createdAt: ${generated('Date')};`,
    `declare updatedAt: ${generated('Date')};`,
  ];
  const [exported, exportedDefault] = style.requires ? ['', ''] : ['export ', 'export default '];
  const all = style.requires ? `\nexport = { ${name}, default: define${name} };\n` : '';
  return `${typedImports(style, plan)}

${exported}class ${name} extends ${parent} {
${fields.map((field) => `  ${field}\n`).join('')}
${ASSOCIATE.replace(/^ {2}/gm, '')}
  static associate(_models: Record<string, ${from}ModelStatic<${from}Model>>): void {
    // define association here
  }
}

${exportedDefault}function define${name}(sequelize: ${from}Sequelize): typeof ${name} {
  return ${initCall(plan, infersAttributes, `${from}DataTypes`)};
}
${all}`;
}

function typedImports({ requires }: FileStyle, { infersAttributes }: ModelPlan): string {
  if (requires) return `import Sequelize = require('sequelize');`;
  const types = [
    ...(infersAttributes ? ['CreationOptional', 'InferAttributes', 'InferCreationAttributes'] : []),
    'ModelStatic',
    'Sequelize',
  ];
  return `import { DataTypes, Model } from 'sequelize';
import type {
${types.map((type) => `  ${type},\n`).join('')}} from 'sequelize';`;
}

const VALUE_TYPES: readonly (readonly [RegExp, string])[] = [
  [/^(INTEGER|SMALLINT|TINYINT|MEDIUMINT|FLOAT|REAL|DOUBLE|DOUBLE PRECISION)$/, 'number'],
  [/^(BOOLEAN)$/, 'boolean'],
  [/^(DATE|NOW)$/, 'Date'],
  [/^(BLOB)$/, 'Buffer'],
  // Numbers that JavaScript could not hold are texts.
  [
    /^(STRING|TEXT|CHAR|CITEXT|UUID|UUIDV1|UUIDV4|DATEONLY|TIME|BIGINT|DECIMAL|NUMBER|INET|CIDR|MACADDR)$/,
    'string',
  ],
];

/** The type of a value as `pg` gives it; columns may hold NULL. */
export function valueType({ type, array, values }: Attribute): string {
  const single =
    values.length > 0
      ? values.map(text).join(' | ')
      : (VALUE_TYPES.find(([pattern]) => pattern.test(type))?.[1] ?? 'unknown');
  if (array) return `${single}[] | null`;
  return single === 'unknown' ? single : `${single} | null`;
}
