import { renderService } from '../../../lib/engines/swarm/render-service';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { HEALTH_CHECK, NO_LIMITS, STRATEGIES_FILE, swarmSpec } from '../workload-spec';

function render(changes: Partial<WorkloadSpec> = {}): ReturnType<typeof renderService> {
  return renderService(swarmSpec(changes), [STRATEGIES_FILE]);
}

describe('traps of the provider that a service stays out of', () => {
  test('probe times are spelled without trailing zeros: 1m, not 1m0s', () => {
    expect(render().taskSpec.containerSpec.healthcheck).toEqual({
      test: ['CMD-SHELL', 'curl -fsS http://127.0.0.1:8000/health'],
      interval: '1m',
      timeout: '5s',
      retries: 4,
      startPeriod: '1m30s',
    });
  });

  test('the grace period is always set: without it a task is killed at once', () => {
    expect(render({ stopGracePeriodSeconds: 60 }).taskSpec.containerSpec.stopGracePeriod).toBe('1m');
  });

  test.each([
    ['no', 'none'],
    ['on-failure', 'on-failure'],
    ['always', 'any'],
    ['unless-stopped', 'any'],
  ] as const)('the restart policy %s has every field set', (condition, rendered) => {
    expect(render({ restart: { condition, maximumRetries: null } }).taskSpec.restartPolicy).toEqual({
      condition: rendered,
      delay: '5s',
      maxAttempts: 0,
      window: '0s',
    });
  });

  test('the number of restarts is passed on', () => {
    const { restartPolicy } = render({ restart: { condition: 'on-failure', maximumRetries: 5 } }).taskSpec;
    expect(restartPolicy).toMatchObject({ condition: 'on-failure', maxAttempts: 5 });
  });

  test('there is no resources block where nothing is limited: an empty one crashes the provider', () => {
    expect(render({ resources: NO_LIMITS }).taskSpec).not.toHaveProperty('resources');
  });

  test('there is no empty reservation beside a limit', () => {
    const { resources } = render({ resources: { ...NO_LIMITS, memoryBytes: 1024 ** 3 } }).taskSpec;
    expect(resources).toEqual({ limits: { memoryBytes: 1_073_741_824 } });
  });

  test('there is no empty limit beside a reservation', () => {
    const { resources } = render({ resources: { ...NO_LIMITS, cpuReservationMillis: 250 } }).taskSpec;
    expect(resources).toEqual({ reservation: { nanoCpus: 250_000_000 } });
  });

  test('it is found by DNS round robin: a virtual address drops idle connections', () => {
    expect(render().endpointSpec).toMatchObject({ mode: 'dnsrr' });
  });

  test('a port is published on the node: without a virtual address there is no mesh', () => {
    expect(render().endpointSpec).toMatchObject({ ports: [{ publishMode: 'host' }] });
  });

  test('the network is named by its id', () => {
    expect(render().taskSpec.networksAdvanced).toEqual([
      { name: '${docker_network.net.id}', aliases: ['bot', 'trader'] },
    ]);
  });

  test('the permissions of files and secrets are decimal', () => {
    const { configs, secrets } = render().taskSpec.containerSpec;
    expect(configs).toMatchObject([{ fileName: '/app/strategies.yaml', fileMode: 288 }]);
    expect(secrets).toMatchObject([{ fileName: '/run/secrets/api_key', fileMode: 292 }]);
  });

  test('files and secrets are named by id and by name', () => {
    const { configs, secrets } = render().taskSpec.containerSpec;
    expect(configs).toMatchObject([
      { configId: '${docker_config.strategies.id}', configName: '${docker_config.strategies.name}' },
    ]);
    expect(secrets).toMatchObject([
      { secretId: '${docker_secret.api_key.id}', secretName: '${docker_secret.api_key.name}' },
    ]);
  });

  test('what is in memory has no options: they crash the provider', () => {
    const { mounts } = render().taskSpec.containerSpec;
    expect(JSON.stringify(mounts)).not.toMatch(/options/i);
  });

  test('a deploy waits until it is healthy', () => {
    expect(render().convergeConfig).toEqual({ delay: '1s', timeout: '2m45s' });
  });

  test('a health check that nobody asked for is left to the image', () => {
    expect(render({ healthCheck: null }).taskSpec.containerSpec).not.toHaveProperty('healthcheck');
  });

  test('other content of what is mounted from the host replaces the tasks', () => {
    const changed = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash: 'bbbbbbbbbbbbbbbb' }));
    const { containerSpec, forceUpdate } = render().taskSpec;
    const other = render({ bindMounts: changed }).taskSpec;
    expect(other.forceUpdate).not.toBe(forceUpdate);
    expect(render().taskSpec.forceUpdate).toBe(forceUpdate);
    // Everything else would do it too, and a label would make the service anew.
    expect(other.containerSpec).toEqual(containerSpec);
  });

  test('the number for it is one that every number of the provider can be', () => {
    for (const contentHash of ['0000000000000000', 'aaaaaaaaaaaaaaaa', 'ffffffffffffffff']) {
      const bindMounts = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash }));
      const { forceUpdate } = render({ bindMounts }).taskSpec;
      expect(Number.isInteger(forceUpdate)).toBe(true);
      expect(forceUpdate).toBeGreaterThanOrEqual(0);
      expect(forceUpdate).toBeLessThan(2 ** 31);
    }
  });

  test('what is mounted and changes by itself replaces nothing', () => {
    const bindMounts = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash: null }));
    expect(render({ bindMounts }).taskSpec).not.toHaveProperty('forceUpdate');
  });

  test('what Swarm updates in place is in no label', () => {
    const changed = render({ healthCheck: { ...HEALTH_CHECK, startIntervalMilliseconds: null, retries: 9 } });
    expect(changed.labels).toEqual(render().labels);
    expect(changed.taskSpec.containerSpec.labels).toEqual(render().taskSpec.containerSpec.labels);
  });
});
