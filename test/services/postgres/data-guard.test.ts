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

/** Runs the entry point of the container, with folders of this test as its volume and image. */
function start(dataDirectory: string, version = '17.5', uid = process.getuid?.()): Started {
  mkdirSync(project.locate('volume'), { recursive: true });
  writeProgram('postgres', `echo 'postgres (PostgreSQL) ${version}'`);
  writeProgram('docker-entrypoint.sh', 'echo "started: $*"');
  const [shell = '', ...words] = guardedEntrypoint(project.locate('volume'), 'desk_db_data');
  const { status, stdout, stderr } = spawnSync(shell, [...words, 'postgres', '-c', 'work_mem=4MB; reboot'], {
    encoding: 'utf8',
    ...(uid !== undefined && { uid }),
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

/**
 * The files that a server writes when it starts; it removes the one with its process id when it is stopped, but not
 * when it is killed.
 */
function writeStarted(folder: string, { as, isKilled }: { readonly as: string; readonly isKilled: boolean }): void {
  project.write(`${folder}/postmaster.opts`, `${as}\n`);
  if (isKilled) project.write(`${folder}/postmaster.pid`, '51\n');
}

const STARTED = { status: 0, stdout: 'started: postgres -c work_mem=4MB; reboot\n', stderr: '' };

describe('start', () => {
  test.each(['volume', 'volume/pgdata', 'volume/18/docker'])(
    'the server starts on an empty volume with its data in %s',
    (folder) => {
      expect(start(folder)).toEqual(STARTED);
    },
  );

  test('the server starts on a volume that contains only foreign files', () => {
    project.write('volume/lost+found/readme', '17');
    expect(start('volume/pgdata')).toEqual(STARTED);
  });

  test.each([
    ['17', '17.5'],
    ['17', '17.5 (Debian 17.5-1.pgdg120+1)'],
    ['18', '18beta1'],
    ['10', '10.23'],
  ])('the server starts on data of version %s as PostgreSQL %s', (written, server) => {
    writeCluster('volume/pgdata', written);
    expect(start('volume/pgdata', server)).toEqual(STARTED);
  });

  test.each([
    ['whose first start was completed', { as: SERVER_OF_FIRST_START, isKilled: false }],
    ['that it served before it was killed', { as: SERVER, isKilled: true }],
    [
      'of another server that listened on its socket only',
      { as: `${SERVER} "-c" "listen_addresses="`, isKilled: true },
    ],
  ])('the server starts on data %s', (_, before) => {
    writeCluster('volume', '17');
    writeStarted('volume', before);
    expect(start('volume')).toEqual(STARTED);
  });
});

describe('refusal', () => {
  test('the server refuses an image whose data would be outside of the volume', () => {
    const { status, stdout, stderr } = start('elsewhere');
    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `PGDATA of the image is ${project.locate('elsewhere')}, outside of the volume desk_db_data`,
    );
    expect(stderr).toContain(`set dataDirectory to ${project.locate('volume')} or a folder below it`);
  });

  test.each([
    ['16', '17.5', '17'],
    ['18', '17.5', '17'],
    ['17', '18.1', '18'],
  ])('the server refuses data of version %s as PostgreSQL %s and says how to migrate', (written, server, major) => {
    writeCluster('volume', written);
    expect(start('volume', server)).toEqual({
      status: 1,
      stdout: '',
      stderr:
        `the volume was written by PostgreSQL ${written}, and this is ${major}: dump it with an image of ${written} ` +
        '(pg_dumpall), deploy on a new volume, restore the dump\n',
    });
  });

  test.each([
    ['read', 0],
    ['write', 0o555],
  ])('the server refuses data that it cannot %s, and says whose it is', (_what, mode) => {
    writeCluster('volume', '17');
    chmodSync(project.locate('.'), 0o755);
    chmodSync(project.locate('volume'), mode);
    const owner = process.getuid?.() ?? 0;
    // Root can read everything.
    const user = owner === 0 ? 65_534 : owner;
    const { status, stdout, stderr } = start('volume', '17.5', user);
    chmodSync(project.locate('volume'), 0o755);

    expect([status, stdout]).toEqual([1, '']);
    expect(stderr).toContain(
      `PostgreSQL runs as user id ${user} and cannot read and write ${project.locate('volume')}, which belongs to user id ${owner}: `,
    );
    expect(stderr).toContain(`docker run --rm --volume desk_db_data:/data alpine chown -R ${user}:`);
  });

  test.each(['volume', 'volume/pgdata'])('the server refuses data of an interrupted first start in %s', (folder) => {
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
    ['next to', 'volume/17/docker', 'volume/18/docker'],
  ])(
    'the server refuses to create an empty database with another one %s it on the volume',
    (_where, existing, asked) => {
      writeCluster(existing, '17');
      const { status, stdout, stderr } = start(asked);
      expect([status, stdout]).toEqual([1, '']);
      expect(stderr).toBe(
        `the volume has a database in ${project.locate(existing)}, and this would make an empty one in ` +
          `${project.locate(asked)}: set dataDirectory to where it is, or dump it there and restore it here\n`,
      );
    },
  );
});

describe('guarded entry point', () => {
  const database = (props: PostgresDbProps = {}) =>
    containerNamed(
      synthesizeStack((stack) => new PostgresDb(stack, 'db', props)),
      'desk-db',
    );

  test.each([
    [17, '/var/lib/postgresql/data'],
    [18, '/var/lib/postgresql'],
  ])('the guard of version %d checks %s, where the volume is mounted', (majorVersion, mountPoint) => {
    expect(database({ majorVersion }).entrypoint).toEqual(guardedEntrypoint(mountPoint, 'desk_db_data'));
  });

  test.each([
    ['from outside of the stack', Volume.fromName('old_data'), 'old_data'],
    ['of the stack', Volume.ephemeral('scratch'), 'desk_scratch'],
  ])('the guard names an existing volume %s', (_, volume, name) => {
    expect(database({ volume }).entrypoint).toEqual(guardedEntrypoint('/var/lib/postgresql/data', name));
  });

  test.each(ENGINES)('the guard runs before the server on $engineName', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new PostgresDb(stack, 'db'), { engine: createEngine() });
    const guard = guardedEntrypoint('/var/lib/postgresql/data', 'desk_db_data');
    expect(entrypointOf(terraform, 'desk-db')).toEqual(guard);
  });

  test('the guard still runs if a shell has to export a secret first', () => {
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
