const root = require('../../jest.config');

/** @type {import('jest').Config} */
module.exports = {
  ...root,
  rootDir: '../..',
  roots: ['<rootDir>/test/parsers'],
  testMatch: ['**/*.parser.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
};
