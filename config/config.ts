import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(__dirname, '..');

// What the environment has already wins over the file.
const envFile = path.join(root, '.env');
if (existsSync(envFile)) process.loadEnvFile(envFile);

const shared = {
  dialect: 'postgres',
  logging: false,
  // sequelize-cli's own default is to record no seeds and to run them again each time.
  seederStorage: 'sequelize',
  // A doubtful migration file refuses the run.
  keel: { strict: true },
} as const;

/** DATABASE_URL where it is set, else a database on the server that the project brings along. */
function localDatabase(database: string) {
  const url = process.env.DATABASE_URL;
  if (url) return { ...shared, url };

  return {
    ...shared,
    database,
    username: 'postgres',
    password: '1971',
    host: '127.0.0.1',
    port: readEmbeddedPort(),
    embedded: true,
  };
}

/** The embedded server's port: the running one's, or else the one that it tries first. */
export function readEmbeddedPort(): number {
  const home = path.resolve(root, process.env.KEEL_HOME || '.keel');
  try {
    const server = JSON.parse(readFileSync(path.join(home, 'server.json'), 'utf8')) as {
      port?: number;
    };
    return server.port ?? 54320;
  } catch {
    return 54320;
  }
}

export default {
  development: localDatabase('demo'),
  test: localDatabase('demo_test'),
  production: { ...shared, use_env_variable: 'DATABASE_URL' },
};
