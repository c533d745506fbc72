// config.ts for tools that cannot load TypeScript by themselves. keel is given it as it is.
require('ts-node/register/transpile-only');
const { execFileSync } = require('node:child_process');
const path = require('node:path');
const { default: config, readEmbeddedPort } = require('./config');
const { readEnvironment } = require('./environment');

const isSequelizeCli = /[\\/]node_modules[\\/]sequelize-cli[\\/]/.test(
  require.main?.filename ?? '',
);
module.exports = isSequelizeCli ? forSequelizeCli() : config;

/**
 * sequelize-cli knows nothing of the embedded server and drops the query of a URL, `?sslmode=` too.
 * So the environment that it chooses, and only that one, is made ready when it is read: the server
 * started, the URL taken apart, a missing DATABASE_URL reported.
 */
function forSequelizeCli() {
  const environments = {};
  for (const name of Object.keys(config)) {
    let environment;
    Object.defineProperty(environments, name, {
      enumerable: true,
      get: () => (environment ??= readyEnvironment(name)),
    });
  }
  return environments;
}

function readyEnvironment(name) {
  const environment = readEnvironment(name);
  if (!environment.embedded) return environment;

  const bin = require.resolve('sequelize-keel/package.json').replace('package.json', 'bin/keel.js');
  execFileSync(process.execPath, [bin, 'db:start', '--quiet'], {
    cwd: path.join(__dirname, '..'),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return { ...environment, port: readEmbeddedPort() };
}
