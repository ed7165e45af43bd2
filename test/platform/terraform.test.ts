import { Image } from '@cdktf/provider-docker/lib/image';
import { Token } from 'cdktf';
import fc from 'fast-check';
import {
  addressOf,
  attributeOf,
  innerExpression,
  literal,
  literals,
  literalMap,
  sortedEntries,
  terraformId,
} from '../../lib/platform/terraform';
import { createStack, synthesize } from '../setup/synthesize';

test('the address of a resource is the one in the output', () => {
  const stack = createStack();
  const image = new Image(stack, 'redis', { name: 'redis:7.4' });
  expect(addressOf(image)).toBe('docker_image.redis');
  expect(synthesize(stack).resource.docker_image).toHaveProperty('redis');
});

test('the address of a resource follows an overridden logical id', () => {
  const image = new Image(createStack(), 'redis', { name: 'redis:7.4' });
  image.overrideLogicalId('cache');
  expect(attributeOf(image, 'image_id')).toBe('${docker_image.cache.image_id}');
});

test('the inside of an expression can be part of another one', () => {
  expect(innerExpression('${abspath("${path.root}/key")}')).toBe('abspath("${path.root}/key")');
});

test('rejects the inside of a string that is not an expression', () => {
  expect(() => innerExpression('/etc/key')).toThrow('not a Terraform expression: /etc/key');
});

test.each([
  ['desk-db', 'desk-db'],
  ['Trader_1', 'Trader_1'],
  ['trader.1', 'trader_1'],
  ['7up', '_7up'],
])('the name %s on the engine has the valid Terraform name %s', (name, id) => {
  expect(terraformId(name)).toBe(id);
});

/** Strings with many template sequences and parts of them. */
const TEXTS = fc
  .array(fc.constantFrom('$', '%', '{', '}', '${', '%{', '$${', 'a', ' ', '"', '\\', '\n'))
  .map((all) => all.join(''));

/** How Terraform reads a template without expressions. */
function read(template: string): string {
  return template.replace(/\$\$\{/g, '${').replace(/%%\{/g, '%{');
}

test.each([
  ['${HOME}', '$${HOME}'],
  ['%{ if x }', '%%{ if x }'],
  ['$${HOME}', '$$${HOME}'],
  ['${a}${b}', '$${a}$${b}'],
  ['$HOME costs 5% of {x}', '$HOME costs 5% of {x}'],
])('%s is escaped as %s', (text, written) => {
  expect(literal(text)).toBe(written);
});

test('Terraform reads an escaped string back unchanged', () => {
  fc.assert(
    fc.property(TEXTS, (text) => {
      expect(read(literal(text))).toBe(text);
    }),
  );
});

test('an escaped string starts no template', () => {
  fc.assert(
    fc.property(TEXTS, (text) => {
      expect(literal(text).replace(/\$\$\{|%%\{/g, ' ')).not.toMatch(/\$\{|%\{/);
    }),
  );
});

test('a string with a cdktf token stays an expression', () => {
  const token = Token.asString({ resolve: () => 'x' });
  expect(literal(`http://${token}`)).toBe(`http://${token}`);
});

test('every string of a list is escaped', () => {
  expect(literals(['a', '${b}'])).toEqual(['a', '$${b}']);
});

test('every value of a map is escaped, in the order of the keys', () => {
  expect(Object.entries(literalMap({ b: '${x}', a: '1' }))).toEqual([
    ['a', '1'],
    ['b', '$${x}'],
  ]);
});

test('entries are sorted by key', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.integer()), (values) => {
      const reversed = Object.fromEntries(Object.entries(values).reverse());
      expect(sortedEntries(reversed)).toEqual(sortedEntries(values));
    }),
  );
});
