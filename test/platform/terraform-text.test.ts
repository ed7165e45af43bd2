import fc from 'fast-check';
import { Token } from 'cdktf';
import { literal, literals, literalValues, sortedEntries } from '../../lib/platform/terraform';

/** Text with many template marks and what looks like them. */
const TEXTS = fc
  .array(fc.constantFrom('$', '%', '{', '}', '${', '%{', '$${', 'a', ' ', '"', '\\', '\n'))
  .map((all) => all.join(''));

/** What Terraform makes of a template without expressions. */
function read(template: string): string {
  return template.replace(/\$\$\{/g, '${').replace(/%%\{/g, '%{');
}

test.each([
  ['${HOME}', '$${HOME}'],
  ['%{ if x }', '%%{ if x }'],
  ['$${HOME}', '$$${HOME}'],
  ['${a}${b}', '$${a}$${b}'],
  ['$HOME costs 5% of {x}', '$HOME costs 5% of {x}'],
])('%s is written as %s', (text, written) => {
  expect(literal(text)).toBe(written);
});

test('Terraform reads back what was written', () => {
  fc.assert(
    fc.property(TEXTS, (text) => {
      expect(read(literal(text))).toBe(text);
    }),
  );
});

test('no mark of a template is left open', () => {
  fc.assert(
    fc.property(TEXTS, (text) => {
      expect(literal(text).replace(/\$\$\{|%%\{/g, ' ')).not.toMatch(/\$\{|%\{/);
    }),
  );
});

test('an expression of cdktf stays an expression', () => {
  const token = Token.asString({ resolve: () => 'x' });
  expect(literal(`http://${token}`)).toBe(`http://${token}`);
});

test('every text of a list is taken letter by letter', () => {
  expect(literals(['a', '${b}'])).toEqual(['a', '$${b}']);
});

test('every value of a map is taken letter by letter, in the order of the keys', () => {
  expect(Object.entries(literalValues({ b: '${x}', a: '1' }))).toEqual([
    ['a', '1'],
    ['b', '$${x}'],
  ]);
});

test('the order of entries does not depend on the order in which they were written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (values) => {
      const reversed = Object.fromEntries(Object.entries(values).reverse());
      expect(sortedEntries(reversed)).toEqual(sortedEntries(values));
    }),
  );
});
