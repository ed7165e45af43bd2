import { renderService } from '../../../lib/engines/swarm/render-service';
import { TradingStackError } from '../../../lib';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { HEALTH_CHECK, RESOURCES, secretHandle, SECURITY, STRATEGIES_FILE, swarmSpec } from '../workload-spec';

const [port] = swarmSpec().ports;

const REFUSED: readonly (readonly [string, Partial<WorkloadSpec>, RegExp])[] = [
  ['a job', { kind: 'job' }, /a job as a service\. The Swarm engine runs jobs as containers/],
  ['an init process', { init: true }, /an init process\. Start the daemon with "init": true/],
  [
    'no-new-privileges',
    { security: { ...SECURITY, options: [] } },
    /no-new-privileges\. Start the daemon with "no-new-privileges": true/,
  ],
  [
    'privileges',
    { security: { ...SECURITY, options: [], noNewPrivileges: false, privileged: true } },
    /a privileged container\. Run this workload on Engine\.docker\(\)/,
  ],
  [
    'security options',
    { security: { ...SECURITY, noNewPrivileges: false } },
    /security options\. Run this workload on Engine\.docker\(\)/,
  ],
  [
    'devices',
    { devices: [{ hostPath: '/dev/a', containerPath: '/dev/a', permissions: 'r' }] },
    /devices\. Mount the device file with a bind mount/,
  ],
  ['GPUs', { gpus: 'all' }, /GPUs\. Use a generic resource of the node/],
  ['ulimits', { ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] }, /ulimits\. Set "default-ulimits" of the daemon/],
  ['a set of processors', { resources: RESOURCES }, /a fixed set of processors\. Limit the share with resources\.cpus/],
  [
    'the address of the host',
    { extraHosts: [{ name: 'host.docker.internal', address: 'host-gateway' }] },
    /the host-gateway address\. Give the host's own address/,
  ],
  [
    'a size in memory',
    { tmpfs: [{ path: '/tmp', sizeBytes: 1024 }] },
    /a size for \/tmp in memory\. Leave the size out/,
  ],
  ['a start interval', { healthCheck: HEALTH_CHECK }, /a start interval of the health check\. Leave startInterval out/],
  [
    'one address for a port',
    { ports: port ? [{ ...port, scope: 'loopback' }] : [] },
    /publishing 18000 on 127\.0\.0\.1 only\. .*PublishedPort\.allInterfaces/,
  ],
  [
    'a secret that another engine made',
    { secrets: [{ secret: { ...secretHandle('key'), object: null }, path: '/run/secrets/key' }] },
    /the secret key of another engine\. Create it in the same stack/,
  ],
];

test.each(REFUSED)('a service cannot have %s, and the error says what to do', (_what, changes, message) => {
  const render = (): unknown => renderService(swarmSpec(changes), [STRATEGIES_FILE]);
  expect(render).toThrow(TradingStackError);
  expect(render).toThrow(/^desk\/bot: the swarm engine cannot do this: /);
  expect(render).toThrow(message);
});

test('a service whose files were not made into objects is refused', () => {
  expect(() => renderService(swarmSpec(), [])).toThrow(/^desk\/bot: .*files without configuration objects/);
});
