const { relative, resolve } = require('node:path');

require('../../test/setup/swc-register');
const { TITLE_SEPARATOR, writeResults } = require('./results');

const ROOT = resolve(__dirname, '../..');

/** Keeps the result of each test of the reference service, as `e2e-reporter.js` does for the end-to-end tests. */
module.exports = async function* report(events) {
  const byFile = new Map();
  const titles = [];
  for await (const { type, data } of events) {
    if (type === 'test:start') titles.splice(data.nesting, Infinity, data.name);
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    // A group has started before its tests, which are reported before it.
    const name = [...titles.slice(0, data.nesting), data.name].join(TITLE_SEPARATOR);
    const tests = byFile.get(data.file) ?? [];
    byFile.set(data.file, tests);
    tests.push({ name, passed: type === 'test:pass' && data.skip === undefined && data.todo === undefined });
  }
  for (const [file, tests] of byFile) writeResults(relative(ROOT, file), tests);
  yield '';
};
