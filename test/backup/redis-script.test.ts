import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const SCRIPT = resolve(__dirname, '../../lib/backup/container/redis.sh');

/** What a restore prints when the client of the server answers like this; its folders are temporary ones. */
function restoreWith(client: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'redis-script-'));
  try {
    writeFileSync(join(folder, 'redis-cli'), `#!/bin/sh\n${client}\n`);
    chmodSync(join(folder, 'redis-cli'), 0o755);
    const script = readFileSync(SCRIPT, 'utf8')
      .replace('scratch=/backup/scratch', `scratch=${folder}`)
      .replace('root=/data', `root=${folder}/data`);
    const environment = { PATH: `${folder}:${process.env.PATH ?? ''}`, REDIS_HOST: 'redis' };
    const { stderr } = spawnSync('/bin/sh', ['-c', script, 'redis.sh', 'restore', folder], {
      env: environment,
      encoding: 'utf8',
    });
    return stderr;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test.each(['PONG', 'LOADING Redis is loading the dataset in memory', 'NOAUTH Authentication required.'])(
  'a server that answers %s runs, so nothing is restored',
  (answer) => {
    expect(restoreWith(`echo '${answer}'`)).toBe('the server runs: stop it first, which the command restore does\n');
  },
);

test('a server that cannot be reached does not run', () => {
  expect(restoreWith("echo 'Could not connect to Redis' >&2; exit 1")).not.toContain('the server runs');
});
