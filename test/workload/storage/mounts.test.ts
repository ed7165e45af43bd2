import { BindMount, ConfigFile, Volume, Image, Secret, Size, Workload, type WorkloadOptions } from '../../../lib';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { createStack } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  project.write('data/a.csv', '1\n');
});

function specOf(create: () => WorkloadOptions): WorkloadSpec {
  const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
  return new Workload(createStack(), 'bot', { image, ...create() }).spec;
}

const VOLUME = Volume.retained('bot_data');
const KEY_PATH = '/run/secrets/api_key';

test.each<[string, string, () => WorkloadOptions]>([
  ['two volumes', '/data', () => ({ volumes: [VOLUME.mountAt('/data'), Volume.retained('more').mountAt('/data')] })],
  [
    'a volume and a bind mount',
    '/data',
    () => ({ volumes: [VOLUME.mountAt('/data')], bindMounts: [BindMount.readOnly('data', '/data')] }),
  ],
  ['a volume and a tmpfs', '/data', () => ({ volumes: [VOLUME.mountAt('/data')], tmpfs: [{ path: '/data' }] })],
  ['two files', '/etc/a', () => ({ files: [ConfigFile.fromText('/etc/a', '1'), ConfigFile.fromText('/etc/a', '2')] })],
  [
    'a file and a bind mount',
    '/etc/a',
    () => ({ files: [ConfigFile.fromText('/etc/a', '1')], bindMounts: [BindMount.readOnly('data', '/etc/a')] }),
  ],
  [
    'a secret and a volume',
    KEY_PATH,
    () => ({ secrets: { KEY: Secret.generated(createStack(), 'api_key') }, volumes: [VOLUME.mountAt(KEY_PATH)] }),
  ],
])('%s with the same path are refused', (_what, path, create) => {
  expect(() => specOf(create)).toThrowCode('mount-conflict', `desk/bot: two mounts or files have the path ${path}`);
});

test.each<[string, () => WorkloadOptions]>([
  ['two volumes', () => ({ volumes: [VOLUME.mountAt('/data/'), Volume.retained('more').mountAt('//data')] })],
  [
    'a volume and a bind mount',
    () => ({ volumes: [VOLUME.mountAt('/data')], bindMounts: [BindMount.readOnly('data', '/x/../data')] }),
  ],
  ['two tmpfs', () => ({ tmpfs: [{ path: '/data' }, { path: '/data/.' }] })],
  ['a file and a volume', () => ({ files: [ConfigFile.fromText('/data', '1')], volumes: [VOLUME.mountAt('/data/')] })],
])('%s with the same path in another form are refused', (_what, create) => {
  expect(() => specOf(create)).toThrowCode('mount-conflict', 'two mounts or files have the path /data');
});

test('a tmpfs at /tmp/ replaces the /tmp of a read-only root', () => {
  const tmpfs = [{ path: '/tmp/', size: Size.mebibytes(64) }];
  const spec = specOf(() => ({ readOnlyRootFilesystem: true, tmpfs: tmpfs }));
  expect(spec.tmpfs).toEqual([{ path: '/tmp', sizeBytes: 67_108_864, exec: false }]);
});

test.each<[string, () => WorkloadOptions]>([
  ['a volume', () => ({ volumes: [VOLUME.mountAt('data')] })],
  ['a bind mount', () => ({ bindMounts: [BindMount.readOnly('data', 'data')] })],
  ['a tmpfs', () => ({ tmpfs: [{ path: 'data' }] })],
])('%s with a relative path is refused', (_what, create) => {
  expect(() => specOf(create)).toThrowCode('invalid-path', 'desk/bot: ', "'data'", /absolute path/);
});

test('a volume can be mounted at two paths', () => {
  const { volumes } = specOf(() => ({ volumes: [VOLUME.mountAt('/a'), VOLUME.mountAt('/b', { readOnly: true })] }));
  expect(volumes).toMatchObject([
    { volume: 'desk_bot_data', path: '/a', readOnly: false },
    { volume: 'desk_bot_data', path: '/b', readOnly: true },
  ]);
});

test('a tmpfs of size zero is refused, which Linux reads as no limit', () => {
  const tmpfs = [{ path: '/run' }, { path: '/cache', size: Size.bytes(0) }];
  expect(() => specOf(() => ({ tmpfs }))).toThrowCode('invalid-value', 'tmpfs[1].size');
});

test('a tmpfs can have a size', () => {
  const tmpfs = [{ path: '/cache', size: Size.mebibytes(64) }];
  expect(specOf(() => ({ tmpfs: tmpfs })).tmpfs).toEqual([{ path: '/cache', sizeBytes: 67_108_864, exec: false }]);
});

test('programs can run from a tmpfs that says so, also from the /tmp of a read-only root', () => {
  const spec = specOf(() => ({ readOnlyRootFilesystem: true, tmpfs: [{ path: '/tmp', exec: true }] }));
  expect(spec.tmpfs).toEqual([{ path: '/tmp', sizeBytes: null, exec: true }]);
});

test('a volume at /tmp replaces the /tmp of a read-only root', () => {
  const spec = specOf(() => ({ readOnlyRootFilesystem: true, volumes: [VOLUME.mountAt('/tmp')] }));
  expect(spec.tmpfs).toEqual([]);
});
