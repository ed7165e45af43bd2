import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { containersOf, idsOf, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';

/** A service behind a proxy, one with three replicas, and a client on the network. */
const STACK = 'steady';

/** Number of times that the service is replaced under load: 20 for the figures in the documentation. */
const REPLACEMENTS = Number(process.env.TRADING_STACK_REPLACEMENTS ?? 3);

/** Through the proxy, half of them GET and half of them POST. */
const REQUESTS_PER_SECOND = 100;

let project: Project;
let version = 0;

beforeAll(async () => {
  await refuseExisting(STACK);
  project = await Project.copy('docker');
  await project.write('examples/steady/stack.ts', STEADY_STACK);
  await project.write('bin/trading.ts', STEADY_APP);
  await project.deploy(STACK);
});

afterAll(async () => {
  await project.destroy(STACK);
  await project.remove();
});

test('a service behind a proxy is replaced without a failed request', async () => {
  const throughProxy = new Load('http://proxy:8080/', REQUESTS_PER_SECOND);
  const direct = new Load('http://api:8000/', 20);
  const directKept = new Load('http://api:8000/', 20, 'keep');
  const before = idsOf(await containersOf(STACK));
  for (let round = 0; round < REPLACEMENTS; round += 1) {
    expect(await change('API', `v${(version += 1)}`)).toMatch(/steady-api: VERSION .* \(replaced without downtime\)/);
  }
  const [result, directly, keeping] = [await throughProxy.end(), await direct.end(), await directKept.end()];
  report(`${REPLACEMENTS} replacements`, { throughProxy: result, directly, keeping });

  expect(result.failures).toEqual({});
  expect(result.sent).toBeGreaterThan(REQUESTS_PER_SECOND * result.seconds * 0.9);
  expect(Object.keys(result.versions)).toHaveLength(REPLACEMENTS + 1);
  expect(directly.failures).toEqual({});

  const after = idsOf(await containersOf(STACK));
  expect([...after.keys()].sort()).toEqual([...before.keys()].sort());
  expect(after.get('api')).not.toBe(before.get('api'));
  expect(after.get('proxy')).toBe(before.get('proxy'));
});

test('replicas are replaced one after another, and two of them always serve', async () => {
  const load = new Load('http://proxy:8080/many/', REQUESTS_PER_SECOND);
  const printed = await change('MANY', `v${(version += 1)}`);
  const result = await load.end();
  report('three replicas', { result });

  const order = [...printed.matchAll(/^(steady-many\S*): (started|stopped and removed)/gm)].map(
    ([, name = '', what = '']) => `${name} ${what}`,
  );
  expect(order.filter((line) => line.endsWith(' started'))).toEqual([
    'steady-many-1 started',
    'steady-many-2 started',
    'steady-many-3 started',
  ]);
  expect(order.indexOf('steady-many-1-previous stopped and removed')).toBeLessThan(
    order.indexOf('steady-many-3 started'),
  );
  expect(result.failures).toEqual({});
});

test('a new version that does not start leaves the previous one serving, and the next deploy continues', async () => {
  const load = new Load('http://proxy:8080/', REQUESTS_PER_SECOND);
  await project.edit('examples/steady/stack.ts', "const CRASHES = '';", "const CRASHES = 'yes';");
  const failed = await project.script('deploy', STACK, '--yes', '--json');
  expect(failed.code).toBe(1);
  expect(JSON.parse(failed.stdout)).toMatchObject({ outcome: 'failed', previous: ['steady-api-previous'] });
  expect(failed.stderr).toContain('The previous version still serves: steady-api-previous.');
  const states = await containersOf(STACK);
  expect(states.get('api')?.State.Status).toBe('exited');
  expect(states.get('api-previous')?.State.Health?.Status).toBe('healthy');

  const { stdout: compared } = await project.script('diff', STACK);
  expect(compared).toContain('steady-api-previous: the previous version of steady-api');

  await project.edit('examples/steady/stack.ts', "const CRASHES = 'yes';", "const CRASHES = '';");
  await project.deploy(STACK);
  const result = await load.end();
  report('a failing version', { result });

  expect(result.failures).toEqual({});
  expect(Object.keys(result.versions)).toEqual([expect.any(String)]);
  expect([...(await containersOf(STACK)).keys()]).not.toContain('api-previous');
  expect(await project.plannedChanges(STACK)).toEqual([]);
});

test('destroy also removes a previous version that still serves', async () => {
  await project.edit('examples/steady/stack.ts', "const CRASHES = '';", "const CRASHES = 'yes';");
  expect((await project.script('deploy', STACK, '--yes')).code).toBe(1);
  expect([...(await containersOf(STACK)).keys()]).toContain('api-previous');
  await project.destroy(STACK);
  expect([...(await containersOf(STACK)).keys()]).toEqual([]);
});

async function change(service: string, to: string): Promise<string> {
  const stack = await project.read('examples/steady/stack.ts');
  await project.write(
    'examples/steady/stack.ts',
    stack.replace(new RegExp(`const ${service}_VERSION = '.*';`), `const ${service}_VERSION = '${to}';`),
  );
  return project.deploy(STACK);
}

/** What the load generator prints at its end. */
interface LoadResult {
  readonly sent: number;
  readonly seconds: number;
  readonly failures: Readonly<Record<string, number>>;
  readonly versions: Readonly<Record<string, number>>;
  readonly milliseconds: { readonly median: number; readonly p99: number; readonly longest: number };
}

/** Requests from a container on the network, until {@link end}. */
class Load {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>;
  private readonly ended: Promise<number | null>;
  private printed = '';

  constructor(url: string, perSecond: number, ...options: 'keep'[]) {
    const command = [
      'exec',
      '--interactive',
      `${STACK}-client`,
      'node',
      'load.mjs',
      url,
      String(perSecond),
      ...options,
    ];
    this.child = spawn('docker', command, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.child.stdout.on('data', (chunk: Buffer) => (this.printed += chunk.toString()));
    this.ended = new Promise((resolve) => this.child.on('close', resolve));
  }

  async end(): Promise<LoadResult> {
    this.child.stdin.end();
    await this.ended;
    return JSON.parse(this.printed) as LoadResult;
  }
}

function report(what: string, results: Readonly<Record<string, LoadResult>>): void {
  for (const [name, result] of Object.entries(results)) {
    process.stderr.write(`${what}, ${name}: ${JSON.stringify(result)}\n`);
  }
}

const STEADY_APP = `
import { App } from 'cdktf';
import { createSteadyStack } from '../examples/steady/stack';

export function createApp(options: { readonly outdir?: string } = {}): App {
  const app = new App(options);
  createSteadyStack(app);
  return app;
}
`;

const STEADY_STACK = `
import type { App } from 'cdktf';
import {
  ApiGateway, AppService, Duration, Engine, HealthCheck, Image, ReverseProxy, Route, TradingStack, Workload,
} from '../../lib';

const API_VERSION = 'v0';
const MANY_VERSION = 'v0';
const CRASHES = '';

export function createSteadyStack(app: App): void {
  const stack = new TradingStack(app, '${STACK}', { engine: Engine.docker(), network: { subnet: '10.98.17.0/24' } });
  const image = Image.fromBuild('test/e2e/no-downtime');
  const healthCheck = HealthCheck.http(8000, { interval: Duration.seconds(1), startPeriod: Duration.seconds(5) });
  const api = new ApiGateway(stack, 'api', {
    image,
    port: 8000,
    healthCheck,
    environment: { VERSION: API_VERSION, CRASHES },
  });
  const many = new AppService(stack, 'many', {
    image,
    healthCheck,
    replicas: 3,
    environment: { VERSION: MANY_VERSION },
  });
  new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', api), Route.http('/many/', many)] });
  new Workload(stack, 'client', { image, command: ['sleep', '86400'] });
}
`;
