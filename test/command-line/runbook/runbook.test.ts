import { createMasterTradeStack } from '../../../examples/mastertrade/stack';
import { createPlatformStack } from '../../../examples/platform/stack';
import {
  AlertChannel,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Duration,
  Engine,
  HealthCheck,
  Image,
  InfluxDb,
  Logging,
  MonitoringStack,
  type MonitoringStackProps,
  PostgresDb,
  PublishedPort,
  Secret,
  TradingStack,
  Volume,
  Workload,
} from '../../../lib';
import { runCommand } from '../../../lib/command-line/commands';
import { operationsOf } from '../../../lib/command-line/runbook/operations';
import { runbookOf } from '../../../lib/command-line/runbook/runbook';
import { createApp, createStack } from '../../setup/synthesize';

const IMAGE = Image.fromRegistry('ghcr.io/desk/bot:2.4');
/** A stack with something for every group of operations. */
const STACK = createStack((stack) => {
  const database = new PostgresDb(stack, 'db', { database: 'desk' });
  database.backup({
    to: BackupTarget.volume(Volume.retained('backups')),
    schedule: BackupSchedule.daily('03:00'),
    retention: BackupRetention.of({ daily: 7 }),
    recoveryPointEvery: Duration.minutes(1),
  });
  new InfluxDb(stack, 'influx', { organization: 'desk', bucket: 'ticks' });
  new Workload(stack, 'bot', { image: IMAGE, uses: [database] });
});
const COMMANDS = [STACK, createMasterTradeStack(createApp())]
  .flatMap(operationsOf)
  .flatMap(({ operations }) => operations.map(({ command: [name] }) => name));

test.each([...new Set(COMMANDS)])('the runbook names the command %s, which exists', async (name) => {
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true);
  const exitCode = await runCommand(['node', 'app.ts', name, '--help'], createApp);
  write.mockRestore();

  expect(exitCode).toBe(0);
});

test('a server has the queries of its own client, and a restore of each backup', () => {
  const runbook = runbookOf(STACK);

  expect(runbook).toContain(
    "`npm run console -- desk db -- -c 'SELECT pid, usename, state, query FROM pg_stat_activity'`",
  );
  expect(runbook).toContain('`npm run console -- desk influx -- bucket list`');
  expect(runbook).toContain('`npm run restore -- desk db latest`');
  expect(runbook).toContain('`npm run restore -- desk db --at 2026-01-31T13:59:00Z`');
  expect(runbook).toContain('`npm run rotate -- desk db_password`');
  // Data could not be opened with another one.
  expect(runbook).not.toContain('rotate -- desk db_backup_password');
  expect(runbook).toContain('without the password in `.secrets/desk/db_backup_password`: keep a copy outside');
});

test('the runbook says which backups are removed with the data', () => {
  expect(runbookOf(STACK)).toContain('| remove it with all its data, and with the backups of db in desk_backups |');
  const bot = createStack((desk) => new Workload(desk, 'bot', { image: IMAGE }));
  expect(runbookOf(bot)).toContain('| remove it with all its data |');
});

test('a monitored stack has commands for its alerts, which need no published port', () => {
  const channels = { critical: [AlertChannel.webhook({ url: 'http://pager:8080/alerts' })] };
  const runbook = (props: Partial<MonitoringStackProps>): string =>
    runbookOf(createStack((desk) => new MonitoringStack(desk, 'monitoring', { watch: [], ...props })));

  expect(runbook({})).toContain(
    `\`npm run exec -- desk prometheus -- promtool query instant http://127.0.0.1:9090 'ALERTS{alertstate="firing"}'\``,
  );
  expect(runbook({})).toContain('its port is not published');
  expect(runbook({})).not.toContain('amtool');
  const published = { ports: [PublishedPort.loopback(9090, { hostPort: 9091 })] };
  expect(runbook({ prometheus: published })).toContain('at 127.0.0.1:9091');
  expect(runbook({ alertmanager: { channels } })).toContain(
    '`npm run exec -- desk alertmanager -- amtool --alertmanager.url=http://127.0.0.1:9093 alert query`',
  );
  expect(runbook({})).toContain('docs/guides/alerts.md');
});

test('stored log lines are searched for a word in any case', () => {
  const stack = new TradingStack(createApp(), 'desk', { engine: Engine.docker(), logging: Logging.logStore() });
  new MonitoringStack(stack, 'monitoring', { watch: [], logs: { retention: Duration.days(30) } });

  expect(decodeURIComponent(runbookOf(stack))).toContain('query=_time:1d i(error) | sort by (_time)');
});

test('a stack without servers and backups has no operations for them', () => {
  const stack = createStack((desk) => new Workload(desk, 'bot', { image: IMAGE }));

  expect(operationsOf(stack).map(({ title }) => title)).toEqual(['Something is wrong', 'Change it']);
});

test('a password that rotate refuses, because a server of another stack has it too, has no command', () => {
  const app = createApp();
  const desk = new TradingStack(app, 'desk', { engine: Engine.docker() });
  const password = Secret.generated(desk, 'shared');
  new PostgresDb(desk, 'db', { password });
  new PostgresDb(desk, 'archive');
  new PostgresDb(new TradingStack(app, 'night', { engine: Engine.docker() }), 'db', { password });
  const runbook = runbookOf(desk);

  expect(runbook).toContain('`npm run rotate -- desk archive_password`');
  expect(runbook).not.toContain('rotate -- desk shared');
});

test('a service is listed with its health, its published ports and what uses it', () => {
  const runbook = runbookOf(createMasterTradeStack(createApp()));

  expect(runbook).toContain(
    '| risk_manager | `GET http://risk-manager:8080/health` succeeds | 127.0.0.1:8080 | order_executor |',
  );
  expect(runbook).toMatch(/\| schema \(job\) \| its last run exited with 0 \| {2}\| market_data_service, /);
});

test('a runbook with loopback ports says on which machine they are, and how to reach them from another', () => {
  const withPort = (port: PublishedPort): string =>
    runbookOf(createStack((desk) => new Workload(desk, 'bot', { image: IMAGE, ports: [port] })));

  const runbook = withPort(PublishedPort.loopback(3000));
  expect(runbook).toContain('`ssh -N -L 3000:127.0.0.1:3000 <user>@<server>`');
  expect(runbook).toContain('`export DOCKER_HOST=ssh://<user>@<server>`');
  expect(withPort(PublishedPort.allInterfaces(3000))).not.toContain('ssh');
});

test('a service with replicas is listed once, and so is one that uses several of them', () => {
  const lines = runbookOf(createPlatformStack(createApp())).split('\n');

  expect(lines.filter((line) => line.startsWith('| api_gateway '))).toEqual([expect.stringMatching(/\| proxy \|$/)]);
  expect(lines.find((line) => line.startsWith('| schema (job) '))).toMatch(
    / order_service, strategy_service, api_gateway, analytics_service \|$/,
  );
});

test('a vertical bar in a health check does not end the cell of the table', () => {
  const row = runbookOf(createMasterTradeStack(createApp()))
    .split('\n')
    .find((line) => line.startsWith('| redis '));

  expect(row).toContain(String.raw`grep -qE 'PONG\|MISCONF'`);
});

test('a health check with line breaks and backticks stays one cell of the table', () => {
  const line = 'port=`cat /port`\n  nc -z localhost $port |\n  cat';
  const stack = createStack(
    (desk) => new Workload(desk, 'bot', { image: IMAGE, healthCheck: HealthCheck.shell(line) }),
  );

  expect(runbookOf(stack)).toContain(
    '| bot | `` port=`cat /port` nc -z localhost $port \\| cat `` exits with 0 |  |  |',
  );
});
