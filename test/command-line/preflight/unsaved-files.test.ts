import { DeskFixture, RUNNING } from '../desk/fixture';

const desk = new DeskFixture();

const BEFORE = { id: 'desk-gateway', name: 'desk-gateway' };

/** Replaces the gateway, or removes another container, whose attributes these are. */
function plan(before: object, actions = ['delete', 'create'], replacePaths = [['env']]): void {
  const change = { actions, before: { ...BEFORE, ...before }, after: { ...BEFORE }, replacePaths };
  desk.project.changes = { 'docker_container.desk-gateway': change };
}

function added(...paths: string[]): void {
  desk.engine.state.containers = RUNNING.map((one) => (one.name === 'desk-gateway' ? { ...one, added: paths } : one));
}

async function unsaved(): Promise<unknown> {
  const { stdout } = await desk.run(['diff', 'desk', '--json']);
  return (JSON.parse(stdout) as { unsavedFiles: unknown }).unsavedFiles;
}

test.each([
  ['diff', []],
  ['deploy', ['--yes']],
])('%s names the files that a replaced container wrote, and how to save and keep them', async (command, options) => {
  plan({});
  added('/srv/bot', '/srv/bot/trades.sqlite');
  const { stdout } = await desk.run([command, 'desk', ...options]);
  expect(stdout).toContain(
    '\ndesk-gateway wrote /srv/bot/trades.sqlite into its container instead of a volume. This is lost when it is replaced. ' +
      'To save it first: docker cp desk-gateway:/srv/bot/trades.sqlite .\n' +
      "  To keep it in future: volumes: [Volume.retained('gateway_data').mountAt('/srv/bot')]\n",
  );
});

test('A volume is not proposed for a folder that the image has, which it would hide', async () => {
  plan({});
  added('/home/node/trades.sqlite');
  const { stdout } = await desk.run(['diff', 'desk']);
  expect(stdout).toContain("folder of its own, and mount a volume there: volumes: [Volume.retained('gateway_data')");
  expect(stdout).toContain(".mountAt('/home/node/data')]\n");
});

test('destroy names the files that are lost, and no volume', async () => {
  plan({}, ['delete']);
  added('/srv/trades.sqlite');
  const { stdout } = await desk.run(['destroy', 'desk', '--yes']);
  expect(stdout).toContain('\ndesk-gateway wrote /srv/trades.sqlite into its container instead of a volume.');
  expect(stdout).toContain('lost when it is removed. To save it first: docker cp desk-gateway:/srv/trades.sqlite .\n');
  expect(stdout).not.toContain('in future');
});

test('deploy --json has the files that were lost', async () => {
  plan({});
  added('/srv/trades.sqlite');
  const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'deployed',
    unsavedFiles: [{ container: 'desk-gateway', paths: ['/srv/trades.sqlite'], more: 0, unknown: null }],
  });
});

test('Files of a container that is only replaced if its image changes may be lost', async () => {
  const change = {
    actions: ['delete', 'create'],
    before: { ...BEFORE, image: 'sha256:1' },
    after: BEFORE,
    unknown: { image: true },
    replacePaths: [['image']],
  };
  desk.project.changes = { 'docker_container.desk-gateway': change };
  added('/srv/trades.sqlite');
  const { stdout } = await desk.run(['diff', 'desk']);
  expect(stdout).toContain('This is lost when it is replaced, which it is if its image changes. To save it first');
});

test('Many files are shown as the folders that they are in', async () => {
  plan({});
  const candles = [1, 2, 3, 4, 5].map((number) => `/srv/bot/data/binance/${number}.feather`);
  added('/opt/trades.sqlite', ...candles);
  expect(await unsaved()).toEqual([
    { container: 'desk-gateway', paths: ['/opt/trades.sqlite', '/srv/bot/data/binance/'], more: 0, unknown: null },
  ]);
});

test('Of many folders a few are shown', async () => {
  plan({});
  added('/a/1', '/b/1', '/c/1', '/d/1', '/e/1', '/f/1');
  expect(await unsaved()).toEqual([
    { container: 'desk-gateway', paths: ['/a/', '/b/', '/c/', '/d/'], more: 2, unknown: null },
  ]);
});

test('What comes back with the next container is not reported', async () => {
  const before = {
    volumes: [{ container_path: '/var/lib/data' }],
    mounts: [{ target: '/srv/rules/limits.yml' }],
    tmpfs: { '/scratch': '' },
    upload: [{ file: '/srv/config.json' }],
  };
  plan(before);
  const mounted = ['/var/lib/data', '/srv/rules', '/srv/rules/limits.yml', '/scratch', '/srv/config.json'];
  const passing = ['/tmp/x', '/run/app.pid', '/var/log/app.log', '/app/__pycache__/a.pyc', '/root/.cache/x', '/etc/x'];
  added(...mounted, ...passing);
  expect(await unsaved()).toEqual([]);
  // The same files in a container without these mounts.
  plan({});
  expect(await unsaved()).not.toEqual([]);
});

test.each<[string, () => void]>([
  [
    'with a read-only root file system',
    () => {
      plan({ read_only: true });
    },
  ],
  [
    'that is updated in place',
    () => {
      plan({}, ['update']);
    },
  ],
])('A container %s is not asked', async (_, change) => {
  change();
  added('/srv/trades.sqlite');
  expect(await unsaved()).toEqual([]);
});

test('An engine that cannot list the files does not stop a command, which says how to list them', async () => {
  plan({});
  desk.engine.state.failing = ['/containers/desk-gateway/changes'];
  const { exitCode, stdout } = await desk.run(['diff', 'desk']);
  expect(exitCode).toBe(0);
  expect(stdout).toContain('are lost. To list them: docker diff desk-gateway (no space left on device)\n');
  expect(await unsaved()).toMatchObject([{ container: 'desk-gateway', paths: [], unknown: 'no space left on device' }]);
});

test('A server that keeps everything in volumes is not asked, because the engine takes seconds to answer', async () => {
  const redis = { id: 'desk-redis', name: 'desk-redis' };
  const change = { actions: ['delete', 'create'], before: redis, after: redis, replacePaths: [['env']] };
  desk.project.changes = { 'docker_container.desk-redis': change };
  const paths = ['/srv/dump.rdb'];
  desk.engine.state.containers = RUNNING.map((one) => (one.name === 'desk-redis' ? { ...one, added: paths } : one));
  expect(await unsaved()).toEqual([]);
});
