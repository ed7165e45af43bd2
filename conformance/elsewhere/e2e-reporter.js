const { relative, resolve } = require('node:path');

require('../../test/setup/swc-register');
const { TITLE_SEPARATOR, writeResults } = require('./results');

const ROOT = resolve(__dirname, '../..');

/** Keeps the result of each end-to-end test, so that the conformance table can say which of its rows they proved. */
module.exports = class ResultsReporter {
  onTestResult(_test, { testFilePath, testResults }) {
    const tests = testResults.map(({ ancestorTitles, title, status }) => ({
      name: [...ancestorTitles, title].join(TITLE_SEPARATOR),
      passed: status === 'passed',
    }));
    writeResults(relative(ROOT, testFilePath), tests);
  }
};
