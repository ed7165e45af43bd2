import { renderService } from '../../../lib/engines/swarm/render-service';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { HEALTH_CHECK, NO_LIMITS, STRATEGIES_FILE, swarmSpec } from '../workload-spec';

function render(changes: Partial<WorkloadSpec> = {}): ReturnType<typeof renderService> {
  return renderService(swarmSpec(changes), [STRATEGIES_FILE]);
}

describe('traps of the provider', () => {
  test('probe times have no trailing zeros: 1m, not 1m0s', () => {
    expect(render().taskSpec.containerSpec.healthcheck).toEqual({
      test: ['CMD-SHELL', 'curl -fsS http://127.0.0.1:8000/health'],
      interval: '1m',
      timeout: '5s',
      retries: 4,
      startPeriod: '1m30s',
    });
  });

  test('the stop grace period is always set, without which a task is killed immediately', () => {
    expect(render({ stopGracePeriodSeconds: 60 }).taskSpec.containerSpec.stopGracePeriod).toBe('1m');
  });

  test.each([
    ['no', 'none'],
    ['on-failure', 'on-failure'],
    ['always', 'any'],
    ['unless-stopped', 'any'],
  ] as const)('the restart policy %s has every field set', (condition, rendered) => {
    expect(
      render({ restart: { condition, maximumRetries: null, whenUnhealthy: 'never' } }).taskSpec.restartPolicy,
    ).toEqual({
      condition: rendered,
      delay: '5s',
      maxAttempts: 0,
      window: '0s',
    });
  });

  test('the maximum of restarts is rendered', () => {
    const { restartPolicy } = render({
      restart: { condition: 'on-failure', maximumRetries: 5, whenUnhealthy: 'never' },
    }).taskSpec;
    expect(restartPolicy).toMatchObject({ condition: 'on-failure', maxAttempts: 5 });
  });

  test('a service without limits has no resources block, as an empty one crashes the provider', () => {
    expect(render({ resources: NO_LIMITS }).taskSpec).not.toHaveProperty('resources');
  });

  test('a service with a limit only has no empty reservation', () => {
    const { resources } = render({ resources: { ...NO_LIMITS, memoryBytes: 1024 ** 3 } }).taskSpec;
    expect(resources).toEqual({ limits: { memoryBytes: 1_073_741_824 } });
  });

  test('a service with a reservation only has no empty limit', () => {
    const { resources } = render({ resources: { ...NO_LIMITS, cpuReservationMillis: 250 } }).taskSpec;
    expect(resources).toEqual({ reservation: { nanoCpus: 250_000_000 } });
  });

  test('a service is resolved by DNS round robin, as a virtual address drops idle connections', () => {
    expect(render().endpointSpec).toMatchObject({ mode: 'dnsrr' });
  });

  test('a port is published on the node, as there is no routing mesh without a virtual address', () => {
    expect(render().endpointSpec).toMatchObject({ ports: [{ publishMode: 'host' }] });
  });

  test('a service refers to the network by its id', () => {
    expect(render().taskSpec.networksAdvanced).toEqual([
      { name: '${docker_network.net.id}', aliases: ['bot', 'trader', 'trading'] },
    ]);
  });

  test('the modes of files and secrets are decimal', () => {
    const { configs, secrets } = render().taskSpec.containerSpec;
    expect(configs).toMatchObject([{ fileName: '/app/strategies.yaml', fileMode: 288 }]);
    expect(secrets).toMatchObject([{ fileName: '/run/secrets/api_key', fileMode: 292 }]);
  });

  test('a service refers to files and secrets by id and name', () => {
    const { configs, secrets } = render().taskSpec.containerSpec;
    expect(configs).toMatchObject([
      { configId: '${docker_config.strategies.id}', configName: '${docker_config.strategies.name}' },
    ]);
    expect(secrets).toMatchObject([
      { secretId: '${docker_secret.api_key.id}', secretName: '${docker_secret.api_key.name}' },
    ]);
  });

  test('a tmpfs has no options, which crash the provider', () => {
    const { mounts } = render().taskSpec.containerSpec;
    expect(JSON.stringify(mounts)).not.toMatch(/options/i);
  });

  test('a deploy waits until a service is healthy', () => {
    expect(render().convergeConfig).toEqual({ delay: '1s', timeout: '2m45s' });
  });

  test('a service without a health check keeps that of the image', () => {
    expect(render({ healthCheck: null }).taskSpec.containerSpec).not.toHaveProperty('healthcheck');
  });

  test('new content of a bind mount replaces the tasks', () => {
    const changed = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash: 'bbbbbbbbbbbbbbbb' }));
    const { containerSpec, forceUpdate } = render().taskSpec;
    const other = render({ bindMounts: changed }).taskSpec;
    expect(other.forceUpdate).not.toBe(forceUpdate);
    expect(render().taskSpec.forceUpdate).toBe(forceUpdate);
    // Any other change would replace them, too, and a label would replace the service.
    expect(other.containerSpec).toEqual(containerSpec);
  });

  test('the number that replaces the tasks is an exact number for the provider', () => {
    for (const contentHash of ['0000000000000000', 'aaaaaaaaaaaaaaaa', 'ffffffffffffffff']) {
      const bindMounts = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash }));
      const { forceUpdate } = render({ bindMounts }).taskSpec;
      expect(Number.isInteger(forceUpdate)).toBe(true);
      expect(forceUpdate).toBeGreaterThanOrEqual(0);
      expect(forceUpdate).toBeLessThan(2 ** 31);
    }
  });

  test('a bind mount whose content changes by itself replaces no tasks', () => {
    const bindMounts = swarmSpec().bindMounts.map((mount) => ({ ...mount, contentHash: null }));
    expect(render({ bindMounts }).taskSpec).not.toHaveProperty('forceUpdate');
  });

  test('a service has no configuration label', () => {
    const changed = render({ healthCheck: { ...HEALTH_CHECK, startIntervalMilliseconds: null, retries: 9 } });
    expect(changed.labels).toEqual(render().labels);
    expect(changed.taskSpec.containerSpec.labels).toEqual(render().taskSpec.containerSpec.labels);
  });
});
