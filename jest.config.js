/** @type {import('jest').Config} */
module.exports = {
  displayName: 'associations',
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: { '\\.ts$': ['ts-jest', { tsconfig: '<rootDir>/tsconfig.json' }] },
  modulePathIgnorePatterns: ['<rootDir>/.keel/', '<rootDir>/packages/'],
  globalSetup: '<rootDir>/packages/keel/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/packages/keel/test/support/global-teardown.ts',
  testTimeout: 60_000,
  maxWorkers: 2,
};
