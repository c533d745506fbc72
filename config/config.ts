import { existsSync } from 'node:fs';
import { databaseFromUrl, embeddedServer } from 'sequelize-keel/config';

if (existsSync('.env')) process.loadEnvFile();

const shared = {
  dialect: 'postgres',
  logging: false,
  // Both tools record which seeders have run, so that none runs twice.
  seederStorage: 'sequelize',
  // keel refuses to run doubtful migration files.
  keel: { strict: true },
} as const;

// The server that DATABASE_URL names, or else the one that comes along with keel.
const server = process.env.DATABASE_URL ? databaseFromUrl() : embeddedServer();
const local = { username: 'postgres', password: '1971', ...shared, ...server };

export default {
  development: { database: 'demo', ...local },
  test: { database: 'demo_test', ...local },
  // The examples drop and recreate their tables: on any server they have a database of their own.
  examples: { ...local, database: 'demo_examples' },
  // Read only where it is chosen: without DATABASE_URL it is an error.
  get production() {
    return { ...shared, ...databaseFromUrl() };
  },
};
