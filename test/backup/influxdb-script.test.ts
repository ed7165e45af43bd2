import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SCRIPT = join(__dirname, '../../lib/backup/container/influxdb.sh');

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'influxdb-backup-'));
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'token'), 'token');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('buckets with any name are the same in a backup and on a server', () => {
  const organization = 'R&D | desk';
  const buckets = ['a<b>&c', 'say "hi"', 'back\\slash', 'ticks'];
  // As Go writes it.
  const json = (text: string): string =>
    JSON.stringify(text).replace(/[&<>]/g, (one) => `\\u00${one.charCodeAt(0).toString(16)}`);
  const entries = [...buckets, '_monitoring'].map(
    (bucket) => `  "organizationName": ${json(organization)},\n  "bucketName": ${json(bucket)},\n`,
  );
  writeFileSync(join(folder, '1.manifest'), entries.join(''));
  const listed = [...buckets, '_tasks'].map((bucket, index) => `id${index}\t${bucket}\t1h\n`).join('');
  writeFileSync(join(folder, 'bin/influx'), `#!/bin/sh\ncat <<'END'\n${listed}END\n`, { mode: 0o755 });
  const commands = `set -- none; . ${SCRIPT}; buckets_in ${folder} > ${folder}/wanted; buckets_of ${folder}/wanted | diff ${folder}/wanted -; cat ${folder}/wanted`;
  const env = { PATH: `${join(folder, 'bin')}:${process.env.PATH ?? ''}`, INFLUX_TOKEN_FILE: join(folder, 'token') };

  const { status, stdout, stderr } = spawnSync('bash', ['--norc', '-c', commands], { env, encoding: 'utf8' });

  expect([status, stderr]).toEqual([0, '']);
  expect(stdout.trim().split('\n').sort()).toEqual(buckets.map((bucket) => `${organization}\t${bucket}`).sort());
});
