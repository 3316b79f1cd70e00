/** Suites that need a service which is absent report themselves as skipped, by name; CI brings every service. */
module.exports = {
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest'] },
  testMatch: ['<rootDir>/{src,domains,queue-workers,test,scripts,bench}/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  // Integration files start databases and child processes; on a small machine they need room, not speed.
  testTimeout: 60_000,
  maxWorkers: 2,
  setupFiles: ['reflect-metadata'],
};
