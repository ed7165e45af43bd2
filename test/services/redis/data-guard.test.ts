import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { Volume, RedisCache, type RedisCacheProps, Secret, SecretDelivery } from '../../../lib';
import { guardedEntrypoint } from '../../../lib/services/redis/data-guard';
import type { ServerSettings } from '../../../lib/services/server';
import { containerNamed, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { entrypointOf } from '../fixtures';
import { TemporaryProject } from '../../workload/temporary-project';

const project = TemporaryProject.forEveryTest();
const SERVER = [
  'redis-server',
  '/run/secrets/auth.conf',
  '--appendonly',
  'yes',
  '--save ""',
  '--loglevel',
  'a; reboot',
];

/** What the server in the image says about its version. */
const VERSION = 'Redis server v=8.0.6 sha=00000000:0 malloc=jemalloc-5.3.1 bits=64 build=4ff5c8d39231b5d1';

interface Started {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the entry point of the container, with folders of this test as its volume and image. */
function start(
  settings: ServerSettings = { appendonly: 'yes' },
  programs = ['docker-entrypoint.sh'],
  version = VERSION,
): Started {
  mkdirSync(project.locate('data'), { recursive: true });
  for (const program of [...programs, 'redis-server']) {
    const script = `#!/bin/sh\n[ "$1" != --version ] || { echo '${version}'; exit; }\nprintf '%s|' ${program} "$@"\n`;
    project.write(`bin/${program}`, script);
    chmodSync(project.locate(`bin/${program}`), 0o755);
  }
  const data = { folder: project.locate('data'), volume: 'desk_redis_data' };
  const [program = '', ...words] = [...guardedEntrypoint(data, settings), ...SERVER];
  const path = `${project.locate('bin')}:/usr/bin:/bin`;
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: 'utf8', env: { PATH: path } });
  return { status, stdout, stderr };
}

const STARTED = { status: 0, stdout: `docker-entrypoint.sh|${SERVER.join('|')}|`, stderr: '' };

describe('start', () => {
  test('the server starts through the entry point of the image on an empty volume', () => {
    expect(start()).toEqual(STARTED);
  });

  test.each([
    ['of version 7 and later', 'appendonlydir/appendonly.aof.manifest'],
    ['in a folder that a configuration file names', 'aof/my.aof.manifest'],
    ['of versions before 7', 'appendonly.aof'],
  ])('the server starts on append-only files %s next to a snapshot', (_, file) => {
    project.write('data/dump.rdb', 'REDIS0011');
    project.write(`data/${file}`, 'file my.aof.1.base.rdb seq 1 type b');
    expect(start()).toEqual(STARTED);
  });

  test('the server starts on append-only files that a setting names', () => {
    project.write('data/dump.rdb', 'REDIS0011');
    project.write('data/desk keys', '*2');
    expect(start({ appendonly: 'yes', appendFilename: 'desk keys' })).toEqual(STARTED);
  });

  test('the server starts on a snapshot that it would not read anyway', () => {
    project.write('data/backup.rdb', 'REDIS0011');
    expect(start()).toEqual(STARTED);
  });
});

test('the server starts in an image without the entry point of the official one', () => {
  expect(start({ appendonly: 'yes' }, [])).toEqual({ ...STARTED, stdout: `${SERVER.join('|')}|` });
});

describe('data of another version', () => {
  /** The start of a file as the server writes it: the version of the format, then fields with their lengths. */
  const write = (version: string, [format, field]: readonly string[] = ['REDIS0012', '\tredis-ver']): void => {
    const header = `${format ?? ''}\xfa${field ?? ''}\x05${version}\xfa\nredis-bits\xc0@\xfa\x05ctime\xc2\x87\xcc\x0ck`;
    mkdirSync(project.locate('data/appendonlydir'), { recursive: true });
    writeFileSync(project.locate('data/appendonlydir/appendonly.aof.1.base.rdb'), header, 'latin1');
  };
  const VALKEY = ['VALKEY080', '\nvalkey-ver'];
  const runs = (version: string): Started => start({ appendonly: 'yes' }, ['docker-entrypoint.sh'], version);

  test.each(['8.2.0', '10.0.1'])('the log names both versions if the data was written by the newer %s', (version) => {
    write(version);
    const { status, stdout, stderr } = start();

    expect({ status, stdout }).toEqual({ status: 0, stdout: STARTED.stdout });
    expect(stderr).toContain(`desk_redis_data was written by Redis ${version.replace(/\.\d+$/, '')}`);
    expect(stderr).toContain('this is Redis 8.0: ');
  });

  test.each(['7.0.15', '8.0.6', '8.0.9'])('the log says nothing if the data was written by %s', (version) => {
    write(version);
    expect(start()).toEqual(STARTED);
  });

  test.each([
    ['9.0.1', 'Valkey server v=8.1.4 sha=00000000:0', 'Valkey 9.0, and this is Valkey 8.1:'],
    ['8.1.4', 'Server v=7.2.11 sha=00000000:0', 'Valkey 8.1, and this is Valkey 7.2:'],
    ['8.1.4', VERSION, 'Valkey 8.1, and this is Redis 8.0:'],
  ])('the log names both servers if Valkey %s wrote the data, and this is %s', (written, version, named) => {
    write(written, VALKEY);
    const { status, stderr } = runs(version);

    expect(status).toBe(0);
    expect(stderr).toContain(`was written by ${named}`);
  });

  test('the log names both servers if Valkey starts on data of a Redis that it has no format in common with', () => {
    write('7.4.1');
    expect(runs('Valkey server v=8.1.4').stderr).toContain('was written by Redis 7.4, and this is Valkey 8.1:');
  });

  test('the log says nothing if Valkey starts on its own older data, or on that of Redis 7.2', () => {
    write('8.1.4', VALKEY);
    expect(runs('Valkey server v=9.0.1')).toEqual(STARTED);
    write('7.2.4');
    expect(runs('Valkey server v=9.0.1')).toEqual(STARTED);
  });
});

describe('refusal', () => {
  test.each([
    ['a snapshot', 'dump.rdb', {}],
    ['a snapshot that a setting names', 'desk keys.rdb', { dbfilename: 'desk keys.rdb' }],
  ])('the server refuses %s alone, which it would overwrite, and says how to convert it', (_, file, settings) => {
    project.write(`data/${file}`, 'REDIS0011');
    mkdirSync(project.locate('data/appendonlydir'));
    expect(start({ appendonly: 'yes', ...settings })).toEqual({
      status: 1,
      stdout: '',
      stderr:
        `the volume desk_redis_data has data in ${project.locate('data')}/${file} and no append-only file, and with ` +
        'appendonly Redis would start empty and write over it: deploy with appendOnly: false, run CONFIG SET appendonly ' +
        'yes with redis-cli in the container, wait until INFO persistence has aof_rewrite_scheduled:0 and ' +
        'aof_rewrite_in_progress:0, remove appendOnly: false and deploy again\n',
    });
  });
});

describe('guarded entry point', () => {
  const cache = (props: RedisCacheProps = {}) =>
    containerNamed(
      synthesizeStack((stack) => new RedisCache(stack, 'redis', props)),
      'desk-redis',
    );
  const guardOf = (volume: string) => guardedEntrypoint({ folder: '/data', volume }, { appendonly: 'yes' });

  test.each([
    ['of the construct', {}, 'desk_redis_data'],
    ['from outside of the stack', { volume: Volume.fromName('compose_redis') }, 'compose_redis'],
  ])('the guard names a volume %s', (_, props, volume) => {
    expect(cache(props).entrypoint).toEqual(guardOf(volume));
  });

  test.each<RedisCacheProps>([
    { appendOnly: false },
    { settings: { appendonly: 'no' } },
    { settings: { AppendOnly: 'no' } },
    { command: ['redis-server', '--save', '60 1'] },
  ])('a server that reads or may read the snapshot has no guard (%j)', (props) => {
    expect(cache(props)).not.toHaveProperty('entrypoint');
  });

  test.each(ENGINES)('the guard runs before the server on $engineName', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new RedisCache(stack, 'redis'), { engine: createEngine() });
    const guard = guardOf('desk_redis_data');
    expect(entrypointOf(terraform, 'desk-redis')).toEqual(guard);
  });

  test('the guard still runs if a shell has to export a secret first', () => {
    const terraform = synthesizeStack((stack) => {
      const key = Secret.generated(stack, 'key').deliveredAs(SecretDelivery.EXPORTED);
      new RedisCache(stack, 'redis', { secrets: { BACKUP_KEY: key } });
    });
    const { command } = containerNamed(terraform, 'desk-redis');
    const words = [...guardOf('desk_redis_data'), 'redis-server'];
    expect((command as string[]).slice(0, words.length)).toEqual(words);
  });
});
