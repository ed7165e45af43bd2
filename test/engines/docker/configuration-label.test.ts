import { renderContainer } from '../../../lib/engines/docker/render-container';
import { CONFIGURATION_LABEL } from '../../../lib/platform/naming';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { fullSpec, HEALTH_CHECK, RESOURCES, secretHandle } from '../workload-spec';

function labelOf(changes: Partial<WorkloadSpec> = {}): string | undefined {
  const { labels } = renderContainer(fullSpec(changes));
  return (labels as { label: string; value: string }[]).find(({ label }) => label === CONFIGURATION_LABEL)?.value;
}

function withResources(changes: Partial<WorkloadSpec['resources']>): Partial<WorkloadSpec> {
  return { resources: { ...RESOURCES, ...changes } };
}

describe('the configuration label', () => {
  test('a container has a label with a hash of its configuration', () => {
    expect(labelOf()).toMatch(/^[0-9a-f]{16}$/);
  });

  const ignored: [string, Partial<WorkloadSpec>][] = [
    ['the command of the health check', { healthCheck: { ...HEALTH_CHECK, test: ['CMD', 'true'] } }],
    ['a time of the health check', { healthCheck: { ...HEALTH_CHECK, intervalMilliseconds: 61_000 } }],
    ['a health check that is taken away', { healthCheck: null, startTimeoutSeconds: null }],
    ['the init process', { init: false }],
    ['the size of a file system in memory', { tmpfs: [{ path: '/tmp', sizeBytes: null, exec: true }] }],
    ['programs in a file system in memory', { tmpfs: [{ path: '/tmp', sizeBytes: 64 * 1024 ** 2, exec: false }] }],
    ['a file system in memory', { tmpfs: [] }],
    ['the CPU limit', withResources({ cpuMillis: 1000 })],
    ['a CPU limit that is taken away', withResources({ cpuMillis: null })],
    ['a memory limit that is taken away', withResources({ memoryBytes: null })],
    ['a user that is taken away', { user: null }],
    ['a command that is taken away', { command: null }],
    ['a log driver that is taken away', { logging: { driver: null, options: {}, storeUrl: null } }],
  ];

  test.each(ignored)('the label changes with %s, which the provider accepts but does not apply', (_what, changes) => {
    expect(labelOf(changes)).not.toBe(labelOf());
  });

  test('the label changes with the content of a bind mount', () => {
    const bindMounts = fullSpec().bindMounts.map((mount) => ({ ...mount, contentHash: 'bbbbbbbbbbbbbbbb' }));
    expect(labelOf({ bindMounts })).not.toBe(labelOf());
  });

  const updated: [string, Partial<WorkloadSpec>][] = [
    ['the memory limit', withResources({ memoryBytes: 1024 ** 3 })],
    ['the memory reservation', withResources({ memoryReservationBytes: 128 * 1024 ** 2 })],
    ['the restart policy', { restart: { condition: 'always', maximumRetries: null, whenUnhealthy: 'never' } }],
    ['how often it is restarted', { restart: { condition: 'on-failure', maximumRetries: 9, whenUnhealthy: 'never' } }],
    ['how long a deploy waits', { startTimeoutSeconds: 999 }],
    ['the start order', { dependsOn: [] }],
    ['its place in the construct tree', { path: 'desk/group/bot' }],
  ];

  test.each(updated)('the label does not change with %s, which needs no new container', (_what, changes) => {
    expect(labelOf(changes)).toBe(labelOf());
  });

  test('the label does not depend on where the project is checked out', () => {
    const moved = { ...secretHandle('api_key'), hostPath: '${abspath("/elsewhere/.secrets/desk/api_key")}' };
    expect(labelOf({ secrets: [{ secret: moved, path: '/run/secrets/api_key' }] })).toBe(labelOf());
  });

  test('the label does not depend on the order of variables', () => {
    expect(labelOf({ environment: { LEVERAGE: '10', SYMBOL: 'EURUSD' } })).toBe(labelOf());
  });

  test('the label does not depend on the order of secrets in variables', () => {
    const [a, b] = [secretHandle('a'), secretHandle('b')];
    expect(labelOf({ secretEnvironment: { A: a, B: b } })).toBe(labelOf({ secretEnvironment: { B: b, A: a } }));
  });
});
