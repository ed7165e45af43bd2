import { ProjectDirectory } from '../../../lib/platform/project';
import {
  formatVersions,
  parseDeliveries,
  parseVersions,
  SecretStore,
  withRotatedContent,
  withRotation,
  withVersion,
} from '../../../lib/platform/secrets/secret-store';

const store = new SecretStore(new ProjectDirectory('../../..', '/srv/project'), 'desk');

test('a secret and its version are read from the folder of the stack when Terraform runs', () => {
  expect(store.pathOf('api_key')).toBe('.secrets/desk/api_key');
  expect(store.fileOf('api_key', 'Write the key')).toEqual({
    name: 'api_key',
    stack: 'desk',
    file: '.secrets/desk/api_key',
    versionsFile: '.secrets/desk/.versions.json',
    hostPath: '${abspath("${path.root}/../../../.secrets/desk/api_key")}',
    version:
      '${try(jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))["api_key"].version, "")}',
    versionKind: 'version',
    isCurrent:
      '${filesha256(abspath("${path.root}/../../../.secrets/desk/api_key")) == ' +
      'try(jsondecode(file(abspath("${path.root}/../../../.secrets/desk/.versions.json")))["api_key"].sha256, "")}',
    remedy: 'Write the key',
  });
});

test('the version of a secret changes with its content only', () => {
  const first = withVersion({}, 'api_key', Buffer.from('one\n'));
  const second = withVersion(first, 'api_key', Buffer.from('two\n'));

  expect(withVersion(first, 'api_key', Buffer.from('one\n'))).toBe(first);
  expect(second.api_key?.version).not.toBe(first.api_key?.version);
  expect(withVersion(second, 'token', Buffer.from('x')).api_key).toEqual(second.api_key);
});

test('the version of a secret is random, and its hash is that of the whole file', () => {
  const { api_key: one } = withVersion({}, 'api_key', Buffer.from('abc'));
  const { api_key: other } = withVersion({}, 'api_key', Buffer.from('abc'));

  expect(one?.version).toMatch(/^[0-9a-f]{12}$/);
  expect(one?.version).not.toBe(other?.version);
  expect(one?.sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('a rotation changes the version of a secret, and not that for its servers until another change', () => {
  const first = withVersion({}, 'api_key', Buffer.from('one'));
  const announced = withRotation(first, 'api_key', Buffer.from('one'));
  const rotated = withRotatedContent(announced, 'api_key', Buffer.from('two'));
  const again = withRotation(rotated, 'api_key', Buffer.from('two'));

  expect(announced.api_key).toEqual({
    ...first.api_key,
    version: announced.api_key?.version,
    inPlace: first.api_key?.version,
  });
  expect(announced.api_key?.version).not.toBe(first.api_key?.version);
  expect(rotated.api_key).toEqual({ ...announced.api_key, sha256: rotated.api_key?.sha256 });
  expect(withVersion(rotated, 'api_key', Buffer.from('two'))).toBe(rotated);
  expect(again.api_key?.inPlace).toBe(first.api_key?.version);
  expect(withVersion(again, 'api_key', Buffer.from('three')).api_key).not.toHaveProperty('inPlace');
});

test('versions are read back from their file', () => {
  const versions = withVersion({}, 'api_key', Buffer.from('abc'));

  expect(parseVersions(formatVersions(versions))).toEqual(versions);
  expect(parseVersions(undefined)).toEqual({});
});

test.each(['', '{"api_key": {"ver', 'null', '1'])(
  'a file that was damaged, %j, has no versions and deliveries',
  (text) => {
    expect(parseVersions(text)).toEqual({});
    expect(parseDeliveries(text)).toEqual({});
  },
);
