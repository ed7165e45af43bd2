import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { alertGroups, watchEverything, WITH_LOG_STORE } from '../../monitoring/alerts/stack';
import { promtoolFiles } from '../../monitoring/alerts/promtool';
import { deployedAs } from '../../monitoring/fixtures';
import { synthesizeStack } from '../../setup/synthesize';
import { containersOf, eventually, execute, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';
import { firingAlerts, loadedRules } from '../harness/prometheus';
import { mustRun, run } from '../harness/run';
import { Runbook } from '../harness/runbook';

/** What Grafana lists of Prometheus, as its administrator. */
const ALERTS_IN_GRAFANA =
  'curl -fsS -u "admin:$(cat /run/secrets/grafana_admin_password)" ' +
  'http://127.0.0.1:3000/api/datasources/proxy/uid/prometheus/api/v1/alerts';
const PROMETHEUS = 'prom/prometheus:v3.13.2';
const ALERTMANAGER = 'prom/alertmanager:v0.35.0';

describe('the files of every service', () => {
  test('promtool accepts the rules, and each alert fires and is quiet as its series say', async () => {
    const groups = alertGroups((stack) => {
      watchEverything(stack);
    });
    const { rules, tests } = promtoolFiles(groups);
    const all = { 'all.yml': stringify({ groups }) };
    await inImage(PROMETHEUS, '/bin/promtool', all, ['check', 'rules', '/files/all.yml']);
    const paths = Object.keys(tests).map((name) => `/files/${name}`);
    const report = await inImage(PROMETHEUS, '/bin/promtool', { ...rules, ...tests }, ['test', 'rules', ...paths]);
    expect(report.match(/SUCCESS/g)).toHaveLength(paths.length);
  });

  test('amtool accepts the configuration with a channel of each kind, and routes by severity', async () => {
    const { files } = deployedAs(
      synthesizeStack((stack) => {
        watchEverything(stack);
      }, WITH_LOG_STORE),
      'desk-alertmanager',
    );
    const given = { 'alertmanager.yml': files['/etc/alertmanager/alertmanager.yml'] ?? '' };
    const amtool = (...args: string[]): Promise<string> => inImage(ALERTMANAGER, '/bin/amtool', given, args);
    expect(await amtool('check-config', '/files/alertmanager.yml')).toContain('SUCCESS');
    const routed = async (...labels: string[]): Promise<string> =>
      (await amtool('config', 'routes', 'test', '--config.file=/files/alertmanager.yml', ...labels)).trim();
    expect(await routed('alertname=ServiceDown', 'severity=critical')).toBe('critical');
    expect(await routed('alertname=HttpErrorsSlow', 'severity=warning')).toBe('warning');
    expect(await routed('alertname=Own', 'severity=page')).toBe('critical');
    expect(await routed('alertname=Watchdog', 'severity=info')).toBe('watchdog');
  });
});

describe('a stack with an Alertmanager', () => {
  /** Part of the URL of the receiver, which only Alertmanager may know. */
  const CANARY = 'canary-9Kd3-never-to-be-seen';
  const APP = 'bin/trading.ts';

  let project: Project;

  beforeAll(async () => {
    await refuseExisting('pager');
    project = await Project.copy('docker');
    await project.write('examples/pager/stack.ts', PAGER_STACK);
    await project.edit(APP, "'../examples/mt5/stack'", "'../examples/pager/stack'");
    await project.edit(APP, 'import { createMt5Stack }', 'import { createPagerStack as createMt5Stack }');
    await project.write('.secrets/pager/receiver_url', `http://receiver:8000/${CANARY}`);
    await project.deploy('pager');
  });

  afterAll(async () => {
    await project.destroy('pager');
    await project.remove();
  });

  test('loads every rule', async () => {
    const rules = await eventually(
      () => loadedRules('pager-prometheus'),
      (loaded) => loaded.every(({ health }) => health !== 'unknown'),
    );
    expect(rules.length).toBeGreaterThan(10);
    expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
  });

  test('tells a receiver that a killed service is down, and that it is up again', async () => {
    await eventually(received, (notes) => notes.some(({ alert }) => alert === 'Watchdog'));
    const { Pid } = (await containersOf('pager')).get('quotes')?.State ?? { Pid: 0 };
    expect(Pid).toBeGreaterThan(1);

    const killed = Date.now();
    await mustRun('docker', ['kill', 'pager-quotes']);
    await eventually(received, (notes) => notes.some(isDown('firing')));
    const started = Date.now();
    await mustRun('docker', ['start', 'pager-quotes']);
    await eventually(received, (notes) => notes.some(isDown('resolved')));
    process.stderr.write(`killed service notified: ${seconds(killed, started)} s; `);
    process.stderr.write(`resolved after its start: ${seconds(started, Date.now())} s\n`);

    expect((await received()).filter(({ path }) => path !== `/${CANARY}`)).toEqual([]);
  });

  test('has a runbook whose commands for alerts succeed', async () => {
    const runbook = await Runbook.write(project, 'pager');
    const lines = runbook.notRun('read').filter((line) => / (promtool|amtool) /.test(line));
    expect(lines).toHaveLength(4);
    for (const line of lines) await runbook.run(line);
  });

  test('shows in Prometheus, in Grafana and in `status` that Alertmanager is down', async () => {
    await mustRun('docker', ['stop', 'pager-alertmanager']);
    const stopped = Date.now();
    const told = ['alertmanager/ServiceDown', 'prometheus/PrometheusNotificationsFailing'];
    const firing = await eventually(
      () => firingAlerts('pager-prometheus'),
      (alerts) => told.every((alert) => alerts.includes(alert)),
    );
    process.stderr.write(`Alertmanager down shown: ${seconds(stopped, Date.now())} s\n`);
    const shown = await execute('pager-grafana', 'sh', '-c', ALERTS_IN_GRAFANA);
    const status = await project.script('status', 'pager');
    await mustRun('docker', ['start', 'pager-alertmanager']);

    expect(firing).not.toContain('quotes/ServiceDown');
    expect(shown).toContain('PrometheusNotificationsFailing');
    expect(status.code).toBe(1);
    expect(status.stdout).toMatch(/^pager-alertmanager +exited/m);
  });

  test('shows in Prometheus that notifications do not arrive', async () => {
    // With an alert that is new: Prometheus sends those that fire already again only after a minute.
    await mustRun('docker', ['stop', 'pager-receiver', 'pager-quotes']);
    const stopped = Date.now();
    await eventually(
      () => firingAlerts('pager-prometheus'),
      (alerts) => alerts.includes('alertmanager/AlertmanagerNotificationsFailing'),
    );
    process.stderr.write(`failing notifications shown: ${seconds(stopped, Date.now())} s\n`);
    await mustRun('docker', ['start', 'pager-receiver', 'pager-quotes']);
  });

  test('keeps the URL of the receiver out of the output, the plan, the state and inspect', async () => {
    expect(await project.plannedChanges('pager')).toEqual([]);
    const places: Record<string, string> = {
      'cdk.tf.json': await project.read('cdktf.out/stacks/pager/cdk.tf.json'),
      plan: await project.terraform('pager', 'show', '-json', 'review.plan'),
      state: await project.read('terraform.pager.tfstate'),
      inspect: await mustRun('docker', ['inspect', 'pager-alertmanager']),
      configuration: await execute('pager-alertmanager', 'cat', '/etc/alertmanager/alertmanager.yml'),
    };
    expect(await execute('pager-alertmanager', 'cat', '/run/secrets/receiver_url')).toContain(CANARY);
    for (const [place, text] of Object.entries(places)) expect([place, text.includes(CANARY)]).toEqual([place, false]);
  });
});

/** What the receiver was told: one for each alert of a message. */
interface Note {
  readonly path: string;
  readonly status: string;
  readonly alert: string;
  readonly job: string;
}

async function received(): Promise<readonly Note[]> {
  const fetched = "fetch('http://127.0.0.1:8000/').then((r) => r.text()).then(console.log)";
  return JSON.parse(await execute('pager-receiver', 'node', '-e', fetched)) as readonly Note[];
}

function isDown(status: string): (note: Note) => boolean {
  return (note) => note.alert === 'ServiceDown' && note.job === 'quotes' && note.status === status;
}

function seconds(from: number, to: number): number {
  return Math.round((to - from) / 1000);
}

/** Runs a program of an image over files in `/files`, wherever the engine is. */
async function inImage(
  image: string,
  entrypoint: string,
  files: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'trading-stack-files-'));
  const container = (await mustRun('docker', ['create', '--entrypoint', entrypoint, image, ...args])).trim();
  try {
    // The program runs as another user.
    await chmod(folder, 0o755);
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    await mustRun('docker', ['cp', folder, `${container}:/files`]);
    return await mustRun('docker', ['start', '--attach', container]);
  } finally {
    await run('docker', ['rm', '--force', container]);
    await rm(folder, { recursive: true });
  }
}

const PAGER_STACK = `
import type { App } from 'cdktf';
import {
  AlertChannel, AppService, Duration, type Engine, HealthCheck, Image, MonitoringStack, Secret, TradingStack,
} from '../../lib';

export function createPagerStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'pager', { engine, network: { subnet: '10.98.8.0/24' } });
  const image = Image.fromRegistry('node:24-slim');
  const healthCheck = HealthCheck.http(8000, { interval: Duration.seconds(1) });
  const quotes = new AppService(stack, 'quotes', {
    image,
    healthCheck,
    command: ['node', '-e', \`
      require('http').createServer((_, response) => {
        response.setHeader('Content-Type', 'text/plain; version=0.0.4');
        response.end('process_start_time_seconds 1\\\\n');
      }).listen(8000);
    \`],
  });
  new AppService(stack, 'receiver', {
    image,
    healthCheck,
    command: ['node', '-e', \`
      const notes = [];
      require('http').createServer((request, response) => {
        if (request.method === 'GET') return response.end(JSON.stringify(notes));
        let body = '';
        request.on('data', (chunk) => (body += chunk)).on('end', () => {
          for (const { status, labels } of JSON.parse(body).alerts) {
            notes.push({ path: request.url, status, alert: labels.alertname, job: labels.job });
          }
          response.end();
        });
      }).listen(8000);
    \`],
  });
  const receiver = AlertChannel.webhook({
    url: Secret.provided(stack, 'receiver_url', { description: 'the URL of the receiver' }),
  });
  new MonitoringStack(stack, 'monitoring', {
    watch: [quotes],
    // As fast as a test needs it.
    prometheus: { scrapeInterval: Duration.seconds(1), flags: ['--rules.alert.resend-delay=5s'] },
    alerts: { change: { ServiceDown: { for: Duration.seconds(2) } } },
    alertmanager: {
      channels: { critical: [receiver] },
      watchdog: receiver,
      configuration: { route: { group_wait: '1s', group_interval: '2s' } },
    },
  });
  return stack;
}
`;
