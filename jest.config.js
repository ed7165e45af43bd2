/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/test/e2e/', '/test/package/', '/test/parsers/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }] },
  setupFiles: ['<rootDir>/test/setup/creation-stacks.ts'],
  setupFilesAfterEnv: ['<rootDir>/test/setup/matchers.ts'],
  // Many tests wait for processes, so that one worker for each processor, instead of one less, leaves none idle.
  maxWorkers: '100%',
  // Tests of the command line start processes, which is slow on a busy machine.
  testTimeout: 60_000,
  reporters: ['default', '<rootDir>/test/setup/summary-reporter.js'],
};
