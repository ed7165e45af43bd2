import { beyond, type Change, changesIn, interrupting } from '../../../lib/command-line/rollout/changes';

function change(address: string, action: Change['action']): Change {
  return { address, type: address.split('.')[0] ?? '', action, isDeposed: false, before: null, after: null };
}

test('A plan is read by what it does to each resource, and what it only reads or keeps is left out', () => {
  const planned = Object.entries({
    'docker_image.new': ['create'],
    'docker_container.limited': ['update'],
    'docker_container.other': ['delete', 'create'],
    'docker_secret.rotated': ['create', 'delete'],
    'docker_container.gone': ['delete'],
    'docker_network.same': ['no-op'],
    'data.docker_image.looked_at': ['read'],
  });
  const resource_changes = planned.map(([address, actions]) => ({ address, type: 'a_type', change: { actions } }));
  expect(changesIn(JSON.stringify({ resource_changes })).map(({ address, action }) => [address, action])).toEqual([
    ['docker_image.new', 'create'],
    ['docker_container.limited', 'update'],
    ['docker_container.other', 'replace'],
    ['docker_secret.rotated', 'replace'],
    ['docker_container.gone', 'delete'],
  ]);
});

test('A plan without resources changes nothing', () => {
  expect(changesIn('{}')).toEqual([]);
});

test.each([
  ['the same', 'replace', 'replace', 0],
  ['the second half of a replacement', 'replace', 'create', 0],
  ['a removal in the place of a replacement', 'replace', 'delete', 1],
  ['an update in the place of a replacement', 'replace', 'update', 0],
  ['a replacement in the place of an update', 'update', 'replace', 1],
  ['a removal in the place of a creation', 'create', 'delete', 1],
] as const)('Whether %s was confirmed', (_, confirmed, planned, count) => {
  expect(beyond([change('docker_container.bot', confirmed)], [change('docker_container.bot', planned)])).toHaveLength(
    count,
  );
});

test.each([
  ['replacing it', { action: 'replace', isDeposed: false }, 0],
  ['removing it alone', { action: 'delete', isDeposed: true }, 0],
  ['removing the new one', { action: 'delete', isDeposed: false }, 1],
] as const)('Whether the removal of what an earlier replacement left was confirmed by %s', (_, confirmed, count) => {
  const left = { ...change('docker_secret.key', 'delete'), isDeposed: true };
  expect(beyond([{ ...left, ...confirmed }], [left])).toHaveLength(count);
});

test('What an earlier replacement left is told from what took its place', () => {
  const removed = { address: 'docker_secret.key', type: 'docker_secret', change: { actions: ['delete'] } };
  const resource_changes = [{ ...removed, deposed: '1a2b3c4d' }, removed];
  expect(changesIn(JSON.stringify({ resource_changes })).map(({ isDeposed }) => isDeposed)).toEqual([true, false]);
});

test('Another resource was not confirmed', () => {
  const other = change('docker_container.other', 'create');
  expect(beyond([change('docker_container.bot', 'create')], [other])).toEqual([other]);
});

test('What may interrupt something is what happens to a container or service that is there, unless it is a job', () => {
  const changes = [
    change('docker_container.new', 'create'),
    change('docker_container.bot', 'replace'),
    change('docker_service.api', 'update'),
    change('docker_container.old', 'delete'),
    change('docker_container.migrate', 'replace'),
    change('docker_image.bot', 'replace'),
  ];
  expect(interrupting(changes, new Set(['docker_container.migrate'])).map(({ address }) => address)).toEqual([
    'docker_container.bot',
    'docker_service.api',
    'docker_container.old',
  ]);
});
