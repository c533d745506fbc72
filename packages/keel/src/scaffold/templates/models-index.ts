import type { FileStyle } from '../file-style';

/**
 * The file that loads all models of its folder.
 *
 * @param config the config file's path from the models' folder, with slashes
 */
export function modelsIndex(style: FileStyle, config: string): string {
  if (style.language === 'typescript') return typed(style, config);
  return style.language === 'esm' ? esm(config) : commonJs(config);
}

function commonJs(config: string): string {
  return `'use strict';

const fs = require('fs');
const path = require('path');
const Sequelize = require('sequelize');
const process = require('process');
const basename = path.basename(__filename);
const env = process.env.NODE_ENV || 'development';
const config = require(__dirname + '/${config}')[env];
const db = {};

let sequelize;
if (config.url) {
  sequelize = new Sequelize(config.url, config);
} else if (config.use_env_variable) {
  sequelize = new Sequelize(process.env[config.use_env_variable], config);
} else {
  sequelize = new Sequelize(config.database, config.username, config.password, config);
}

fs
  .readdirSync(__dirname)
  .filter(file => {
    return (
      file.indexOf('.') !== 0 &&
      file !== basename &&
      file.slice(-path.extname(basename).length) === path.extname(basename) &&
      file.indexOf('.test.') === -1
    );
  })
  .forEach(file => {
    const model = require(path.join(__dirname, file))(sequelize, Sequelize.DataTypes);
    db[model.name] = model;
  });

Object.keys(db).forEach(modelName => {
  if (db[modelName].associate) {
    db[modelName].associate(db);
  }
});

db.sequelize = sequelize;
db.Sequelize = Sequelize;

module.exports = db;
`;
}

const IMPORT_CONFIG = (config: string): string =>
  config.endsWith('.json')
    ? `JSON.parse(\n  readFileSync(new URL('${config}', import.meta.url), 'utf8'),\n)`
    : `(await import('${config.replace(/ts$/, 'js')}')).default`;

function esm(config: string): string {
  return `import { ${config.endsWith('.json') ? 'readdirSync, readFileSync' : 'readdirSync'} } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import Sequelize from 'sequelize';

const env = process.env.NODE_ENV || 'development';
const config = ${IMPORT_CONFIG(config)}[env];
const db = {};

const sequelize = config.url
  ? new Sequelize(config.url, config)
  : config.use_env_variable
    ? new Sequelize(process.env[config.use_env_variable], config)
    : new Sequelize(config.database, config.username, config.password, config);

const folder = new URL('.', import.meta.url);
const extension = path.extname(import.meta.url);
const files = readdirSync(folder).filter(
  (file) => path.extname(file) === extension && !/^index\\.|^\\.|\\.test\\./.test(file),
);

for (const file of files) {
  const { default: define } = await import(new URL(file, folder).href);
  const model = define(sequelize, Sequelize.DataTypes);
  db[model.name] = model;
}

for (const model of Object.values(db)) {
  model.associate?.(db);
}

db.sequelize = sequelize;
db.Sequelize = Sequelize;

export { sequelize, Sequelize };
export default db;
`;
}

/** TypeScript for what the config file exports. */
export function environmentsCode({ esModule }: FileStyle, config: string): string {
  if (esModule) return IMPORT_CONFIG(config);
  return config.endsWith('ts')
    ? `require('${config.replace(/\.ts$/, '')}').default`
    : `require('${config}')`;
}

function typed(style: FileStyle, config: string): string {
  const { esModule, requires, hasNodeTypes } = style;
  const json = config.endsWith('.json');
  const folder = esModule ? `new URL('.', import.meta.url)` : '__dirname';
  const loadModel = esModule
    ? `(await import(new URL(file, folder).href)) as Definition`
    : `require(path.join(folder, file)) as Definition`;
  // What `import x = require()` gives is named by the package.
  const [fs, of] = requires ? ['fs.', 'Sequelize.'] : ['', ''];
  const exported = requires
    ? `export = { ...models, models, sequelize, Sequelize: Sequelize.Sequelize };`
    : `export { models, sequelize, Sequelize };\nexport default { ...models, sequelize, Sequelize };`;
  return `${hasNodeTypes ? '/// <reference types="node" />\n' : ''}${typedImports(style, json)}

interface Environment extends ${of}Options {
  readonly url?: string;
  readonly use_env_variable?: string;
}

type AnyModel = ${of}ModelStatic<${of}Model> & {
  associate?: (models: Record<string, ${of}ModelStatic<${of}Model>>) => void;
};

interface Definition {
  readonly default: (sequelize: ${of}Sequelize, dataTypes: typeof ${of}DataTypes) => AnyModel;
}

const environments = ${environmentsCode(style, config)} as Record<string, Environment>;
const config = environments[process.env.NODE_ENV || 'development'] as Environment;

const sequelize = config.url
  ? new ${of}Sequelize(config.url, config)
  : config.use_env_variable
    ? new ${of}Sequelize(process.env[config.use_env_variable] as string, config)
    : new ${of}Sequelize(config);

const folder = ${folder};
const extension = path.extname(${esModule ? 'import.meta.url' : '__filename'});
const files = ${fs}readdirSync(folder).filter(
  (file) => path.extname(file) === extension && !/^index\\.|^\\.|\\.(d|test)\\./.test(file),
);

const models: Record<string, AnyModel> = {};

for (const file of files) {
  const { default: define } = ${loadModel};
  const model = define(sequelize, ${of}DataTypes);
  models[model.name] = model;
}

for (const model of Object.values(models)) {
  model.associate?.(models);
}

${exported}
`;
}

function typedImports({ esModule, requires }: FileStyle, json: boolean): string {
  if (requires)
    return `import fs = require('node:fs');
import path = require('node:path');
import Sequelize = require('sequelize');`;
  return `import { ${esModule && json ? 'readdirSync, readFileSync' : 'readdirSync'} } from 'node:fs';
import * as path from 'node:path';
import { DataTypes, Sequelize } from 'sequelize';
import type { Model, ModelStatic, Options } from 'sequelize';`;
}
