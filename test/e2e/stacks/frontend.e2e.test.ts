import {
  type ContainerState,
  containersOf,
  eventually,
  execute,
  idsOf,
  logsOf,
  refuseExisting,
  replaced,
} from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, run } from '../harness/run';

/** A page, two back ends, one of them with two replicas, and a client on the network. */
const FRONTEND = 'http://127.0.0.1:18080';
const PROXY = 'http://127.0.0.1:18081';
const SQUATTER = 'web-squatter';

interface Echo {
  readonly instance: string;
  readonly version: string;
  readonly url: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface SocketAnswer {
  readonly error?: string;
  readonly answers?: readonly { readonly instance: string; readonly message: number; readonly transport: string }[];
}

let project: Project;

beforeAll(async () => {
  await refuseExisting('web');
  project = await Project.copy('docker');
  await project.write('examples/web/stack.ts', WEB_STACK);
  await project.write('bin/trading.ts', WEB_APP);
});

afterAll(async () => {
  await run('docker', ['rm', '--force', SQUATTER]);
  await project.destroy('web');
  await project.remove();
});

describe('a frontend with its back ends', () => {
  test('is deployed healthy, and a second plan is empty', async () => {
    await project.deploy('web');

    const health = [...(await containersOf('web'))].map(
      ([name, { State }]) => `${name}: ${State.Health?.Status ?? ''}`,
    );
    expect(health.sort()).toEqual([
      'api: healthy',
      'client: ',
      'frontend-exporter: ',
      'frontend: healthy',
      'proxy: healthy',
      'sockets-1: healthy',
      'sockets-2: healthy',
    ]);
    expect(await project.plannedChanges('web')).toEqual([]);
  });

  test('runs without root and without capabilities', async () => {
    const frontend = await theContainer('frontend');

    expect(frontend.Config.User).toBe('101:101');
    expect(frontend.HostConfig.CapDrop).toEqual(['ALL']);
    expect(await execute('web-frontend', 'id', '-u')).toBe('101');
  });

  test('answers paths without a file with the page, which browsers do not cache', async () => {
    for (const path of ['/', '/index.html', '/orders/42?from=mail']) {
      const response = await fetch(`${FRONTEND}${path}`);

      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('text/html');
      expect(response.headers.get('cache-control')).toBe('no-cache');
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await response.text()).toContain('<title>Alpaca bot</title>');
    }
  });

  test('serves compressed assets that browsers cache for good, and 404 for a missing asset', async () => {
    const page = await (await fetch(FRONTEND)).text();
    const script = /src="(\/assets\/app-[0-9a-f]+\.js)"/.exec(page)?.[1] ?? '';
    const response = await fetch(`${FRONTEND}${script}`, { headers: { 'Accept-Encoding': 'gzip' } });

    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('gzip');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    // The value of the build argument.
    expect(await response.text()).toContain('const API = "/api";');
    const gone = await fetch(`${FRONTEND}/assets/app-00000000.js`);
    expect(gone.status).toBe(404);
    expect(gone.headers.get('cache-control')).toBeNull();
  });

  test('reveals nothing about itself, and answers its health check', async () => {
    const response = await fetch(`${FRONTEND}/healthz`);

    expect(response.status).toBe(200);
    expect(response.headers.get('server')).toBe('nginx');
  });

  test('forwards requests with path, query and client', async () => {
    const response = await fetch(`${FRONTEND}/api/prices%2Fall?symbol=A%20B&page=2`);
    const { url, headers } = (await response.json()) as Echo;

    expect(url).toBe('/api/prices%2Fall?symbol=A%20B&page=2');
    expect(headers).toMatchObject({ host: '127.0.0.1:18080', 'x-forwarded-proto': 'http' });
    expect(headers['x-forwarded-for']).toMatch(/^\d+\.\d+\.\d+\.\d+$/);
    expect(headers['x-real-ip']).toBe(headers['x-forwarded-for']);
    expect(headers.connection).not.toBe('upgrade');
    // Only the proxy's header, although the back end sends one too.
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('cache-control')).toBeNull();
  });

  test('removes the path of a route with stripPath, and keeps the query', async () => {
    expect(await echo(`${FRONTEND}/reports/daily?day=1`)).toMatchObject({ url: '/daily?day=1' });
    expect(await echo(`${FRONTEND}/reports/`)).toMatchObject({ url: '/' });
    expect(await echo(`${FRONTEND}/reports/a%20b/%23?c=%2F`)).toMatchObject({ url: '/a%20b/%23?c=%2F' });
  });

  test('reaches a back end outside the stack by its own name, below its own path', async () => {
    const { url, headers } = await echo(`${FRONTEND}/outside/orders/42?day=1`);

    expect(url).toBe('/v2/orders/42?day=1');
    expect(headers).toMatchObject({ host: 'api:8000', 'x-forwarded-host': '127.0.0.1:18080' });
    expect(await echo(`${FRONTEND}/_next/static/a%20b`)).toMatchObject({ url: '/v2/_next/static/a%20b' });
    expect(await echo(`${FRONTEND}/outside/a%0Ab%0A`)).toMatchObject({ url: '/v2/a%0Ab%0A' });
  });

  test('informs back ends about HTTPS that was terminated in front of it, whatever a client claims', async () => {
    const saying = (proto: string) => ({ headers: { 'X-Forwarded-Proto': proto } });
    const protoOf = async (response: Response) => ((await response.json()) as Echo).headers['x-forwarded-proto'];

    expect(await protoOf(await fetch(`${PROXY}/orders`, saying('http')))).toBe('https');
    expect(await protoOf(await fetch(`${FRONTEND}/api/orders`, saying('https')))).toBe('http');
  });

  test('redirects to the path with a slash without naming an internal port', async () => {
    const response = await fetch(`${FRONTEND}/api`, { redirect: 'manual' });

    expect(response.status).toBe(301);
    expect(response.headers.get('location')).toBe('/api/');
  });

  test('refuses a body above its limit, and forwards one below it', async () => {
    const post = (size: number) => fetch(`${PROXY}/orders`, { method: 'POST', body: 'x'.repeat(size) });

    expect((await post(1025)).status).toBe(413);
    expect(((await (await post(1024)).json()) as Echo).body).toHaveLength(1024);
  });

  test('upgrades a request to a WebSocket only on a route that allows it', async () => {
    expect(await client('websocket', 'ws://frontend:8080/ws')).toMatchObject([
      { message: 'before' },
      { message: 'after' },
    ]);
    await expect(client('websocket', 'ws://proxy:8080/orders')).rejects.toThrow('Unexpected server response');
  });

  test('closes a WebSocket that is idle for longer than its route allows', async () => {
    expect(await client('websocket', 'ws://proxy:8080/impatient', '6')).toMatchObject([
      { message: 'before' },
      'closed',
    ]);
  });

  test('passes Socket.IO through, from polling to WebSocket', async () => {
    const [one] = await socketIo('polling,websocket', 1);

    expect(one?.error).toBeUndefined();
    expect(one?.answers?.at(-1)).toMatchObject({ message: 4, transport: 'websocket' });
  });

  test('keeps each polling client on its replica, and uses both', async () => {
    const clients = await socketIo('polling', 10);

    expect(clients.map(({ error }) => error)).toEqual(Array(10).fill(undefined));
    expect(clients.map(({ answers = [] }) => new Set(answers.map(({ instance }) => instance)).size)).toEqual(
      Array(10).fill(1),
    );
    expect(instancesOf(clients).size).toBe(2);
  });

  test('cannot keep clients without cookies on one replica, so they work only with WebSocket', async () => {
    const polling = await socketIo('polling', 10, 'no-cookies');
    const webSocket = await socketIo('websocket', 10, 'no-cookies');

    expect(polling.filter(({ error }) => error !== undefined)).not.toEqual([]);
    expect(webSocket.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  test('logs requests without their query, and no probes', async () => {
    await fetch(`${FRONTEND}/api/orders?token=secret`);

    const log = await eventually(
      () => logsOf('web-frontend'),
      (text) => text.includes('"GET /api/orders HTTP/1.1" 200'),
    );
    expect(log).not.toContain('token');
    expect(log).not.toContain('healthz');
  });

  test('reports its load to an exporter', async () => {
    const fetchMetrics = "fetch('http://frontend-exporter:9113/metrics').then(r => r.text()).then(console.log)";
    const metrics = await execute('web-client', 'node', '--eval', fetchMetrics);

    expect(metrics).toContain('nginx_up 1');
    expect(metrics).toMatch(/^nginx_http_requests_total [1-9]/m);
  });

  test('keeps a WebSocket open that is idle for 70 seconds', async () => {
    expect(await client('websocket', 'ws://frontend:8080/ws', '70')).toMatchObject([
      { message: 'before' },
      { message: 'after' },
    ]);
  });
});

describe('a back end that changes', () => {
  let nginx: ReadonlyMap<string, string>;

  beforeAll(async () => {
    nginx = idsOf(await proxies());
  });

  test('is found at its new address without a change of nginx', async () => {
    const { network, address: before } = await addressOf('api');
    await mustRun('docker', ['rm', '--force', 'web-api']);
    // Another container has the address now, so that the back end cannot get it again.
    await mustRun('docker', ['run', '--detach', '--name', SQUATTER, '--network', network, '--ip', before, ...SLEEP]);
    expect((await fetch(`${FRONTEND}/api/prices`)).status).toBe(502);
    expect((await fetch(FRONTEND)).status).toBe(200);

    await project.edit('examples/web/stack.ts', "const VERSION = 'one'", "const VERSION = 'two'");
    await project.deploy('web');
    expect((await addressOf('api')).address).not.toBe(before);

    await eventually(
      () => fetch(`${FRONTEND}/api/prices`),
      ({ status }) => status === 200,
      5,
    );
    expect(await echo(`${FRONTEND}/api/prices`)).toMatchObject({ version: 'two', url: '/api/prices' });
    expect(await client('websocket', 'ws://frontend:8080/ws')).toMatchObject([{ version: 'two' }, { version: 'two' }]);
    expect((await socketIo('polling,websocket', 4)).filter(({ error }) => error !== undefined)).toEqual([]);
    expect(replaced(nginx, idsOf(await proxies()))).toEqual([]);
    expect(await project.plannedChanges('web')).toEqual([]);
  });

  test('gets its share of requests when it is scaled up, without a change of nginx', async () => {
    await project.edit('examples/web/stack.ts', 'replicas: 2', 'replicas: 3');
    await project.deploy('web');

    const clients = await eventually(
      () => socketIo('polling', 12),
      (all) => instancesOf(all).size === 3,
      20,
    );
    expect(clients.filter(({ error }) => error !== undefined)).toEqual([]);
    expect(replaced(nginx, idsOf(await proxies()))).toEqual([]);
  });

  test('loses no requests when one of several replicas dies', async () => {
    await mustRun('docker', ['kill', 'web-sockets-2']);

    const statuses = await Promise.all(
      Array.from({ length: 30 }, () => fetch(`${PROXY}/sockets/`).then(({ status }) => status)),
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
  });
});

function proxies(): Promise<ReadonlyMap<string, ContainerState>> {
  return containersOf('web').then((all) => new Map([...all].filter(([name]) => ['frontend', 'proxy'].includes(name))));
}

async function theContainer(name: string): Promise<ContainerState> {
  const container = (await containersOf('web')).get(name);
  if (container === undefined) throw new Error(`There is no container of ${name}.`);
  return container;
}

async function addressOf(name: string): Promise<{ network: string; address: string }> {
  const format = '{{range $name, $it := .NetworkSettings.Networks}}{{$name}} {{$it.IPAddress}}{{end}}';
  const [network = '', address = ''] = (await mustRun('docker', ['inspect', '--format', format, `web-${name}`]))
    .trim()
    .split(' ');
  return { network, address };
}

async function echo(url: string): Promise<Echo> {
  return (await (await fetch(url)).json()) as Echo;
}

/** The output of the client on the network. */
async function client(...args: string[]): Promise<unknown> {
  return JSON.parse(await execute('web-client', 'node', 'client.mjs', ...args));
}

async function socketIo(transports: string, clients: number, ...rest: string[]): Promise<readonly SocketAnswer[]> {
  const args = ['http://frontend:8080', transports, String(clients), ...rest];
  return (await client('socketio', ...args)) as SocketAnswer[];
}

function instancesOf(clients: readonly SocketAnswer[]): ReadonlySet<string> {
  return new Set(clients.flatMap(({ answers = [] }) => answers.map(({ instance }) => instance)));
}

const SLEEP = ['node:24-slim', 'sleep', '3600'];

const WEB_APP = `
import { App } from 'cdktf';
import { createWebStack } from '../examples/web/stack';

export function createApp(options: { readonly outdir?: string } = {}): App {
  const app = new App(options);
  createWebStack(app);
  return app;
}
`;

const WEB_STACK = `
import type { App } from 'cdktf';
import {
  AppService, Duration, Engine, Exporter, PublishedPort, ExternalEndpoint, HealthCheck, Image, ReverseProxy, Route, Size, TradingStack,
  WebFrontend, Workload,
} from '../../lib';

const VERSION = 'one';

export function createWebStack(app: App): void {
  const { TRADING_ENGINE_VERSION: engineVersion = '25.0' } = process.env;
  const stack = new TradingStack(app, 'web', { engine: Engine.docker({ engineVersion }), network: { subnet: '10.98.9.0/24' } });
  const image = Image.fromBuild('test/e2e/web-backend');
  const healthCheck = HealthCheck.http(8000, { interval: Duration.seconds(1) });
  const api = new AppService(stack, 'api', { image, healthCheck, environment: { ROLE: 'api', VERSION } });
  const sockets = new AppService(stack, 'sockets', {
    image,
    healthCheck,
    environment: { ROLE: 'sockets' },
    replicas: 2,
  });

  // For nginx, this is the same as a back end elsewhere.
  const outside = new ExternalEndpoint(stack, 'outside', { host: 'api', port: 8000, scheme: 'http', path: '/v2' });

  const frontend = new WebFrontend(stack, 'frontend', {
    image: Image.fromBuild('examples/alpaca/frontend', { buildArgs: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' } }),
    routes: [
      Route.http('/api/', api),
      Route.http('/reports/', api, { stripPath: true }),
      Route.http('/outside/', outside, { stripPath: true }),
      Route.http('/_next/', outside),
      Route.webSocket('/ws', api),
      Route.socketIo('/socket.io/', sockets),
    ],
    ports: [PublishedPort.loopback(8080, { hostPort: 18080 })],
  });
  new ReverseProxy(stack, 'proxy', {
    routes: [
      Route.http('/', api),
      Route.http('/sockets/', sockets),
      Route.webSocket('/impatient', api, { readTimeout: Duration.seconds(2) }),
    ],
    maxBodySize: Size.kibibytes(1),
    clientsUseHttps: true,
    ports: [PublishedPort.loopback(8080, { hostPort: 18081 })],
  });
  const { target } = frontend.metrics;
  if (target.kind === 'exporter') new Exporter(stack, 'frontend_exporter', { exporter: target });
  new Workload(stack, 'client', { image, runAs: 'node', command: ['sleep', '86400'] });
}
`;
