import { type Change, disruptive, parsePlan, unconfirmed } from '../../../lib/command-line/plan/changes';
import { kindOf } from '../../../lib/command-line/plan/resources';

function change(address: string, action: Change['action']): Change {
  const type = address.split('.')[0] ?? '';
  return {
    address,
    type,
    kind: kindOf(type),
    action,
    dependsOnImage: false,
    isDeposed: false,
    reason: undefined,
    isGone: false,
    hasContentTag: false,
    before: null,
    after: null,
    unknown: {},
  };
}

/** The changes in a plan of one container. */
function parseContainer(container: object, change: object, drift: readonly object[] = []): readonly Change[] {
  const resource = { address: 'docker_container.bot', type: 'docker_container', ...container, change };
  return parsePlan(JSON.stringify({ resource_changes: [resource], resource_drift: drift })).changes;
}

test('A plan lists the action for each resource, except those that are only read or kept', () => {
  const planned = Object.entries({
    'docker_image.new': ['create'],
    'docker_container.limited': ['update'],
    'docker_container.other': ['delete', 'create'],
    'docker_secret.rotated': ['create', 'delete'],
    'docker_container.gone': ['delete'],
    'docker_network.same': ['no-op'],
    'data.docker_image.base': ['read'],
  });
  const resource_changes = planned.map(([address, actions]) => ({ address, type: 'a_type', change: { actions } }));
  expect(
    parsePlan(JSON.stringify({ resource_changes })).changes.map(({ address, action }) => [address, action]),
  ).toEqual([
    ['docker_image.new', 'create'],
    ['docker_container.limited', 'update'],
    ['docker_container.other', 'replace'],
    ['docker_secret.rotated', 'replace'],
    ['docker_container.gone', 'delete'],
  ]);
});

test('A plan without resources changes nothing', () => {
  expect(parsePlan('{}').changes).toEqual([]);
});

describe('A replacement', () => {
  const actions = ['delete', 'create'];
  const unknownImage = { actions, after_unknown: { image: true }, replace_paths: [['image']] };

  test.each([
    ['is uncertain if only an unknown image demands it', unknownImage, {}, true],
    [
      'is certain if another attribute demands it too',
      { ...unknownImage, replace_paths: [['image'], ['env']] },
      {},
      false,
    ],
    ['is certain if the image is known', { ...unknownImage, after_unknown: {} }, {}, false],
    ['is certain if it was requested', unknownImage, { action_reason: 'replace_by_request' }, false],
    [
      'is uncertain if the attributes are the reason',
      unknownImage,
      { action_reason: 'replace_because_cannot_update' },
      true,
    ],
  ])('%s', (_, planned, resource, expected) => {
    expect(parseContainer(resource, planned)[0]?.dependsOnImage).toBe(expected);
  });
});

describe('An update of a Swarm service', () => {
  const serviceWith = (image: object, env: object): object => ({
    task_spec: [{ container_spec: [{ env, ...image }] }],
  });
  const unknown = serviceWith({ image: true, mounts: [{}] }, {});

  test.each([
    ['depends on the image if nothing else is unknown or changes', { LEVEL: 'info' }, unknown, true],
    ['is certain if something else changes', { LEVEL: 'debug' }, unknown, false],
    ['is certain if something else is unknown', { LEVEL: 'info' }, serviceWith({ image: true }, { KEY: true }), false],
    ['is certain if the image is known', { LEVEL: 'info' }, {}, false],
  ])('%s', (_, env, after_unknown, expected) => {
    const before = serviceWith({ image: 'sha256:4f8b' }, { LEVEL: 'info' });
    const change = { actions: ['update'], before, after: serviceWith({}, env), after_unknown };
    const document = { resource_changes: [{ address: 'docker_service.bot', type: 'docker_service', change }] };
    expect(parsePlan(JSON.stringify(document)).changes[0]?.dependsOnImage).toBe(expected);
  });
});

test('A container that is created because it was removed outside Terraform is marked as gone', () => {
  const drift = [{ address: 'docker_container.bot', type: 'docker_container', change: { actions: ['delete'] } }];
  expect(parseContainer({}, { actions: ['create'] }, drift)[0]?.isGone).toBe(true);
  expect(parseContainer({}, { actions: ['create'] })[0]?.isGone).toBe(false);
});

test('The names of images are known by the ids that containers refer to', () => {
  const resources = [
    { type: 'docker_image', values: { image_id: 'sha256:1', name: 'redis:8' } },
    { type: 'docker_network', values: { name: 'desk' } },
  ];
  const prior_state = { values: { root_module: { resources } } };
  expect([...parsePlan(JSON.stringify({ prior_state })).imageNames]).toEqual([['sha256:1', 'redis:8']]);
});

test.each([
  ['the same action', 'replace', 'replace', 0],
  ['the second half of a replacement', 'replace', 'create', 0],
  ['a removal instead of a replacement', 'replace', 'delete', 1],
  ['an update instead of a replacement', 'replace', 'update', 0],
  ['a replacement instead of an update', 'update', 'replace', 1],
  ['a removal instead of a creation', 'create', 'delete', 1],
] as const)('It is known whether %s was confirmed', (_, confirmed, planned, count) => {
  const [before, after] = [change('docker_container.bot', confirmed), change('docker_container.bot', planned)];
  expect(unconfirmed([before], [after])).toHaveLength(count);
});

test.each([
  ['the replacement', { action: 'replace', isDeposed: false }, 0],
  ['its own removal', { action: 'delete', isDeposed: true }, 0],
  ['the removal of the new resource', { action: 'delete', isDeposed: false }, 1],
] as const)(
  'It is known whether %s confirms the removal of a resource left by an unfinished replacement',
  (_, confirmed, count) => {
    const left = { ...change('docker_secret.key', 'delete'), isDeposed: true };
    expect(unconfirmed([{ ...left, ...confirmed }], [left])).toHaveLength(count);
  },
);

test('A resource left by an unfinished replacement is distinguished from the current one', () => {
  const removed = { address: 'docker_secret.key', type: 'docker_secret', change: { actions: ['delete'] } };
  const resource_changes = [{ ...removed, deposed: '1a2b3c4d' }, removed];
  expect(parsePlan(JSON.stringify({ resource_changes })).changes.map(({ isDeposed }) => isDeposed)).toEqual([
    true,
    false,
  ]);
});

test('Another resource was not confirmed', () => {
  const other = change('docker_container.other', 'create');
  expect(unconfirmed([change('docker_container.bot', 'create')], [other])).toEqual([other]);
});

test('Changes of existing containers and services are disruptive, unless they are jobs', () => {
  const changes = [
    change('docker_container.new', 'create'),
    change('docker_container.bot', 'replace'),
    change('docker_service.api', 'update'),
    change('docker_container.old', 'delete'),
    change('docker_container.migrate', 'replace'),
    change('docker_image.bot', 'replace'),
  ];
  expect(disruptive(changes, new Set(['docker_container.migrate'])).map(({ address }) => address)).toEqual([
    'docker_container.bot',
    'docker_service.api',
    'docker_container.old',
  ]);
});
