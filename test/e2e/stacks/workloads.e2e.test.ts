import {
  containersOf,
  Endings,
  eventually,
  execute,
  idsOf,
  logsOf,
  refuseExisting,
  replaced,
  volumes,
} from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun } from '../harness/run';

/** Replaces the project's stacks: features of the library that MT5 does not use. */
const APP = 'bin/trading.ts';
const DEPLOYED = ['bot', 'db', 'feed', 'migrate', 'queue', 'slow'];

let project: Project;
let endings: Endings;

beforeAll(async () => {
  await refuseExisting('trial');
  project = await Project.copy('docker');
  await project.write('examples/trial/stack.ts', TRIAL_STACK);
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/trial/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createTrialStack as createMt5Stack }');
  endings = new Endings();
});

afterAll(async () => {
  await project.destroy('trial');
  endings.stop();
  await project.remove();
});

describe('a stack of workloads', () => {
  test('does not deploy while a secret is missing, and names the file', async () => {
    const outcome = await project.script('deploy', 'trial', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('.secrets/trial/exchange_api_key');
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('the key of the paper account');
    expect((await containersOf('trial')).size).toBe(0);
  });

  test('names the file at plan time too, with plain Terraform', async () => {
    await project.script('synth', 'trial');
    await project.terraform('trial', 'init', '-input=false', '-no-color');

    await expect(project.terraform('trial', 'plan', '-input=false', '-no-color')).rejects.toThrow(
      /the secret exchange_api_key is missing/,
    );
  });

  test('stops at a failing job, shows its last log lines, and starts nothing that depends on it', async () => {
    await project.write('.secrets/trial/exchange_api_key', 'paper-key\n');
    const outcome = await project.script('deploy', 'trial', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toContain('relation "nowhere" does not exist');
    expect((await containersOf('trial')).has('bot')).toBe(false);
  });

  test('is completed by the next deploy once the job is fixed', async () => {
    await project.edit('examples/trial/stack.ts', 'SELECT * FROM nowhere', 'CREATE TABLE IF NOT EXISTS ticks (n int)');
    await project.deploy('trial');

    expect([...(await containersOf('trial')).keys()].sort()).toEqual(
      ['db', 'db-roles', ...DEPLOYED.filter((name) => name !== 'db')].sort(),
    );
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('does not run a job again while its definition is unchanged', async () => {
    const before = idsOf(await containersOf('trial'));
    await project.deploy('trial');

    expect(replaced(before, idsOf(await containersOf('trial')))).toEqual([]);
  });

  test('passes secrets to a program as files, and as exported variables that inspect does not show', async () => {
    const log = await logsOf('trial-bot');
    const inspected = await mustRun('docker', ['inspect', 'trial-bot']);

    expect(log).toContain('KEY=paper-key;');
    expect(log).toMatch(/QUOTES_URL_FILE=postgresql\+asyncpg:\/\/quotes:[\w-]+@db:5432\/quotes;/);
    expect(inspected).not.toContain('paper-key');
  });

  test('starts an image that begins as root and changes to another user', async () => {
    const queue = (await containersOf('trial')).get('queue');

    expect([queue?.Config.User, queue?.State.Status]).toEqual(['', 'running']);
    expect(await execute('trial-queue', 'redis-cli', 'ping')).toBe('PONG');
    const [, user] = /^Uid:\t(\d+)/m.exec(await execute('trial-queue', 'cat', '/proc/1/status')) ?? [];
    expect(await execute('trial-queue', 'id', '-u', 'redis')).toBe(user);
  });

  test('passes on Terraform template syntax in a value unchanged', async () => {
    expect(await logsOf('trial-bot')).toContain('LITERAL=${HOME} and %{if};');
  });

  test('reaches a service on the host through host.docker.internal', async () => {
    expect(await execute('trial-bot', 'getent', 'hosts', 'host.docker.internal')).toMatch(/^\d+\.\d+\.\d+\.\d+\s/);
  });

  test('creates databases and roles on a volume that already has data', async () => {
    await project.edit(
      'examples/trial/stack.ts',
      "{ name: 'quotes' }",
      "{ name: 'quotes' }, { name: 'reports', users: ['quotes'] }",
    );
    await project.deploy('trial');

    const list =
      "SELECT string_agg(datname || ' of ' || pg_get_userbyid(datdba), ', ' ORDER BY datname) FROM pg_database WHERE datname IN ('quotes', 'reports')";
    expect(await execute('trial-db', 'psql', '-U', 'trial', '-d', 'trial', '-tA', '-c', list)).toBe(
      'quotes of quotes, reports of reports',
    );
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('lets only the owner and the listed roles connect to a database', async () => {
    const connect = (role: string, database: string) =>
      execute('trial-db', 'psql', '-h', '127.0.0.1', '-U', role, '-d', database, '-tAc', 'SELECT current_user');

    expect(await connect('quotes', 'quotes')).toBe('quotes');
    await expect(connect('quotes', 'trial')).rejects.toThrow('permission denied for database "trial"');
    await expect(connect('reports', 'quotes')).rejects.toThrow('permission denied for database "quotes"');
    expect(await connect('exporter', 'trial')).toBe('exporter');
    expect(await execute('trial-db', 'psql', '-U', 'trial', '-tAc', 'SELECT count(*) FROM seeded')).toBe('0');
  });

  test('restarts a program that hangs, but not again and again one that stays unhealthy', async () => {
    const state = () =>
      mustRun('docker', ['inspect', '-f', '{{.State.Health.Status}}, restarted {{.RestartCount}} times', 'trial-feed']);
    const becomes = (expected: string) => eventually(state, (answer) => answer.trim() === expected, 45);
    expect((await state()).trim()).toBe('healthy, restarted 0 times');
    await execute('trial-feed', 'sh', '-c', 'kill -STOP $(cat /home/node/pid)');
    await becomes('healthy, restarted 1 times');

    await execute('trial-feed', 'touch', '/home/node/sick');
    await becomes('starting, restarted 2 times');
    await becomes('unhealthy, restarted 2 times');
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect((await state()).trim()).toBe('unhealthy, restarted 2 times');
    await execute('trial-feed', 'rm', '/home/node/sick');
    await becomes('healthy, restarted 2 times');
    const log = await logsOf('trial-feed');
    expect(log).toContain('the health check failed 2 times in a row: stopping the program with SIGTERM');
    expect(log).toContain('the program did not end within 2 s: killing it');
  });

  test('does not deploy a program that listens only on 127.0.0.1, and says what to do', async () => {
    await project.edit('examples/trial/stack.ts', '  return stack;', `${PRICE_PAGE}  return stack;`);
    const outcome = await project.script('deploy', 'trial', '--yes');

    expect(outcome.code).not.toBe(0);
    expect(`${outcome.stdout}${outcome.stderr}`).toMatch(
      /trial-price-page-\d: unhealthy: GET http:\/\/price-page:8000\/health failed .*the program listens only on localhost/,
    );
    expect((await containersOf('trial')).has('proxy')).toBe(false);
  });

  test('gives a slow program its full grace period when it is replaced', async () => {
    await project.edit('examples/trial/stack.ts', "ADDRESS: '127.0.0.1'", "ADDRESS: ''");
    endings.follow('trial-slow');
    await project.edit('examples/trial/stack.ts', "PACE: 'a'", "PACE: 'b'");
    await project.deploy('trial');

    await eventually(
      () => Promise.resolve(endings.printed('trial-slow')),
      (log) => log.includes('positions closed'),
      5,
    );
    expect(endings.exitCode('trial-slow')).toBe(0);
  });

  test('reaches replicas that listen on $HOSTNAME and answer to their host name, also through a proxy', async () => {
    const fetched = (url: string) =>
      execute('trial-sidecar', 'node', '-e', `fetch('${url}').then((r) => r.text()).then(console.log)`);

    expect(await fetched('http://price-page:8000/')).toBe('prices for price-page:8000');
    expect(await fetched('http://proxy:8080/')).toBe('prices for proxy:8080');
  });

  test('finds a service under its id, too, whose underscore the program may refuse in a URL', async () => {
    const addresses = async (name: string) => (await execute('trial-bot', 'getent', 'ahostsv4', name)).match(/^\S+/gm);

    expect(await addresses('price_page')).toHaveLength(6);
    expect((await addresses('price_page'))?.sort()).toEqual((await addresses('price-page'))?.sort());
  });

  test('removes an ephemeral volume with the stack, and keeps the retained one', async () => {
    expect(await volumes()).toContain('trial_scratch');
    expect((await project.script('destroy', 'trial', '--yes')).code).toBe(0);

    expect(await volumes()).not.toContain('trial_scratch');
    expect(await volumes()).toContain('trial_db_data');
  });
});

/** Two replicas of a program that checks the host name, as Django does, a proxy, and a program on its network. */
const PRICE_PAGE = `
  const page = {
    image: Image.fromRegistry('node:24-slim'),
    environment: { ADDRESS: '127.0.0.1', NAMES: 'price-page,proxy' },
    command: ['node', '-e', \`
      const { ADDRESS, NAMES } = process.env;
      const answer = ({ headers: { host } }, response) => {
        response.statusCode = NAMES.split(',').includes(host.split(':')[0]) ? 200 : 400;
        response.end('prices for ' + host);
      };
      require('http').createServer(answer).listen(8000, ADDRESS || require('os').hostname());
    \`],
    healthCheck: HealthCheck.http(8000, { interval: Duration.seconds(1), startPeriod: Duration.seconds(2), retries: 3 }),
  };
  const prices = new AppService(stack, 'price_page', { ...page, replicas: 2 });
  const proxy = new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', prices)] });
  new Workload(stack, 'sidecar', { ...page, networkMode: proxy.workload });
`;

const TRIAL_STACK = `
import type { App } from 'cdktf';
import {
  AppService, Volume, Duration, type Engine, ExternalEndpoint, HealthCheck, Image, Job, PostgresDb, RestartPolicy, ReverseProxy,
  Route, Secret, SecretDelivery, Size, TradingStack, Workload,
} from '../../lib';

export function createTrialStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'trial', { engine, network: { subnet: '10.98.7.0/24' } });
  const database = new PostgresDb(stack, 'db', {
    database: 'trial',
    databases: [{ name: 'quotes' }],
    metricsRole: 'exporter',
    initScripts: { '10-schema.sql': 'CREATE TABLE seeded (n int);' },
    resources: { memory: Size.mebibytes(256) },
  });
  const key = Secret.provided(stack, 'exchange_api_key', { description: 'the key of the paper account' });
  const gateway = new ExternalEndpoint(stack, 'gateway', { port: 5555 });
  const migration = new Job(stack, 'migrate', {
    image: Image.fromRegistry('postgres:17-alpine'),
    runAs: 'postgres',
    uses: [database.endpoint.url({ variable: 'URL' })],
    command: ['sh', '-c', 'psql -v ON_ERROR_STOP=1 "$(cat $URL_FILE)" -c "$0"', 'SELECT * FROM nowhere'],
  });
  new Workload(stack, 'bot', {
    image: Image.fromRegistry('redis:7.4-alpine'),
    runAs: 'redis',
    uses: [migration, gateway, database.endpointFor({ database: 'quotes' }).url({ variable: 'QUOTES_URL', driver: 'asyncpg' })],
    environment: { LITERAL: '\${HOME} and %{if}' },
    secrets: { KEY: key.deliveredAs(SecretDelivery.EXPORTED) },
    entrypoint: [
      'sh', '-c', 'echo "KEY=$KEY; QUOTES_URL_FILE=$(cat $QUOTES_URL_FILE); LITERAL=$LITERAL;"; sleep 86400',
    ],
    volumes: [Volume.ephemeral('scratch').mountAt('/scratch')],
    tmpfs: [{ path: '/tmp', size: Size.mebibytes(16) }],
    init: true,
    stopGracePeriod: Duration.seconds(5),
  });
  new Workload(stack, 'queue', { image: Image.fromRegistry('redis:7.4-alpine'), init: false, volumes: [Volume.ephemeral('queue').mountAt('/data')] });
  new Workload(stack, 'feed', {
    image: Image.fromRegistry('node:24-slim'),
    runAs: 'node',
    capabilities: [],
    command: ['node', '-e', \`
      fs.writeFileSync('/home/node/pid', String(process.pid));
      http.createServer((_, response) => {
        response.statusCode = fs.existsSync('/home/node/sick') ? 503 : 200;
        response.end();
      }).listen(8000);
    \`],
    healthCheck: HealthCheck.http(8000, { interval: Duration.seconds(1), timeout: Duration.seconds(3), retries: 2, startPeriod: Duration.seconds(5) }),
    stopGracePeriod: Duration.seconds(2),
    restartPolicy: RestartPolicy.always({ whenUnhealthy: true }),
  });
  new Workload(stack, 'slow', {
    image: Image.fromRegistry('redis:7.4-alpine'),
    runAs: 'redis',
    environment: { PACE: 'a' },
    command: ['sh', '-c', 'trap "sleep 6; echo positions closed; exit 0" TERM; touch /tmp/beat; while :; do sleep 0.2; done'],
    healthCheck: HealthCheck.heartbeatFile('/tmp/beat', { maximumAge: Duration.hours(1), interval: Duration.seconds(2) }),
    stopGracePeriod: Duration.seconds(20),
  });
  return stack;
}
`;
