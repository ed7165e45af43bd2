import { type Answer, FakeEngine } from '../../desk/engine';
import { DeskProject, type Outcome } from '../../desk/project';

jest.setTimeout(60_000);

let engine: FakeEngine;
let project: DeskProject;

beforeEach(async () => {
  engine = await FakeEngine.start();
  project = new DeskProject();
  engine.state.clockAhead = Date.parse('2026-01-01T12:05:20Z') - Date.now();
  engine.state.images = ['image'];
});

afterEach(async () => {
  await engine.stop();
  project.remove();
});

const OTHERS = [
  ...['redis', 'gateway', 'db', 'db-exporter', 'grafana'].map((id) => ({
    name: `desk-${id}`,
    health: 'healthy',
  })),
  { name: 'desk-migrate', status: 'exited' },
];

/** Containers of the desk with monitoring, whose programs answer this. */
function run(
  prometheus: Answer | 'stopped',
  alertmanager: Answer = { exitCode: 0, stdout: '[]' },
  ...options: readonly string[]
): Promise<Outcome> {
  engine.state.containers = [
    ...OTHERS,
    { name: 'desk-alertmanager', health: 'healthy', answer: alertmanager },
    ...(prometheus === 'stopped' ? [] : [{ name: 'desk-prometheus', health: 'healthy', answer: prometheus }]),
  ];
  return project.run(['status', 'desk', ...options], { DOCKER_HOST: engine.host }, 'monitoring');
}

function alert(labels: Readonly<Record<string, string>>, activeAt: string, state = 'firing'): object {
  return { labels, annotations: { summary: `${labels.job ?? ''} is in trouble` }, state, activeAt, value: '1e+00' };
}

function page(...alerts: readonly object[]): Answer {
  return { exitCode: 0, stdout: JSON.stringify({ status: 'success', data: { alerts } }) };
}

const DOWN = { alertname: 'ServiceDown', job: 'db', severity: 'critical', stack: 'desk' };
const SLOW = { alertname: 'HttpLatencySlow', job: 'gateway', severity: 'warning', stack: 'desk' };

test('The alerts that fire are shown below the services, the worst first, and do not change the exit code', async () => {
  const { stdout, exitCode } = await run(
    page(
      alert(SLOW, '2026-01-01T09:05:00Z'),
      alert(DOWN, '2026-01-01T12:03:00.5Z'),
      alert({ ...DOWN, alertname: 'Pending' }, '2026-01-01T12:03:00Z', 'pending'),
      alert({ alertname: 'Watchdog', severity: 'info' }, '2026-01-01T12:00:00Z'),
    ),
    { exitCode: 0, stdout: JSON.stringify([{ labels: { ...SLOW, region: 'fra' }, status: { state: 'suppressed' } }]) },
  );
  expect(stdout.trimEnd().split('\n').slice(-4)).toEqual([
    '',
    'ALERT             SERVICE   SEVERITY             SINCE   SUMMARY',
    'ServiceDown       db        critical             2m      db is in trouble',
    'HttpLatencySlow   gateway   warning (silenced)   3h      gateway is in trouble',
  ]);
  expect(exitCode).toBe(0);
});

test('Prometheus and Alertmanager are asked in their containers, with the programs of their images', async () => {
  await run(page());
  expect(engine.state.commands).toEqual([
    expect.objectContaining({
      container: 'desk-prometheus',
      request: expect.objectContaining({
        Cmd: ['wget', '-q', '-T', '5', '-O', '-', 'http://127.0.0.1:9090/api/v1/alerts'],
      }) as unknown,
    }),
    expect.objectContaining({ container: 'desk-alertmanager' }),
  ]);
});

test('If no alerts are firing, one line says so', async () => {
  const { stdout } = await run(page(alert({ alertname: 'Watchdog' }, '2026-01-01T12:00:00Z')));
  expect(stdout.trimEnd().split('\n').slice(-2)).toEqual(['', 'No alerts are firing.']);
});

test('With --json the alerts are in the document', async () => {
  const { stdout } = await run(page(alert(DOWN, '2026-01-01T12:03:00Z')), undefined, '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    isUp: true,
    alerts: [
      {
        prometheus: 'desk-prometheus',
        unknown: null,
        firing: [
          {
            ...{ name: 'ServiceDown', service: 'db', severity: 'critical', isSilenced: false },
            ...{ summary: 'db is in trouble', since: '2026-01-01T12:03:00Z' },
          },
        ],
      },
    ],
  });
});

test.each([
  [
    'refuses',
    { exitCode: 1, stderr: "wget: can't connect to remote host: Connection refused\n" },
    'Connection refused',
  ],
  ['answers with something else', { exitCode: 0, stdout: '<html>' }, 'is not JSON'],
] as const)(
  'Alerts are unknown if Prometheus %s, and the exit code is that of the services',
  async (_name, answer, reason) => {
    const { stdout, exitCode } = await run(answer);
    expect(stdout).toContain('\n\nAlerts of desk-prometheus unknown: ');
    expect(stdout.trimEnd().split('\n').at(-1)).toContain(reason);
    expect(stdout).not.toContain('No alerts are firing');
    expect(exitCode).toBe(0);
  },
);

test('Alerts are unknown if Prometheus has stopped', async () => {
  const { stdout, exitCode } = await run('stopped');
  expect(stdout).toContain('Alerts of desk-prometheus unknown: desk-prometheus is not running');
  expect(exitCode).toBe(1);
});

test('A Prometheus that hangs is waited for no longer than five seconds', async () => {
  const start = Date.now();
  const { stdout } = await run({ exitCode: 0, hangs: true });
  expect(stdout).toContain('unknown: desk-prometheus did not answer within 5 s\n');
  expect(Date.now() - start).toBeLessThan(9000);
});

test('Without an answer of Alertmanager it is unknown which alerts are silenced', async () => {
  const { stdout } = await run(page(alert(DOWN, '2026-01-01T12:03:00Z')), { exitCode: 1 }, '--json');
  expect(JSON.parse(stdout)).toMatchObject({ alerts: [{ firing: [{ name: 'ServiceDown', isSilenced: null }] }] });
});

test('The summary of an alert cannot act on the terminal', async () => {
  const harmful = { ...alert(DOWN, '2026-01-01T12:03:00Z'), annotations: { summary: '\u001b[2Jdb is down' } };
  expect((await run(page(harmful))).stdout).toContain('2m      db is down\n');
});

test('Before the first deploy nothing is said about alerts', async () => {
  const { stdout } = await project.run(['status', 'desk'], { DOCKER_HOST: engine.host }, 'monitoring');
  expect(stdout).toMatch(/None of them is on the engine.*\n$/);
  expect(stdout).not.toContain('lerts');
});
