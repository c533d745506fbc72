import type { FileStyle } from '../../scaffold/file-style';
import { environmentsCode } from '../../scaffold/templates/models-index';

/**
 * The models' index of a project with sequelize-typescript, which is told its classes one by one.
 *
 * @param config the config file's path from the models' folder, with slashes
 */
export function renderDecoratedIndex(
  style: FileStyle,
  config: string,
  models: readonly { readonly name: string; readonly from: string }[],
): string {
  const names = models.map(({ name }) => name);
  const readsJson = style.esModule && config.endsWith('.json');
  return `import 'reflect-metadata';
${readsJson ? "import { readFileSync } from 'node:fs';\n" : ''}import { Sequelize } from 'sequelize-typescript';
import type { SequelizeOptions } from 'sequelize-typescript';
${models.map(({ name, from }) => `import { ${name} } from '${from}';\n`).join('')}
interface Environment extends SequelizeOptions {
  readonly url?: string;
  readonly use_env_variable?: string;
}

const environments = ${environmentsCode(style, config)} as Record<string, Environment>;
const environment = environments[process.env.NODE_ENV || 'development'] as Environment;
const config: SequelizeOptions = {
  ...environment,
  models: [${names.join(', ')}],
};

export const sequelize = environment.url
  ? new Sequelize(environment.url, config)
  : environment.use_env_variable
    ? new Sequelize(process.env[environment.use_env_variable] as string, config)
    : new Sequelize(config);

export { ${names.join(', ')} };
`;
}
