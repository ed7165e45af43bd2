const root = require('../jest.config');

/** @type {import('jest').Config} */
module.exports = {
  ...root,
  rootDir: '..',
  roots: ['<rootDir>/conformance'],
  testPathIgnorePatterns: ['/node_modules/'],
};
