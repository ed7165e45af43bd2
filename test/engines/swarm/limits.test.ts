import { renderService } from '../../../lib/engines/swarm/render-service';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { HEALTH_CHECK, RESOURCES, secretHandle, SECURITY, STRATEGIES_FILE, swarmSpec } from '../workload-spec';

const [port] = swarmSpec().ports;

const UNSUPPORTED: readonly (readonly [string, Partial<WorkloadSpec>, string])[] = [
  ['a job as a service', { kind: 'job' }, 'a job as a service'],
  ['an init process', { init: true }, 'an init process'],
  ['no-new-privileges', { security: { ...SECURITY, options: [] } }, 'no-new-privileges'],
  [
    'a privileged container',
    { security: { ...SECURITY, options: [], noNewPrivileges: false, privileged: true } },
    'a privileged container',
  ],
  ['security options', { security: { ...SECURITY, noNewPrivileges: false } }, 'security options'],
  ['devices', { devices: [{ hostPath: '/dev/a', containerPath: '/dev/a', permissions: 'r' }] }, 'devices'],
  ['GPUs', { gpus: 'all' }, 'GPUs'],
  ['ulimits', { ulimits: [{ name: 'nofile', soft: 1, hard: 2 }] }, 'ulimits'],
  ['a fixed set of CPUs', { resources: RESOURCES }, 'a fixed set of CPUs'],
  [
    'the address of the host as host-gateway',
    { extraHosts: [{ name: 'host.docker.internal', address: 'host-gateway' }] },
    'the host-gateway address',
  ],
  ['a size of a tmpfs', { tmpfs: [{ path: '/tmp', sizeBytes: 1024, exec: false }] }, 'a size for the tmpfs at /tmp'],
  ['programs in a tmpfs', { tmpfs: [{ path: '/tmp', sizeBytes: null, exec: true }] }, 'programs in the tmpfs at /tmp'],
  ['a start interval', { healthCheck: HEALTH_CHECK }, 'a start interval of the health check'],
  [
    'a port on one address of its node',
    { ports: port ? [{ ...port, scope: 'loopback' }] : [] },
    'publishing port 18000 only on 127.0.0.1',
  ],
  [
    'a secret of another engine',
    { secrets: [{ secret: { ...secretHandle('key'), object: null }, path: '/run/secrets/key' }] },
    'the secret key of another engine',
  ],
];

test.each(UNSUPPORTED)('rejects %s', (_what, changes, ask) => {
  const render = (): unknown => renderService(swarmSpec(changes), [STRATEGIES_FILE]);
  expect(render).toThrowCode('unsupported-by-engine', 'desk/bot', `the swarm engine does not support ${ask}`);
});

test('rejects a file without a config', () => {
  expect(() => renderService(swarmSpec(), [])).toThrowCode(
    'unsupported-by-engine',
    'desk/bot',
    'files without a Swarm config',
  );
});
