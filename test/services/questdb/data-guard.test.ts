import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { guardedEntrypoint } from '../../../lib/services/questdb/data-guard';
import { TemporaryProject } from '../../workload/temporary-project';

const project = TemporaryProject.forEveryTest();

interface Started {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the entry point of the container, with a folder of this test as its volume and another entry point of the image. */
function start(): Started {
  const folder = project.locate('data');
  project.write('data/hello.txt', '');
  project.write('entrypoint.sh', 'echo started');
  const data = { folder, libraries: `${folder}/libraries`, volume: 'desk_questdb_data' };
  const [program = '', ...words] = guardedEntrypoint(data);
  const entrypoint = ['sh', project.locate('entrypoint.sh')];
  const { status, stdout, stderr } = spawnSync(program, [...words.slice(0, -1), ...entrypoint], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

const STARTED = { status: 0, stdout: 'started\n', stderr: '' };

test('the server starts on an empty volume, and on one with tables where it reads them', () => {
  expect(start()).toEqual(STARTED);

  project.write('data/db/_tab_index.d', '');
  expect(start()).toEqual(STARTED);
});

test.each([
  ['at its top, as it was mounted at /var/lib/questdb/db', 'data', ''],
  ['one folder too deep, as it was mounted at /var/lib', 'data/questdb/db', '/questdb/db'],
])('the server refuses a volume with tables %s, and says how to move them', (_, folder, place) => {
  project.write(`${folder}/_tab_index.d`, '');
  const files = ['trades~1/_meta', 'my trades~2/_meta', '.hidden'];
  for (const file of files) project.write(`${folder}/${file}`, '');
  const { status, stderr } = start();

  expect(status).toBe(1);
  expect(stderr).toContain(`the volume desk_questdb_data has tables in ${project.locate(folder)}`);
  expect(stderr).toContain(`docker run --rm --volume desk_questdb_data:/data alpine sh -c '`);
  // What is pasted runs in a container with the volume at /data; here it runs on the folder itself.
  const [, command = ''] = /alpine sh -c '(.*)'$/m.exec(stderr) ?? [];
  expect(command).toContain(`cd "/data${place}" &&`);
  expect(spawnSync('sh', ['-c', command.replaceAll('/data', project.locate('data'))]).status).toBe(0);
  expect(files.filter((file) => !existsSync(project.locate(`data/db/${file}`)))).toEqual([]);
  expect(start()).toEqual(STARTED);
});

test('the server still refuses a volume of which a part could not be moved', () => {
  project.write('data/_tab_index.d', '');
  project.write('data/trades~1/_meta', '');
  project.write('data/db/trades~1/_meta', '');
  const [, command = ''] = /alpine sh -c '(.*)'$/m.exec(start().stderr) ?? [];

  expect(spawnSync('sh', ['-c', command.replaceAll('/data', project.locate('data'))]).status).toBe(1);
  expect(start().status).toBe(1);
});

test('the libraries of a server that was killed are removed', () => {
  project.write('data/libraries/libquestdb42.so', '');

  expect(start()).toEqual(STARTED);
  expect(existsSync(project.locate('data/libraries/libquestdb42.so'))).toBe(false);
});
