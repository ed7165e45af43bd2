import fc from 'fast-check';
import { goDuration, shortDuration } from '../../lib/engines/rendering';

const UNIT_MILLISECONDS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 };
const WHOLE_DAYS = fc.integer({ min: 0, max: 7 * 86_400_000 });

/** Reads `1h0m1.5s` as Go does. */
function parse(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  expect(parts.map(([part]) => part).join('')).toBe(text);
  return parts.reduce(
    (sum, [, amount, unit]) => sum + Math.round(Number(amount) * UNIT_MILLISECONDS[unit as 'h' | 'm' | 's' | 'ms']),
    0,
  );
}

test.each([
  [0, '0s', '0s'],
  [500, '500ms', '500ms'],
  [1_500, '1.5s', '1.5s'],
  [30_000, '30s', '30s'],
  [60_000, '1m0s', '1m'],
  [90_000, '1m30s', '1m30s'],
  [600_000, '10m0s', '10m'],
  [3_600_000, '1h0m0s', '1h'],
  [36_000_000, '10h0m0s', '10h'],
  [3_601_000, '1h0m1s', '1h0m1s'],
  [5_400_000, '1h30m0s', '1h30m'],
])('%i ms is %s for a container and %s for a service', (milliseconds, long, short) => {
  expect(goDuration(milliseconds)).toBe(long);
  expect(shortDuration(milliseconds)).toBe(short);
});

describe.each([
  ['a container', goDuration],
  ['a service', shortDuration],
])('durations of %s', (what, format) => {
  test(`a duration of ${what} keeps its value`, () => {
    fc.assert(
      fc.property(WHOLE_DAYS, (milliseconds) => {
        expect(parse(format(milliseconds))).toBe(milliseconds);
      }),
    );
  });

  test(`a duration of ${what} never has 60 or more seconds or minutes`, () => {
    fc.assert(
      fc.property(WHOLE_DAYS, (milliseconds) => {
        const amounts = [...format(milliseconds).matchAll(/([\d.]+)(m|s)(?!s)/g)].map(([, amount]) => Number(amount));
        expect(amounts.filter((amount) => amount >= 60)).toEqual([]);
      }),
    );
  });
});

test('a duration of a service has no trailing zeros', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), (minutes) => {
      expect(shortDuration(minutes * 60_000)).not.toMatch(/[a-z]0[a-z]+$/);
    }),
  );
});
