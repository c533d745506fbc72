const { availableParallelism } = require('node:os');

/** @type {import('jest').Config} */
module.exports = {
  displayName: 'associations',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.ts$': 'ts-jest' },
  modulePathIgnorePatterns: ['<rootDir>/.keel/', '<rootDir>/packages/'],
  testTimeout: 60_000,
  // A worker often waits for its server or for a command that it has started.
  maxWorkers: availableParallelism() + 1,
};
