import { missingTests, outcomeOf } from './tests';

const FILE = 'test/e2e/examples/systems.e2e.test.ts';
const FILLED = 'carries a price to a fill in PostgreSQL that the risk manager approved';

test('every test that a row needs exists', () => {
  expect(missingTests()).toEqual([]);
});

test.each([
  ['proven', [{ name: `binance › ${FILLED}`, passed: true }]],
  ['failed', [{ name: `binance › ${FILLED}`, passed: false }]],
  // The same test of another system.
  ['missing', [{ name: `platform › ${FILLED}`, passed: true }]],
  ['missing', []],
])('a row is %s after %j', (outcome, tests) => {
  expect(outcomeOf('S1-5', new Map([[FILE, tests]]))).toBe(outcome);
});
