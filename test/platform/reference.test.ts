import { Image } from '@cdktf/provider-docker/lib/image';
import { addressOf, attributeOf, innerExpression, terraformId } from '../../lib/platform/terraform';
import { createStack, synthesize } from '../setup/synthesize';

test('an address is the one that Terraform knows the resource by', () => {
  const stack = createStack();
  const image = new Image(stack, 'redis', { name: 'redis:7.4' });
  expect(addressOf(image)).toBe('docker_image.redis');
  expect(synthesize(stack).resource.docker_image).toHaveProperty('redis');
});

test('an address that was set by hand is the one that is set', () => {
  const image = new Image(createStack(), 'redis', { name: 'redis:7.4' });
  image.overrideLogicalId('cache');
  expect(attributeOf(image, 'image_id')).toBe('${docker_image.cache.image_id}');
});

test('an expression can be part of another one', () => {
  expect(innerExpression('${abspath("${path.root}/key")}')).toBe('abspath("${path.root}/key")');
});

test('what is no expression cannot', () => {
  expect(() => innerExpression('/etc/key')).toThrow('not a Terraform expression: /etc/key');
});

test.each([
  ['desk-db', 'desk-db'],
  ['Trader_1', 'Trader_1'],
  ['trader.1', 'trader_1'],
  ['7up', '_7up'],
])('the name %s on the engine is %s in Terraform, which takes no dots and no digit at the start', (name, id) => {
  expect(terraformId(name)).toBe(id);
});
