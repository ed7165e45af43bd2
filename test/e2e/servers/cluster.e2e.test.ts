import { createHash } from 'node:crypto';
import { connect } from 'node:net';
import { Cluster, type NodeName } from '../harness/cluster';
import { eventually } from '../harness/engine';
import { Project } from '../harness/project';

/** A separate stack on a separate Swarm of two nodes. */
const STACK = 'examples/trial/stack.ts';
const SECRET = '.secrets/trial/desk_key';
const PUBLISHED = 16_379;

let cluster: Cluster;
let project: Project;

beforeAll(async () => {
  cluster = await Cluster.start(['redis:7.4-alpine', 'node:24-slim']);
  project = await Project.copy('swarm', cluster.environment());
  await project.write(STACK, TRIAL_STACK.replace('REGISTRY', cluster.registry));
  await project.write('examples/trial/program/Dockerfile', DOCKERFILE);
  await project.write('examples/trial/program/server.js', SERVER);
  await project.write('examples/trial/program/client.js', CLIENT);
  await project.write('examples/trial/limits/limits.txt', 'one\n');
  await project.write('bin/trading.ts', APP);
  await project.write(SECRET, 'one');
});

afterAll(async () => {
  await project.remove();
  await cluster.remove();
});

/** The number of requests of the client, and of those that failed. */
async function requests(): Promise<{ answered: number; failed: number; versions: string[] }> {
  const container = await cluster.containerOf('trial-client');
  return JSON.parse(await cluster.docker('manager', 'exec', container, 'cat', '/tmp/requests.json')) as {
    answered: number;
    failed: number;
    versions: string[];
  };
}

async function secretNames(): Promise<string[]> {
  const listed = await cluster.docker('manager', 'secret', 'ls', '--format', '{{.Name}}');
  return listed.split('\n').filter((name) => name.startsWith('trial-desk_key-'));
}

function serviceId(service: string): Promise<string> {
  return cluster.docker('manager', 'service', 'inspect', '--format', '{{.ID}}', service);
}

async function readByReader(...paths: string[]): Promise<string> {
  return cluster.docker('manager', 'exec', await cluster.containerOf('trial-reader'), 'cat', ...paths);
}

/** The answer of a server to `PING` from this machine, or the error of the connection. */
function redisAnswer(node: NodeName, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: cluster.addressOf(node), port, timeout: 5000 }, () => socket.write('PING\r\n'));
    socket.on('timeout', () => socket.destroy(new Error('timeout')));
    socket.on('error', reject);
    socket.on('data', (data) => {
      socket.destroy();
      resolve(data.toString());
    });
  });
}

async function nodesOf(service: string): Promise<string[]> {
  return (await cluster.tasksOf(service)).map(({ node }) => node).sort();
}

describe('a stack on two nodes', () => {
  test('converges: built once, pushed, and pulled by digest wherever it runs', async () => {
    const started = Date.now();
    const printed = await project.deploy('trial');
    report('first deploy', started);

    expect(printed).toContain('3 of 3');
    const images = (await cluster.tasksOf('trial-api')).map(({ image }) => image);
    expect(images).toHaveLength(3);
    for (const image of images) expect(image).toMatch(/^198\.18\.77\.1:5000\/trial-program@sha256:[0-9a-f]{64}$/);
  });

  test('has its data on the node with the label, and replicas on both', async () => {
    expect(await nodesOf('trial-redis')).toEqual(['manager']);
    expect(new Set(await nodesOf('trial-api'))).toEqual(new Set(['manager', 'worker']));
    expect(await cluster.docker('manager', 'volume', 'ls', '--quiet')).toContain('trial_redis_data');
    expect(await cluster.docker('worker', 'volume', 'ls', '--quiet')).not.toContain('trial_redis_data');
  });

  test('plans no change after that', async () => {
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('publishes a port on the node that has its data', async () => {
    expect(await redisAnswer('manager', PUBLISHED)).toContain('NOAUTH');
    await expect(redisAnswer('worker', PUBLISHED)).rejects.toThrow('ECONNREFUSED');
  });

  test('labels every container with its stack and service', async () => {
    const filters = ['stack=trial', 'service=api'].flatMap((name) => ['--filter', `label=cdktf-trading-stack.${name}`]);
    const ids = await Promise.all([
      cluster.docker('manager', 'ps', '--quiet', ...filters),
      cluster.docker('worker', 'ps', '--quiet', ...filters),
    ]);
    expect(ids.flatMap((printed) => printed.split('\n')).filter((id) => id !== '')).toHaveLength(3);
  });

  test('names a secret so that the name reveals nothing about the content', async () => {
    const names = await secretNames();
    expect(names).toEqual([expect.stringMatching(/^trial-desk_key-[0-9a-f]{12}$/)]);
    expect(names.join()).not.toContain(createHash('sha256').update('one').digest('hex').slice(0, 12));
  });

  test('says what to do when a secret has changed and the app has not run', async () => {
    await project.write(SECRET, 'two');
    await expect(project.terraform('trial', 'plan', '-input=false', '-no-color')).rejects.toThrow(
      'the secret desk_key has changed, but its version has not',
    );
  });

  test('replaces tasks, but not the service, when the content of a secret or a mounted folder changes', async () => {
    const [secret, service] = [await secretNames(), await serviceId('trial-reader')];
    await project.write('examples/trial/limits/limits.txt', 'two\n');
    expect(await project.plannedChanges('trial')).toEqual([
      'create and delete docker_secret.secret_desk_key',
      'update docker_service.trial-reader',
    ]);
    await project.deploy('trial');

    expect(await serviceId('trial-reader')).toBe(service);
    expect(await secretNames()).toEqual([expect.not.stringMatching(secret.join())]);
    expect(await readByReader('/run/secrets/desk_key', '/limits/limits.txt')).toBe('twotwo');
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('runs its job on the manager, with a built image and a connection to a service', async () => {
    const state = await cluster.docker('manager', 'inspect', '--format', '{{.State.ExitCode}}', 'trial-check');
    expect(state).toBe('0');
  });

  test('reaches every replica under one name', async () => {
    await eventually(requests, ({ answered }) => answered > 50);
    const container = await cluster.containerOf('trial-client');
    const found = await cluster.docker('manager', 'exec', container, 'getent', 'ahostsv4', 'api');

    expect(new Set(found.split('\n').map((line) => line.split(' ')[0])).size).toBe(3);
  });

  test('loses no request while all replicas are replaced, each new one first', async () => {
    const before = await requests();
    const started = Date.now();
    await project.edit(STACK, "VERSION: 'one'", "VERSION: 'two'");
    await project.deploy('trial');
    report('rolling update of three replicas', started);

    const after = await eventually(requests, ({ versions }) => versions.at(-1) === 'two');
    expect(after.failed).toBe(before.failed);
    expect(after.answered).toBeGreaterThan(before.answered + 50);
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('rolls back when the new version is unhealthy, loses no request, and reports the rollback', async () => {
    const before = await requests();
    const started = Date.now();
    await project.edit(STACK, "VERSION: 'two'", "VERSION: 'broken'");
    const outcome = await project.script('deploy', 'trial', '--yes');
    report('failing update until the deploy says so', started);

    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('trial-api: the new version failed');
    const after = await requests();
    expect(after).toMatchObject({ failed: before.failed, versions: ['one', 'two'] });
    expect(await cluster.tasksOf('trial-api')).toHaveLength(3);
  });

  test('plans the update again until the stack is fixed', async () => {
    expect(await project.plannedChanges('trial')).toEqual(['update docker_service.trial-api']);
    await project.edit(STACK, "VERSION: 'broken'", "VERSION: 'two'");
    expect(await project.plannedChanges('trial')).toEqual([]);
  });

  test('starts the replicas of a failed node on the other node', async () => {
    const started = Date.now();
    await cluster.fail('worker');
    await eventually(
      () => nodesOf('trial-api'),
      (nodes) => nodes.join() === 'manager,manager,manager',
      120,
    );
    report('three replicas after the failure of a node', started);
    const { answered } = await requests();
    await eventually(requests, (now) => now.answered > answered + 20);

    await cluster.restore('worker');
    expect(await nodesOf('trial-redis')).toEqual(['manager']);
  });

  test('is deployed completely when a service has moved and left an exited container behind', async () => {
    await drain('worker', async () => {
      await eventually(
        () => nodesOf('trial-wanderer'),
        (nodes) => nodes.join() === 'manager',
      );
    });
    await drain('manager', async () => {
      await eventually(
        () => nodesOf('trial-wanderer'),
        (nodes) => nodes.join() === 'worker',
      );
    });
    const left = ['ps', '--all', '--quiet', '--filter', 'label=com.docker.swarm.service.name=trial-wanderer'];
    expect(await cluster.docker('manager', ...left)).not.toBe('');

    await eventually(
      () => project.script('deploy', 'trial', '--yes'),
      ({ code }) => code === 0,
      180,
    );
    const { stdout } = await project.script('deploy', 'trial', '--yes');
    expect(stdout).toMatch(/Nothing to change: trial is up to date\.\nSERVICE [^]*\ntrial-wanderer +running\n/);
  });

  test('does not deploy while two nodes have the label of the data node', async () => {
    await cluster.docker('manager', 'node', 'update', '--label-add', 'trading.data=true', 'worker');
    const outcome = await project.script('deploy', 'trial', '--yes');

    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toContain('2 nodes have the label trading.data=true');
    await cluster.docker('manager', 'node', 'update', '--label-rm', 'trading.data', 'worker');
  });

  test('is destroyed except for its data', async () => {
    const { code, stdout, stderr } = await project.script('destroy', 'trial', '--yes');
    expect([code, code === 0 ? '' : stdout + stderr]).toEqual([0, '']);
    expect(await cluster.docker('manager', 'service', 'ls', '--quiet')).toBe('');
    expect(await cluster.docker('manager', 'volume', 'ls', '--quiet')).toContain('trial_redis_data');
  });

  test('is not reported as removed with its data when data may be on a node that cannot be checked', async () => {
    await cluster.docker('manager', 'node', 'update', '--label-rm', 'trading.data', 'manager');
    await cluster.docker('manager', 'node', 'update', '--label-add', 'trading.data=true', 'worker');
    const { code, stdout, stderr } = await project.script('destroy', 'trial', '--yes', '--volumes');

    expect(code).toBe(1);
    expect(stdout).toContain('Removed the volume trial_redis_data.');
    expect(stderr).toContain('The volume trial_redis_data may be on worker');
  });
});

/** Drains a node while the work runs. */
async function drain(node: NodeName, work: () => Promise<void>): Promise<void> {
  await cluster.docker('manager', 'node', 'update', '--availability', 'drain', node);
  await work();
  await cluster.docker('manager', 'node', 'update', '--availability', 'active', node);
}

/** Prints how long something took. */
function report(what: string, started: number): void {
  process.stderr.write(`cluster: ${what}: ${((Date.now() - started) / 1000).toFixed(1)} s\n`);
}

const APP = `
import { App } from 'cdktf';
import { createTrialStack } from '../examples/trial/stack';

export function createApp(options: { readonly outdir?: string } = {}): App {
  const app = new App(options);
  createTrialStack(app);
  return app;
}
`;

const TRIAL_STACK = `
import type { App } from 'cdktf';
import {
  AppService, BindMount, Duration, Engine, PublishedPort, HealthCheck, Image, Job, Placement, RedisCache, Secret, TradingStack,
  Workload,
} from '../../lib';

export function createTrialStack(app: App): TradingStack {
  const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' }, registry: 'REGISTRY' } });
  const stack = new TradingStack(app, 'trial', { engine });
  const image = Image.fromBuild('examples/trial/program');
  const cache = new RedisCache(stack, 'redis', { ports: [PublishedPort.allInterfaces(6379, { hostPort: 16379 })] });
  const check = new Job(stack, 'check', {
    image,
    uses: [cache],
    command: ['node', '-e', "require('net').connect(6379, 'redis').on('connect', () => process.exit(0))"],
  });
  const api = new AppService(stack, 'api', {
    image,
    uses: [check],
    replicas: 3,
    environment: { VERSION: 'one' },
    healthCheck: HealthCheck.http(8000, {
      via: 'node', interval: Duration.seconds(2), startPeriod: Duration.seconds(4), retries: 2,
    }),
  });
  new Workload(stack, 'client', {
    image,
    uses: [api],
    command: ['node', 'client.js'],
    placement: [Placement.manager()],
  });
  new Workload(stack, 'wanderer', {
    image,
    command: ['node', '-e', "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)"],
  });
  new Workload(stack, 'reader', {
    image,
    command: ['node', '-e', "process.on('SIGTERM', () => process.exit(0)); setInterval(() => {}, 1000)"],
    secrets: { KEY: Secret.provided(stack, 'desk_key', { description: 'a key' }) },
    bindMounts: [BindMount.readOnly('examples/trial/limits', '/limits')],
    placement: [Placement.node('manager')],
  });
  return stack;
}
`;

const DOCKERFILE = `
FROM node:24-slim
WORKDIR /app
COPY server.js client.js ./
CMD ["node", "server.js"]
`;

const SERVER = `
const version = process.env.VERSION;
const server = require('http').createServer((request, response) => {
  response.statusCode = request.url === '/health' && version === 'broken' ? 500 : 200;
  response.setHeader('connection', 'close');
  response.end(version);
});
server.listen(8000, '0.0.0.0');
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`;

/** One request at a time, each on a new connection to an address that the name then resolves to. */
const CLIENT = `
const { writeFileSync, renameSync } = require('fs');
const seen = { answered: 0, failed: 0, versions: [], errors: [] };
process.on('SIGTERM', () => process.exit(0));

function ask() {
  return new Promise((resolve) => {
    const request = require('http').get('http://api:8000/', { agent: false, timeout: 5000 }, (response) => {
      let version = '';
      response.on('data', (chunk) => { version += chunk; });
      response.on('end', () => {
        seen.answered += 1;
        if (!seen.versions.includes(version)) seen.versions.push(version);
        resolve();
      });
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => { seen.failed += 1; seen.errors.push(error.message); resolve(); });
  });
}

(async () => {
  for (;;) {
    await ask();
    writeFileSync('/tmp/requests.part', JSON.stringify(seen));
    renameSync('/tmp/requests.part', '/tmp/requests.json');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
})();
`;
