import { spawnSync } from 'node:child_process';
import { containersOf, eventually, execute, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun } from '../harness/run';

const APP = 'bin/trading.ts';
const IMAGE = 'victoriametrics/victoria-logs:v1.52.2';

/** Its stand-in needs Go's module proxy, which other tests do not. */
const isProvided = spawnSync('docker', ['image', 'inspect', IMAGE]).status === 0;
if (!isProvided) {
  process.stderr.write(
    `\n${'!'.repeat(80)}\nThe tests of the log store did NOT run: ${IMAGE} is missing.\n${'!'.repeat(80)}\n`,
  );
}
const withImage = isProvided ? describe : describe.skip;

withImage('a stack with a log store', () => {
  let project: Project;

  beforeAll(async () => {
    await refuseExisting('journal');
    project = await Project.copy('docker');
    await project.write('examples/journal/stack.ts', JOURNAL_STACK);
    await project.edit(APP, "'../examples/mt5/stack'", "'../examples/journal/stack'");
    await project.edit(APP, 'import { createMt5Stack }', 'import { createJournalStack as createMt5Stack }');
    await project.deploy('journal');
  });

  afterAll(async () => {
    await project.destroy('journal');
    await project.remove();
  });

  test('finds the lines of every service and job by service, word and time', async () => {
    const sources = ['bot', 'grafana', 'migrate', 'prometheus'].map((service) => `journal/${service}`);
    const all = await eventually(
      () => found('_time:5m | uniq by (source)', 'source'),
      (answer) => sources.every((source) => answer.includes(source)),
    );
    expect(all.sort()).toEqual(sources);
    expect(await found('{source="journal/migrate"} created')).toEqual(['created the tables']);
    expect(await found('{source="journal/bot"} order_id | unpack_json | filter order_id:=7', 'level')).toEqual([
      'warn',
    ]);
    // Printed at once; those of the same microsecond are in any order.
    const trace = await found('{source="journal/bot"} "line of a trace"');
    expect(trace.sort()).toEqual(Array.from({ length: 1000 }, (_, index) => `line of a trace ${index}`).sort());
    expect(await found('_time:1d offset 1d')).toEqual([]);
  });

  test('does without the store, and has the lines of that time when it is back', async () => {
    await mustRun('docker', ['kill', 'journal-logstore']);
    const began = Date.now();
    await mustRun('docker', ['restart', '--time', '5', 'journal-bot']);
    const restarted = Date.now() - began;
    const lines = async (): Promise<readonly string[]> => {
      const { stdout } = await project.script('logs', 'journal', 'bot', '--since', '1m');
      return stdout.match(/started \d+/g) ?? [];
    };
    const [, second = ''] = await eventually(lines, (all) => all.length === 2);
    expect((await containersOf('journal')).get('bot')?.State.Status).toBe('running');
    await mustRun('docker', ['start', 'journal-logstore']);
    await eventually(
      () => found(`{source="journal/bot"} ${JSON.stringify(second)}`),
      (all) => all.length === 1,
    );
    process.stderr.write(`restarted a service without the log store: ${restarted} ms\n`);
    expect(restarted).toBeLessThan(10_000);
  });

  test('is planned without a change', async () => {
    expect(await project.plannedChanges('journal')).toEqual([]);
  });

  test('is watched by Prometheus, and searched as the runbook says', async () => {
    const up = async (): Promise<string> =>
      execute('journal-prometheus', 'wget', '-qO-', 'http://127.0.0.1:9090/api/v1/query?query=vl_rows_ingested_total');
    expect(await eventually(up, (answer) => answer.includes('"job":"logstore"'))).toContain('"type":"splunk"');
    const runbook = await project.read('cdktf.out/stacks/journal/runbook.md');
    const [, command = ''] = /`npm run (exec -- journal prometheus -- wget [^`]+)`/.exec(runbook) ?? [];
    const { code, stdout } = await project.run('sh', ['-c', `npm run --silent ${command}`]);
    expect([code, stdout]).toEqual([0, expect.stringContaining('an ERROR of the bot')]);
  });
});

/** A field of the stored lines that a query finds. */
async function found(query: string, field = '_msg'): Promise<string[]> {
  const url = `http://logstore:9428/select/logsql/query?query=${encodeURIComponent(query)}`;
  const answer = await execute('journal-prometheus', 'wget', '-qO-', url);
  return answer
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as Record<string, string>)[field] ?? '');
}

const JOURNAL_STACK = `
import type { App } from 'cdktf';
import {
  AppService, Duration, type Engine, HealthCheck, Image, Job, Logging, MonitoringStack, TradingStack,
} from '../../lib';

export function createJournalStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const logging = Logging.logStore();
  const stack = new TradingStack(app, 'journal', { engine, logging, network: { subnet: '10.98.9.0/24' } });
  const image = Image.fromRegistry('node:24-slim');
  new Job(stack, 'migrate', { image, command: ['node', '-e', 'console.log("created the tables")'] });
  const bot = new AppService(stack, 'bot', {
    image,
    healthCheck: HealthCheck.http(8000, { interval: Duration.seconds(1) }),
    command: ['node', '-e', \`
      console.log('started ' + Date.now());
      console.log(JSON.stringify({ level: 'warn', order_id: 7, msg: 'refused' }));
      console.error('an ERROR of the bot');
      for (let index = 0; index < 1000; index++) console.log('line of a trace ' + index);
      process.on('SIGTERM', () => process.exit());
      require('http').createServer((_, response) => {
        response.setHeader('Content-Type', 'text/plain; version=0.0.4');
        response.end('process_start_time_seconds 1\\\\n');
      }).listen(8000);
    \`],
  });
  new MonitoringStack(stack, 'monitoring', {
    watch: [bot],
    prometheus: { scrapeInterval: Duration.seconds(1) },
    logs: {},
  });
  return stack;
}
`;
