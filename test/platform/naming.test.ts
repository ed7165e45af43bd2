import fc from 'fast-check';
import { checkDockerName, checkAlias, containerName, volumeName } from '../../lib/platform/naming';

const IDS = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,70}$/);

test.each(['db', 'mt5-strategy-runner', 'a.b_c-d', '0x', 'a'.repeat(63)])('accepts the Docker name %s', (name) => {
  expect(checkDockerName(name, 'name', 'desk/db')).toBe(name);
});

test.each([
  ['', 'has 0 characters'],
  ['a', 'has 1 character'],
  ['a'.repeat(64), 'has 64 characters'],
  ['-db', "starts with '-'"],
  ['_db', "starts with '_'"],
  ['.db', "starts with '.'"],
  ['my db', "contains ' '"],
  ['db/1', "contains '/'"],
  ['dé', "contains 'é'"],
  ['db\n', "contains '\n'"],
])('rejects the Docker name %j, which %s', (name, reason) => {
  expect(() => checkDockerName(name, 'name', 'desk/db')).toThrowCode(
    'invalid-name',
    `desk/db: name cannot be '${name}', which ${reason}`,
  );
});

test.each(['db', 'x', 'strategy_runner', 'a-b', 'a'.repeat(63)])('accepts the alias %s', (name) => {
  expect(checkAlias(name, 'the alias', 'desk/db')).toBe(name);
});

test.each(['', '-db', 'db-', '_db', 'a.b', 'my db', 'a'.repeat(64), 'db\n'])('rejects the alias %j', (name) => {
  expect(() => checkAlias(name, 'the alias', 'desk/db')).toThrowCode('invalid-name', 'desk/db: the alias cannot be');
});

test('the name of a container consists of its stack and its id', () => {
  expect(containerName('mt5', 'strategy_runner')).toBe('mt5-strategy-runner');
});

test('the name of a volume consists of its stack and its own name', () => {
  expect(volumeName('mt5', 'db_data')).toBe('mt5_db_data');
});

test('every container name is either valid for Docker or rejected', () => {
  fc.assert(
    fc.property(IDS, (id) => {
      const name = containerName('mt5', id);
      if (name.length > 63) expect(() => checkDockerName(name, 'name', 'mt5/x')).toThrowCode('invalid-name', name);
      else expect(checkDockerName(name, 'name', 'mt5/x')).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
    }),
  );
});

test('two ids result in the same name only if they differ in hyphens and underscores', () => {
  fc.assert(
    fc.property(IDS, IDS, (one, other) => {
      const isSame = one.replace(/_/g, '-') === other.replace(/_/g, '-');
      expect(containerName('mt5', one) === containerName('mt5', other)).toBe(isSame);
    }),
  );
});

test('two volumes of a stack never have the same name', () => {
  fc.assert(
    fc.property(IDS, IDS, (one, other) => {
      expect(volumeName('mt5', one) === volumeName('mt5', other)).toBe(one === other);
    }),
  );
});
