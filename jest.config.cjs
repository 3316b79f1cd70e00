/** Suites that need a service which is absent report themselves as skipped, by name; CI brings every service. */
module.exports = {
  testEnvironment: '<rootDir>/test/support/jest-environment.cjs',
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  testMatch: ['<rootDir>/{src,domains,queue-workers,test,scripts,bench,chaos}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // Integration files start databases and child processes; on a small machine they need room, not speed.
  testTimeout: 60_000,
  maxWorkers: 2,
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  setupFiles: ['reflect-metadata'],
};
