import fc from 'fast-check';
import { checkDockerName, checkAlias, containerName, volumeName } from '../../lib/platform/naming';

const IDS = fc.stringMatching(/^[a-z][a-z0-9_.-]{0,70}$/);

test.each(['db', 'mt5-strategy-runner', 'a.b_c-d', '0x', 'a'.repeat(63)])('%s is a name for Docker', (name) => {
  expect(checkDockerName(name, 'name', 'desk/db')).toBe(name);
});

test.each([
  ['', 'it has 0 characters'],
  ['a', 'it has 1 character'],
  ['a'.repeat(64), 'it has 64 characters'],
  ['-db', "it starts with '-'"],
  ['_db', "it starts with '_'"],
  ['.db', "it starts with '.'"],
  ['my db', "it has ' ' in it"],
  ['db/1', "it has '/' in it"],
  ['dé', "it has 'é' in it"],
  ['db\n', "it has '\n' in it"],
])('%j is no name for Docker, because %s', (name, reason) => {
  expect(() => checkDockerName(name, 'name', 'desk/db')).toThrow(
    `desk/db: name cannot be '${name}': ${reason}. Give a name of 2 to 63`,
  );
});

test.each(['db', 'x', 'strategy_runner', 'a-b', 'a'.repeat(63)])('%s is a name that others can reach', (name) => {
  expect(checkAlias(name, 'the alias', 'desk/db')).toBe(name);
});

test.each(['', '-db', 'db-', '_db', 'a.b', 'my db', 'a'.repeat(64), 'db\n'])(
  '%j is no name that others can reach',
  (name) => {
    expect(() => checkAlias(name, 'the alias', 'desk/db')).toThrow(
      `desk/db: the alias cannot be '${name}'. Give a host name of 1 to 63`,
    );
  },
);

test('a container is called after its stack and its id', () => {
  expect(containerName('mt5', 'strategy_runner')).toBe('mt5-strategy-runner');
});

test('a volume is called after its stack and its own name', () => {
  expect(volumeName('mt5', 'db_data')).toBe('mt5_db_data');
});

test('a name of a container is either good for Docker or refused', () => {
  fc.assert(
    fc.property(IDS, (id) => {
      const name = containerName('mt5', id);
      if (name.length > 63) expect(() => checkDockerName(name, 'name', 'mt5/x')).toThrow(name);
      else expect(checkDockerName(name, 'name', 'mt5/x')).toMatch(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/);
    }),
  );
});

test('only a hyphen in the place of an underscore gives two ids one name', () => {
  fc.assert(
    fc.property(IDS, IDS, (one, other) => {
      const isSame = one.replace(/_/g, '-') === other.replace(/_/g, '-');
      expect(containerName('mt5', one) === containerName('mt5', other)).toBe(isSame);
    }),
  );
});

test('two volumes of a stack never get one name', () => {
  fc.assert(
    fc.property(IDS, IDS, (one, other) => {
      expect(volumeName('mt5', one) === volumeName('mt5', other)).toBe(one === other);
    }),
  );
});
