import fc from 'fast-check';
import { contentHash } from '../../lib/platform/content-hash';

const SCALARS = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
const JSON_OBJECTS = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }));

test('a hash is sixteen hexadecimal digits', () => {
  expect(contentHash({ image: 'redis' })).toMatch(/^[0-9a-f]{16}$/);
});

test('a hash does not depend on the order of keys at any depth', () => {
  expect(contentHash({ a: 1, b: { c: 2, d: 3 } })).toBe(contentHash({ b: { d: 3, c: 2 }, a: 1 }));
  fc.assert(
    fc.property(JSON_OBJECTS, (value) => {
      const reversed = Object.fromEntries(Object.entries(value).reverse());
      expect(contentHash(reversed)).toBe(contentHash(value));
    }),
  );
});

test('a hash depends on the order of a list', () => {
  expect(contentHash(['a', 'b'])).not.toBe(contentHash(['b', 'a']));
});

test('a hash changes with any change of a value', () => {
  fc.assert(
    fc.property(JSON_OBJECTS, fc.string(), SCALARS, SCALARS, (rest, key, before, after) => {
      fc.pre(before !== after);
      expect(contentHash({ ...rest, [key]: before })).not.toBe(contentHash({ ...rest, [key]: after }));
    }),
  );
});

test.each([
  ['a number', 'the same in text', 1, '1'],
  ['nothing', 'the word', null, 'null'],
  ['an empty list', 'an empty object', [], {}],
  ['one text', 'the same in two parts', ['ab'], ['a', 'b']],
])('a hash distinguishes %s from %s', (_a, _b, one, other) => {
  expect(contentHash(one)).not.toBe(contentHash(other));
});

test('a hash does not depend on the numbers of cdktf tokens, which unrelated code changes', () => {
  const url = (number: number): object => ({ URL: `tcp://\${TfToken[TOKEN.${number}]}:5555` });
  expect(contentHash(url(3))).toBe(contentHash(url(41)));
  expect(contentHash(url(3))).not.toBe(contentHash({ URL: 'tcp://gateway:5555' }));
});
