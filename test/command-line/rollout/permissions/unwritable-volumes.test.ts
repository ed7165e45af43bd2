import { type FakeContainer } from '../../desk/engine';
import { DeskFixture, HEALTHY, RUNNING } from '../../desk/fixture';

const desk = new DeskFixture();

const ROOTS = { volume: 'desk_logs', owner: '0:0', mode: '0755' };
const FILES = {
  '/etc/passwd': 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\n',
  '/etc/group': 'root:x:0:\ntraders:x:500:node\naudio:x:44:\n',
};

/** The gateway runs as a user, with a folder at the mount point of its retained volume. */
function gateway(user: string, folder: object, more: Partial<FakeContainer> = {}): void {
  const folders = { '/logs': { ...ROOTS, ...folder } };
  desk.engine.state.containers = [
    ...RUNNING.slice(0, 2),
    { name: 'desk-gateway', ...HEALTHY, user, folders, files: FILES, ...more },
  ];
}

async function unwritable(): Promise<unknown[]> {
  const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--json'], { FAKE_PLAN: '0' });
  return (JSON.parse(stdout) as { unwritableVolumes: unknown[] }).unwritableVolumes;
}

test('deploy warns that a service cannot write to its volume, with a command that changes the owner', async () => {
  gateway('1000:1000', {});
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], { FAKE_PLAN: '0' });
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    '\nWarning: desk-gateway runs as 1000:1000 and cannot write to /logs: the volume desk_logs belongs to 0:0, mode 755. ' +
      'Give it to that user: docker run --rm --user 0 --entrypoint chown --volume desk_logs:/data node:24-slim -R ' +
      '1000:1000 /data && docker restart desk-gateway\n' +
      '  For new volumes, create the folder in the Dockerfile: RUN mkdir -p /logs && chown 1000:1000 /logs\n',
  );
});

test('A deploy that fails says so too', async () => {
  gateway('1000:1000', {}, { status: 'exited', exitCode: 1 });
  const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--json'], { FAKE_APPLY: '1' });
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'failed',
    message: expect.stringMatching(/cannot write to \/logs.* -R 1000:1000 \/data\n/) as string,
    unwritableVolumes: [{ service: 'desk-gateway', volume: 'desk_logs', path: '/logs', owner: '0:0' }],
  });
});

test.each<[string, string, object, readonly string[]]>([
  ['the owner may not', '1000:1000', { owner: '1000:1000', mode: '0555' }, []],
  ['the user is a name of the image', 'node', {}, []],
  ['others may enter and not write', '1000:1000', { mode: '0775' }, []],
  ['the group of the user is its primary one', '1000', { owner: '0:7', mode: '0775' }, []],
  ['the group of the image does not count with a group of its own', 'node:44', { owner: '0:500', mode: '0775' }, []],
])('A volume is reported if %s', async (_, user, folder, groups) => {
  gateway(user, folder, { groups });
  expect(await unwritable()).toHaveLength(1);
});

test.each<[string, string, object, readonly string[]]>([
  ['the user owns it', '1000:1000', { owner: '1000:0' }, []],
  ['everyone may write', '1000:1000', { mode: '0777' }, []],
  ['the group may write, and is that of the user', '1000:44', { owner: '0:44', mode: '0775' }, []],
  ['the group may write, and is a name', 'node:audio', { owner: '0:44', mode: '0775' }, []],
  ['the group may write, and was added', '1000:1000', { owner: '0:44', mode: '0775' }, ['audio']],
  ['the group may write, and is one of the image', 'node', { owner: '0:500', mode: '0775' }, []],
  ['the group may write, and an added one is unknown', '1000:1000', { owner: '0:9', mode: '0775' }, ['video']],
  ['the user is root', '', { owner: '1000:1000', mode: '0700' }, []],
  ['the user is unknown', 'bot', {}, []],
])('A volume is not reported if %s', async (_, user, folder, groups) => {
  gateway(user, folder, { groups });
  expect(await unwritable()).toEqual([]);
});
