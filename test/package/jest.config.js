const root = require('../../jest.config');

/** @type {import('jest').Config} */
module.exports = {
  ...root,
  rootDir: '../..',
  roots: ['<rootDir>/test/package'],
  testPathIgnorePatterns: ['/node_modules/'],
  setupFiles: [],
  setupFilesAfterEnv: [],
  // The tests of one file are steps: build, pack, install, use.
  testTimeout: 3 * 60_000,
};
