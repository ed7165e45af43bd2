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
    'a volume and a folder',
    '/data',
    () => ({ volumes: [VOLUME.mountAt('/data')], bindMounts: [BindMount.readOnly('data', '/data')] }),
  ],
  [
    'a volume and what is in memory',
    '/data',
    () => ({ volumes: [VOLUME.mountAt('/data')], tmpfs: [{ path: '/data' }] }),
  ],
  ['two files', '/etc/a', () => ({ files: [ConfigFile.fromText('/etc/a', '1'), ConfigFile.fromText('/etc/a', '2')] })],
  [
    'a file and a folder',
    '/etc/a',
    () => ({ files: [ConfigFile.fromText('/etc/a', '1')], bindMounts: [BindMount.readOnly('data', '/etc/a')] }),
  ],
  [
    'a secret and a volume',
    KEY_PATH,
    () => ({ secrets: { KEY: Secret.generated(createStack(), 'api_key') }, volumes: [VOLUME.mountAt(KEY_PATH)] }),
  ],
])('%s at one place are refused', (_what, path, create) => {
  expect(() => specOf(create)).toThrow(`desk/bot: two things are put at ${path}. Put one of them elsewhere.`);
});

test.each<[string, () => WorkloadOptions]>([
  ['a volume', () => ({ volumes: [VOLUME.mountAt('/data/'), Volume.retained('more').mountAt('//data')] })],
  ['a folder', () => ({ volumes: [VOLUME.mountAt('/data')], bindMounts: [BindMount.readOnly('data', '/x/../data')] })],
  ['what is in memory', () => ({ tmpfs: [{ path: '/data' }, { path: '/data/.' }] })],
  ['a file', () => ({ files: [ConfigFile.fromText('/data', '1')], volumes: [VOLUME.mountAt('/data/')] })],
])('%s at one place that is spelled in two ways is refused', (_what, create) => {
  expect(() => specOf(create)).toThrow('desk/bot: two things are put at /data. Put one of them elsewhere.');
});

test('a /tmp/ of its own takes the place of what a read-only root would have there', () => {
  const tmpfs = [{ path: '/tmp/', size: Size.mebibytes(64) }];
  const spec = specOf(() => ({ readOnlyRootFilesystem: true, tmpfs: tmpfs }));
  expect(spec.tmpfs).toEqual([{ path: '/tmp', sizeBytes: 67_108_864 }]);
});

test.each<[string, () => WorkloadOptions]>([
  ['a volume', () => ({ volumes: [VOLUME.mountAt('data')] })],
  ['a folder', () => ({ bindMounts: [BindMount.readOnly('data', 'data')] })],
  ['what is in memory', () => ({ tmpfs: [{ path: 'data' }] })],
])('%s at a relative path is refused', (_what, create) => {
  expect(() => specOf(create)).toThrow("desk/bot: the mount point cannot be 'data'. Give an absolute path.");
});

test('one volume can be mounted at two places', () => {
  const { volumes } = specOf(() => ({ volumes: [VOLUME.mountAt('/a'), VOLUME.mountAt('/b', { readOnly: true })] }));
  expect(volumes).toMatchObject([
    { volume: 'desk_bot_data', path: '/a', readOnly: false },
    { volume: 'desk_bot_data', path: '/b', readOnly: true },
  ]);
});

test('what is in memory can have a size', () => {
  const tmpfs = [{ path: '/cache', size: Size.mebibytes(64) }];
  expect(specOf(() => ({ tmpfs: tmpfs })).tmpfs).toEqual([{ path: '/cache', sizeBytes: 67_108_864 }]);
});

test('a volume at /tmp takes the place of what a read-only root would have there', () => {
  const spec = specOf(() => ({ readOnlyRootFilesystem: true, volumes: [VOLUME.mountAt('/tmp')] }));
  expect(spec.tmpfs).toEqual([]);
});
