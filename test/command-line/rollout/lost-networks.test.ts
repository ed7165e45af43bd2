import { DeskFixture, HEALTHY, RUNNING } from '../desk/fixture';

const desk = new DeskFixture();

const EARLY = '2026-01-01T12:00:00.5Z';
const LATE = '2026-01-01T12:00:00.75Z';

/** A VPN, a crawler on its network, and a helper on that of the crawler. */
function started(vpn: string, crawler: string, helper: string, crawlerStatus = 'running'): void {
  desk.engine.state.containers = [
    ...RUNNING,
    { name: 'desk-vpn', ...HEALTHY, startedAt: vpn },
    { name: 'desk-crawler', ...HEALTHY, status: crawlerStatus, startedAt: crawler },
    { name: 'desk-helper', ...HEALTHY, startedAt: helper },
  ];
}

const NOTHING_CHANGES = { FAKE_PLAN: '0' };

test('deploy restarts containers whose network was lost in a restart of its owner, in this order', async () => {
  started(LATE, EARLY, EARLY);
  const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes'], NOTHING_CHANGES, 'shared network');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(
    '\ndesk-crawler: no network, because desk-vpn, whose network it shares, was started after it (restarted)\n',
  );
  expect(stdout).toContain('Restarted, so that they have the network of another container again: desk-crawler, desk-h');
  expect(desk.engine.state.requests).toEqual(['restart desk-crawler', 'restart desk-helper']);
});

test('deploy asks before it restarts a container, and restarts none if it is not confirmed', async () => {
  started(LATE, EARLY, EARLY);
  const questions: string[] = [];
  desk.context = {
    isInteractive: true,
    confirm: (question) => {
      questions.push(question);
      return Promise.reject(new Error('no'));
    },
  };
  await desk.run(['deploy', 'desk'], NOTHING_CHANGES, 'shared network');
  expect(questions).toEqual(['Apply these changes?']);
  expect(desk.engine.state.requests).toEqual([]);
});

test('deploy leaves containers alone that were started after the owner of their network', async () => {
  started(EARLY, LATE, LATE);
  const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--json'], NOTHING_CHANGES, 'shared network');
  expect(JSON.parse(stdout)).toMatchObject({ outcome: 'unchanged', restarted: [] });
  expect(desk.engine.state.requests).toEqual([]);
});

test('diff shows which containers a deploy restarts, and that there is something to do', async () => {
  started(LATE, EARLY, LATE);
  const command = ['diff', 'desk', '--json', '--detailed-exitcode'];
  const { exitCode, stdout } = await desk.run(command, NOTHING_CHANGES, 'shared network');
  expect(exitCode).toBe(2);
  expect(JSON.parse(stdout)).toMatchObject({
    outcome: 'changes',
    changes: [],
    restarts: [
      { name: 'desk-crawler', networkOf: 'desk-vpn' },
      { name: 'desk-helper', networkOf: 'desk-crawler' },
    ],
  });
});

test('A container that the plan replaces is not said to be restarted', async () => {
  started(LATE, EARLY, LATE);
  desk.project.changes = { 'docker_container.desk-crawler': { actions: ['delete', 'create'], before: {}, after: {} } };
  const { stdout } = await desk.run(['diff', 'desk'], {}, 'shared network');
  expect(stdout).toContain('desk-helper: no network');
  expect(stdout).not.toContain('desk-crawler: no network');
});

test('A container that does not run is not restarted: the plan replaces it', async () => {
  started(LATE, EARLY, LATE, 'exited');
  await desk.run(['deploy', 'desk', '--yes'], NOTHING_CHANGES, 'shared network');
  expect(desk.engine.state.requests).toEqual([]);
});
