const root = require('../../jest.config');

/** @type {import('jest').Config} */
module.exports = {
  ...root,
  rootDir: '../..',
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.e2e.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  globalSetup: '<rootDir>/test/e2e/setup.ts',
  setupFilesAfterEnv: [],
  testEnvironment: '<rootDir>/test/e2e/harness/steps-environment.ts',
  reporters: [...root.reporters, '<rootDir>/conformance/elsewhere/e2e-reporter.js'],
  // Every step really deploys: builds, waits for health, stops with grace.
  testTimeout: 10 * 60_000,
};
