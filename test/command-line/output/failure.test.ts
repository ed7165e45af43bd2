import { join, relative } from 'node:path';
import { userFrame } from '../../../lib/command-line/output/failure';
import { PublishedPort, TradingStackError } from '../../../lib';

const HERE = relative(process.cwd(), __filename);

/** What a mistake in this file is raised with. */
function mistake(): Error {
  try {
    PublishedPort.loopback(70_000);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it is none');
}

test('An error of the library comes from a line of its user', () => {
  expect(mistake()).toBeInstanceOf(TradingStackError);
  expect(userFrame(mistake())).toMatch(new RegExp(`^${HERE}:\\d+:\\d+$`));
});

test.each([
  ['    at Object.<anonymous> (/desk/desk.ts:4:2)', '/desk/desk.ts:4:2'],
  ['    at /desk/my desk.ts:4:2', '/desk/my desk.ts:4:2'],
  ['    at file:///desk/desk.mjs:4:2', '/desk/desk.mjs:4:2'],
])('The line is found in %j', (frame, place) => {
  const error = new Error('no');
  error.stack = `Error: no\n    at node:internal/main:1:1\n    at f (/desk/node_modules/cdktf/lib/app.js:1:1)\n${frame}`;
  expect(userFrame(error)).toBe(relative(process.cwd(), '/') + place);
});

test('No line is made up where the stack names none', () => {
  const error = new Error('no');
  error.stack = `Error: no\n    at new Workload (${join(__dirname, '../../../lib/workload/workload.ts')}:1:1)`;
  expect(userFrame(error)).toBeUndefined();
});
