import { App } from 'cdktf';
import {
  printRunning,
  printStack,
  reportRunning,
  reportServices,
  reportStack,
} from '../../../lib/command-line/output/report';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { Output } from '../../../lib/command-line/output/output';
import type { WorkloadState } from '../../../lib/command-line/engine/workload-state';
import { createStack } from '../../setup/synthesize';
import {
  Engine,
  PublishedPort,
  HealthCheck,
  Image,
  Job,
  Network,
  Placement,
  PostgresDb,
  type TradingStack,
  Workload,
} from '../../../lib';
import { createDesk } from '../desk/desk';
import { inTemporaryFolder } from '../../setup/temporary-folder';

function runningState(stack: TradingStack): WorkloadState[] {
  return stack.platform.workloads.map((workload) => ({
    workload,
    container: 'id',
    status: 'running',
    health: null,
    exitCode: null,
    restarts: 0,
    outOfMemory: false,
    startedAt: null,
  }));
}

test('A service is reported with its ports, dependencies and limits', () => {
  inTemporaryFolder((folder) => {
    expect(reportServices(createDesk({ outdir: folder }))).toEqual([
      {
        name: 'desk-redis',
        kind: 'service',
        replicas: 1,
        image: 'redis:7.4-alpine',
        ports: [],
        networks: ['desk'],
        waitsFor: [],
        cpus: 0.5,
        memoryBytes: 256 * 1024 ** 2,
        placement: [],
      },
      expect.objectContaining({ name: 'desk-migrate', kind: 'job', waitsFor: ['desk-redis'] }),
      expect.objectContaining({
        name: 'desk-gateway',
        networks: ['desk'],
        waitsFor: ['desk-migrate'],
        ports: [
          { address: '127.0.0.1', host: 18_000, container: 8000, protocol: 'tcp' },
          { address: '0.0.0.0', host: 5555, container: 5555, protocol: 'udp' },
        ],
      }),
    ]);
  });
});

test('The table of a cluster shows the node of each service', () => {
  const image = Image.fromRegistry('node:24-slim');
  const stack = createStack(
    (root) => {
      new PostgresDb(root, 'db');
      new Job(root, 'check', { image });
      new Workload(root, 'bot', { image });
      const placement = [Placement.node('desk-1'), Placement.withoutNodeLabel('disk', 'slow')];
      new Workload(root, 'gateway', { image, placement });
    },
    { engine: Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } }) },
  );
  const output = new Output();
  const lines: string[] = [];
  jest.spyOn(output, 'say').mockImplementation((line) => lines.push(line));
  printStack(reportStack(App.of(stack), stack, [], { reported: [], acknowledged: [] }), () => undefined, output);
  expect(
    lines
      .slice(1, 7)
      .map((line) => line.replace(/ {2,}.*?(?=NODE|trading|this|any|desk-1|disk)/, ' | ').replace(/ {3}.*/, '')),
  ).toEqual([
    'SERVICE | NODE',
    'desk-db | trading.data=true',
    'desk-check (job) | this manager',
    'desk-bot | any',
    'desk-gateway | desk-1',
    ' | disk!=slow',
  ]);
});

test('The table shows the networks if they differ between services', () => {
  const image = Image.fromRegistry('node:24-slim');
  const stack = createStack((root) => {
    const vpn = new Workload(root, 'vpn', { image, networks: [root.network, Network.fromName('traefik')] });
    new Workload(root, 'bot', { image, networkMode: vpn });
    new Workload(root, 'agent', { image, networkMode: 'host' });
  });
  const output = new Output();
  const lines: string[] = [];
  jest.spyOn(output, 'say').mockImplementation((line) => lines.push(line));
  const report = reportStack(App.of(stack), stack, [], { reported: [], acknowledged: [] });
  printStack(report, () => undefined, output);
  expect(lines.join('\n')).toContain('NETWORKS');
  expect(report.services.map(({ networks }) => networks)).toEqual([
    ['desk', 'traefik'],
    ['container:desk-vpn'],
    ['host'],
  ]);
});

test('A dependency that is not a workload is reported with its Terraform address', () => {
  const image = Image.fromRegistry('node:24-slim');
  const stack = createStack((root) => {
    const foreign = {
      connection: () => ({
        from: 'elsewhere',
        within: null,
        environment: {},
        secrets: {},
        startAfter: ['null_resource.ready'],
        extraHosts: [],
      }),
    };
    new Job(root, 'check', { image, uses: [foreign] });
  });
  expect(reportServices(stack)[0]?.waitsFor).toEqual(['null_resource.ready']);
});

test('A port that the health check requests over HTTP is shown as a URL', () => {
  const image = Image.fromRegistry('node:24-slim');
  const stack = createStack((root) => {
    new Workload(root, 'web', {
      image,
      healthCheck: HealthCheck.http(80, { via: 'node' }),
      ports: [
        PublishedPort.loopback(80, { hostPort: 18_080 }),
        PublishedPort.allInterfaces(8000),
        PublishedPort.on('::1', 53, { protocol: 'udp' }),
      ],
    });
  });
  expect(reportRunning(runningState(stack))[0]?.addresses).toEqual([
    'http://127.0.0.1:18080',
    'localhost:8000',
    '[::1]:53/udp',
  ]);
});

describe('addresses of published ports', () => {
  function printed(host: string): string[] {
    const image = Image.fromRegistry('node:24-slim');
    const stack = createStack((root) => {
      const healthCheck = HealthCheck.http(3000, { via: 'node' });
      new Workload(root, 'grafana', { image, healthCheck, ports: [PublishedPort.loopback(3000)] });
      new Workload(root, 'proxy', {
        image,
        ports: [
          PublishedPort.loopback(80),
          PublishedPort.loopback(53, { protocol: 'udp' }),
          PublishedPort.allInterfaces(8443),
          PublishedPort.on('10.0.0.7', 9000),
        ],
      });
    });
    const output = new Output();
    const lines: string[] = [];
    jest.spyOn(output, 'say').mockImplementation((line) => lines.push(...line.split('\n')));
    printRunning(runningState(stack), engineAddress(host, {}), output);
    return lines.slice(1).map((line) => line.replace(/^.* {3,}/, ''));
  }

  const LOCAL = ['http://127.0.0.1:3000', '127.0.0.1:80', '127.0.0.1:53/udp', 'localhost:8443', '10.0.0.7:9000'];
  const REMOTE = LOCAL.map((address) => (address.startsWith('10.') ? address : `${address} on trading-1`));

  test('Those of an engine on this machine are printed as they are', () => {
    expect(printed('unix:///var/run/docker.sock')).toEqual(LOCAL);
    expect(printed('tcp://127.0.0.1:2375')).toEqual(LOCAL);
  });

  test('Those of another machine name it, and over ssh a command forwards the loopback ports', () => {
    const tunnel = 'ssh -N -L 3000:127.0.0.1:3000 -L 8080:127.0.0.1:80';
    const before = 'To reach 127.0.0.1 of trading-1 from this machine: ';
    expect(printed('tcp://trading-1:2375')).toEqual(REMOTE);
    expect(printed('ssh://trading-1')).toEqual([...REMOTE, '', `${before}${tunnel} trading-1`]);
    expect(printed('ssh://desk@trading-1:2222')).toEqual([...REMOTE, '', `${before}${tunnel} -p 2222 desk@trading-1`]);
  });
});
