import { text } from '../../codegen/code';
import type { FileStyle } from '../../scaffold/file-style';
import type { PlannedModel } from '../plan/model-plan';
import { associateLines, attributesCode, laidOut, optionsCode, remarks, uses } from './model-code';

const LITERAL = 'sequelize.literal';

/** A model's file in JavaScript: a class with `init`, or `sequelize.define`. */
export function renderPlain(
  model: PlannedModel,
  { language }: FileStyle,
  style: 'class' | 'define',
): string {
  const body = style === 'class' ? classBody(model) : defineBody(model);
  const values = ['Deferrable', 'Model'].filter((name) => uses(body, name));
  if (language === 'commonjs') {
    const imports =
      values.length === 0 ? '' : `const { ${values.join(', ')} } = require('sequelize');\n\n`;
    return `'use strict';\n\n${imports}${remarks(model)}module.exports = (sequelize, DataTypes) => {\n${body}};\n`;
  }
  const imports =
    values.length === 0 ? '' : `import { ${values.join(', ')} } from 'sequelize';\n\n`;
  return `${imports}${remarks(model)}export default (sequelize, DataTypes) => {\n${body}};\n`;
}

function classBody(model: PlannedModel): string {
  const { name } = model;
  const associate = associateLines(model, 6);
  const methods =
    associate.length === 0
      ? ''
      : `\n    static associate(models) {\n${associate.join('\n')}\n    }\n  `;
  const options = optionsCode(model, LITERAL, [
    ['sequelize', 'sequelize'],
    ['modelName', text(name)],
  ]);
  return `  class ${name} extends Model {${methods}}

  ${name}.init(
    ${laidOut(attributesCode(model, { implied: false, literal: LITERAL }), 4)},
    ${laidOut(options, 4)},
  );
${withoutId(model)}
  return ${name};
`.replace('sequelize: sequelize', 'sequelize');
}

function defineBody(model: PlannedModel): string {
  const { name } = model;
  const associate = associateLines(model, 4);
  const methods =
    associate.length === 0
      ? ''
      : `\n  ${name}.associate = (models) => {\n${associate.join('\n')}\n  };\n`;
  return `  const ${name} = sequelize.define(
    ${text(name)},
    ${laidOut(attributesCode(model, { implied: false, literal: LITERAL }), 4)},
    ${laidOut(optionsCode(model, LITERAL), 4)},
  );
${withoutId(model)}${methods}
  return ${name};
`;
}

/** Sequelize adds an `id` to a model without a primary key. */
function withoutId({ name, hasPrimaryKey }: PlannedModel): string {
  return hasPrimaryKey
    ? ''
    : `  // The table has no primary key.\n  ${name}.removeAttribute('id');\n`;
}
