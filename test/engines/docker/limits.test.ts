import { PublishedPort } from '../../../lib';
import { renderContainer } from '../../../lib/engines/docker/render-container';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { fullSpec, HEALTH_CHECK, RESOURCES } from '../workload-spec';

const [port] = fullSpec().ports;

const UNSUPPORTED: readonly (readonly [string, Partial<WorkloadSpec>, string])[] = [
  [
    'copying files to a read-only root file system',
    { files: [{ path: '/etc/bot.yaml', content: 'risk: 1\n', mode: '0444' }] },
    'copying /etc/bot.yaml to a read-only root file system',
  ],
  ['a CPU reservation', { resources: { ...RESOURCES, cpuReservationMillis: 500 } }, 'reserving CPU time'],
  [
    'a file in a bind mount, where it would be written to the host',
    {
      readOnlyRootFilesystem: false,
      files: [{ path: '/conf/a.yaml', content: 'risk: 1\n', mode: '0444' }],
      bindMounts: [{ source: '/srv/conf', path: '/conf', readOnly: false, contentHash: null, ifMissing: 'checked' }],
    },
    'copying /conf/a.yaml into the mount at /conf',
  ],
  [
    'a file in a tmpfs, which is empty at the start',
    { readOnlyRootFilesystem: false, files: [{ path: '/tmp/bot/a.yaml', content: 'risk: 1\n', mode: '0444' }] },
    'copying /tmp/bot/a.yaml into the tmpfs at /tmp',
  ],
  ['a start timeout without a health check', { healthCheck: null }, 'startTimeout without a health check'],
  [
    'a start timeout with a health check that is turned off',
    { healthCheck: { ...HEALTH_CHECK, probe: { kind: 'none' }, test: ['NONE'] } },
    'startTimeout without a health check',
  ],
  ['a time limit for a job', { kind: 'job', startTimeoutSeconds: 60 }, 'a time limit for a job'],
  [
    'a port of a job, which differs in every plan',
    { kind: 'job', startTimeoutSeconds: null },
    'publishing a port of a job',
  ],
  [
    'an IPv6 address of an extra host, which the provider splits at its first colon',
    { extraHosts: [{ name: 'gateway', address: 'fd00::7' }] },
    'the IPv6 address of the extra host gateway',
  ],
  [
    'a placement',
    { placement: { constraints: [{ on: 'role', value: 'worker' }], replicasPerNode: null } },
    'a placement',
  ],
  ['several replicas in one container', { replicas: 2 }, '2 replicas in one container'],
];

test.each(UNSUPPORTED)('rejects %s', (_what, changes, ask) => {
  const render = (): unknown => renderContainer(fullSpec(changes));
  expect(render).toThrowCode('unsupported-by-engine', 'desk/bot', `the docker engine does not support ${ask}`);
});

test.each([{ command: ['bot', ''] }, { entrypoint: [''] }])('rejects an empty argument in %j', (changes) => {
  expect(() => renderContainer(fullSpec(changes))).toThrowCode(
    'unsupported-by-engine',
    'desk/bot',
    'an empty argument',
  );
});

test('accepts a file next to a tmpfs', () => {
  const files = [{ path: '/tmpl/bot.yaml', content: 'risk: 1\n', mode: '0444' }];
  expect(renderContainer(fullSpec({ files, readOnlyRootFilesystem: false })).upload).toHaveLength(1);
});

describe('a port that is published twice, which differs in every plan of the provider', () => {
  const render = (...ports: readonly PublishedPort[]): unknown =>
    renderContainer(fullSpec({ ports: ports.map((one) => one.toSpec()) }));

  test('is refused with the provider as the reason, and one address of the host is enough', () => {
    expect(() => render(PublishedPort.loopback(9080), PublishedPort.on('10.8.0.1', 9080))).toThrowCode(
      'unsupported-by-engine',
      'desk/bot: the port 9080/tcp is published twice, at 127.0.0.1:9080 and 10.8.0.1:9080. Docker can do that, but the ' +
        'Terraform provider',
      "Publish it once, with PublishedPort.on('10.8.0.1', 9080): programs on the host reach it at that address too",
    );
  });

  test('can have another address through a workload that forwards to it', () => {
    expect(() => render(PublishedPort.on('10.8.0.1', 80), PublishedPort.on('10.9.0.1', 80))).toThrowCode(
      'unsupported-by-engine',
      "PublishedPort.on('10.8.0.1', 80). For 10.9.0.1, publish the port of another workload",
    );
  });

  test('keeps one host port on one address', () => {
    const ports = [18_000, 18_001].map((hostPort) => PublishedPort.allInterfaces(80, { hostPort }));
    expect(() => render(...ports)).toThrowCode(
      'unsupported-by-engine',
      /with PublishedPort\.allInterfaces\(80, \{ hostPort: 18000 \}\)\. \[/,
    );
  });
});

test('accepts one port number for two protocols', () => {
  const ports = port ? [port, { ...port, protocol: 'udp' as const }] : [];
  expect(renderContainer(fullSpec({ ports })).ports).toHaveLength(2);
});
