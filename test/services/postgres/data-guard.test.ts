import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync } from 'node:fs';
import { Volume, PostgresDb, type PostgresDbProps, Secret, SecretDelivery } from '../../../lib';
import { guardedEntrypoint } from '../../../lib/services/postgres/data-guard';
import { containerNamed, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { entrypointOf } from '../fixtures';
import { TemporaryProject } from '../../workload/temporary-project';

const project = TemporaryProject.forEveryTest();

interface Started {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Starts what the container starts, with a volume and an image that are folders of this test. */
function start(dataDirectory: string, version = '17.5'): Started {
  mkdirSync(project.locate('volume'), { recursive: true });
  writeProgram('postgres', `echo 'postgres (PostgreSQL) ${version}'`);
  writeProgram('docker-entrypoint.sh', 'echo "started: $*"');
  const [shell = '', ...words] = guardedEntrypoint(project.locate('volume'), 'desk_db_data');
  const { status, stdout, stderr } = spawnSync(shell, [...words, 'postgres', '-c', 'work_mem=4MB; reboot'], {
    encoding: 'utf8',
    env: { PATH: `${project.locate('bin')}:/usr/bin:/bin`, PGDATA: project.locate(dataDirectory) },
  });
  return { status, stdout, stderr };
}

function writeProgram(name: string, line: string): void {
  project.write(`bin/${name}`, `#!/bin/sh\n${line}\n`);
  chmodSync(project.locate(`bin/${name}`), 0o755);
}

/** A folder as a server leaves it: each of its databases has the version, too. */
function writeCluster(folder: string, version: string): void {
  for (const place of ['base/1', 'base/5', '.']) project.write(`${folder}/${place}/PG_VERSION`, `${version}\n`);
}

const SERVER = '/usr/local/bin/postgres "-D" "/var/lib/postgresql/data" "-c" "max_connections=100"';
const SERVER_OF_FIRST_START = `${SERVER} "-c" "listen_addresses=" "-p" "5432"`;

/** What a server writes when it starts; the file with its process id goes when it is stopped and not killed. */
function writeStarted(folder: string, { as, isKilled }: { readonly as: string; readonly isKilled: boolean }): void {
  project.write(`${folder}/postmaster.opts`, `${as}\n`);
  if (isKilled) project.write(`${folder}/postmaster.pid`, '51\n');
}

const STARTED = { status: 0, stdout: 'started: postgres -c work_mem=4MB; reboot\n', stderr: '' };

describe('the server starts', () => {
  test.each(['volume', 'volume/pgdata', 'volume/18/docker'])('on an empty volume, with its data in %s', (folder) => {
    expect(start(folder)).toEqual(STARTED);
  });

  test('on a volume that has files of others only', () => {
    project.write('volume/lost+found/readme', '17');
    expect(start('volume/pgdata')).toEqual(STARTED);
  });

  test.each([
    ['17', '17.5'],
    ['17', '17.5 (Debian 17.5-1.pgdg120+1)'],
    ['18', '18beta1'],
    ['10', '10.23'],
  ])('on data of version %s as the server %s', (written, server) => {
    writeCluster('volume/pgdata', written);
    expect(start('volume/pgdata', server)).toEqual(STARTED);
  });

  test.each([
    ['whose first start was complete', { as: SERVER_OF_FIRST_START, isKilled: false }],
    ['that it served before it was killed', { as: SERVER, isKilled: true }],
    ['that another server had for its socket alone', { as: `${SERVER} "-c" "listen_addresses="`, isKilled: true }],
  ])('on data %s', (_, before) => {
    writeCluster('volume', '17');
    writeStarted('volume', before);
    expect(start('volume')).toEqual(STARTED);
  });
});

describe('the server does not start', () => {
  test.each([
    ['16', '17.5', '17'],
    ['18', '17.5', '17'],
    ['17', '18.1', '18'],
  ])('on data of version %s as the server %s: it says how to move the data', (written, server, major) => {
    writeCluster('volume', written);
    expect(start('volume', server)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        `the volume was written by PostgreSQL ${written}, and this is ${major}: dump it with an image of ${written} ` +
        '(pg_dumpall), deploy on a new volume, restore the dump\n',
    });
  });

  test.each(['volume', 'volume/pgdata'])('on the rest of a first start that was cut short, in %s', (folder) => {
    writeCluster(folder, '17');
    writeStarted(folder, { as: SERVER_OF_FIRST_START, isKilled: true });
    expect(start(folder)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        'the first start on the volume desk_db_data was cut short, by an init script that failed or by a stop, and the ' +
        'rest of the scripts never ran: see the log of that start, remove the container and the volume (docker volume ' +
        'rm desk_db_data), deploy again; or, to keep the data as it is, remove ' +
        `${project.locate(folder)}/postmaster.opts\n`,
    });
  });

  test.each([
    ['above', 'volume', 'volume/pgdata'],
    ['below', 'volume/pgdata', 'volume'],
    ['beside', 'volume/17/docker', 'volume/18/docker'],
  ])('beside a database elsewhere on the volume (%s): it would make an empty one', (_where, existing, asked) => {
    writeCluster(existing, '17');
    const { status, stdout, stderr } = start(asked);
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `the volume has a database in ${project.locate(existing)}, and this would make an empty one in ` +
        `${project.locate(asked)}: set dataDirectory to where it is, or dump it there and restore it here\n`,
    );
  });
});

describe('the look at the volume', () => {
  const database = (props: PostgresDbProps = {}) =>
    containerNamed(
      synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
      'desk-db',
    );

  test.each([
    [17, '/var/lib/postgresql/data'],
    [18, '/var/lib/postgresql'],
  ])('of version %d is at %s, where the volume is', (majorVersion, mountPoint) => {
    expect(database({ majorVersion }).entrypoint).toEqual(guardedEntrypoint(mountPoint, 'desk_db_data'));
  });

  test.each([
    ['of somebody else', Volume.fromName('old_data'), 'old_data'],
    ['that goes with the stack', Volume.ephemeral('scratch'), 'desk_scratch'],
  ])('calls a volume %s by its name', (_, volume, name) => {
    expect(database({ volume }).entrypoint).toEqual(guardedEntrypoint('/var/lib/postgresql/data', name));
  });

  test.each(ENGINES)('comes before the server on $engineName', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new PostgresDb(stack, 'db'), { engine: createEngine() });
    const guard = guardedEntrypoint('/var/lib/postgresql/data', 'desk_db_data');
    expect(entrypointOf(terraform, 'desk-db')).toEqual(guard);
  });

  test('stays where a shell has to export a secret first', () => {
    const terraform = synthesizeStack((stack) => {
      const key = Secret.generated(stack, 'key').deliveredAs(SecretDelivery.EXPORTED);
      new PostgresDb(stack, 'db', { secrets: { BACKUP_KEY: key } });
    });
    const { entrypoint, command } = containerNamed(terraform, 'desk-db');
    const guard = guardedEntrypoint('/var/lib/postgresql/data', 'desk_db_data');
    expect(entrypoint).toEqual(['/bin/sh', '-c', expect.stringContaining('export BACKUP_KEY'), 'sh']);
    expect(command).toEqual([...guard, 'postgres', ...(command as string[]).slice(guard.length + 1)]);
  });
});
