import { renderContainer } from '../../../lib/engines/docker/render-container';
import type { PortSpec } from '../../../lib/platform/spec';
import { fullSpec, HEALTH_CHECK, RESOURCES, SECURITY, secretHandle } from '../workload-spec';

describe('traps of the provider', () => {
  test('probe times have the format of Go: 1m0s, not 60s', () => {
    expect(renderContainer(fullSpec()).healthcheck).toEqual({
      test: ['CMD-SHELL', 'curl -fsS http://127.0.0.1:8000/health'],
      interval: '1m0s',
      timeout: '5s',
      retries: 4,
      startPeriod: '1m30s',
      startInterval: '2s',
    });
  });

  test('a start interval is rendered only if it is set, as engines before 25 reject it', () => {
    const healthCheck = { ...HEALTH_CHECK, startIntervalMilliseconds: null };
    expect(renderContainer(fullSpec({ healthCheck })).healthcheck).not.toHaveProperty('startInterval');
  });

  test('a memory limit is also the limit of memory and swap, except for the swap on top', () => {
    const withoutSwap = fullSpec({ resources: { ...RESOURCES, swapBytes: 0 } });
    expect(renderContainer(withoutSwap)).toMatchObject({ memory: 512, memorySwap: 512 });
    expect(renderContainer(fullSpec())).toMatchObject({ memory: 512, memorySwap: 640 });
  });

  test.each([
    [10, 1_000],
    [500, 50_000],
    [1500, 150_000],
    [10_000, 1_000_000],
  ])('%i thousandths of a core are rendered as a quota, not as cpus', (cpuMillis, cpuQuota) => {
    const container = renderContainer(fullSpec({ resources: { ...RESOURCES, cpuMillis } }));
    expect(container).toMatchObject({ cpuPeriod: 100_000, cpuQuota });
    expect(container).not.toHaveProperty('cpus');
  });

  test('capabilities have the prefix that the provider reads back, except ALL', () => {
    const security = { ...SECURITY, addCapabilities: ['NET_ADMIN', 'CAP_CHOWN'], dropCapabilities: ['ALL'] };
    expect(renderContainer(fullSpec({ security })).capabilities).toEqual({
      add: ['CAP_NET_ADMIN', 'CAP_CHOWN'],
      drop: ['ALL'],
    });
  });

  test('the stop grace period is set for the provider and for `docker stop`', () => {
    expect(renderContainer(fullSpec())).toMatchObject({ destroyGraceSeconds: 45, stopTimeout: 45 });
  });

  test('a container refers to the network by its id', () => {
    expect(renderContainer(fullSpec()).networksAdvanced).toEqual([
      { name: '${docker_network.net.id}', aliases: ['bot', 'trader', 'trading'] },
    ]);
  });

  test('a port has a host port and an address', () => {
    const ports: PortSpec[] = [{ container: 53, host: 5353, scope: 'all', protocol: 'udp', optional: false }];
    expect(renderContainer(fullSpec({ ports })).ports).toEqual([
      { internal: 53, external: 5353, ip: '0.0.0.0', protocol: 'udp' },
    ]);
  });

  test('only secrets are mounts, as the provider does not apply changes of their blocks', () => {
    const { mounts } = renderContainer(fullSpec());
    expect(mounts).toEqual([
      { type: 'bind', source: secretHandle('api_key').hostPath, target: '/run/secrets/api_key', readOnly: true },
    ]);
    expect(renderContainer(fullSpec({ secrets: [] }))).not.toHaveProperty('mounts');
  });

  test('a label replaces the container when the folder with its secrets has moved', () => {
    expect(renderContainer(fullSpec()).labels).toContainEqual({
      label: 'cdktf-trading-stack.secrets-folder',
      value: '${dirname(abspath("${path.root}/../../../.secrets/desk/api_key"))}',
    });
  });

  test('a deploy waits for a service with a health check until its start timeout', () => {
    expect(renderContainer(fullSpec())).toMatchObject({ wait: true, waitTimeout: 120 });
  });

  test.each([
    ['no health check', null],
    ['a health check that is turned off', { ...HEALTH_CHECK, probe: { kind: 'none' as const }, test: ['NONE'] }],
  ])('a deploy does not wait for a service with %s, which never becomes healthy', (_what, healthCheck) => {
    expect(renderContainer(fullSpec({ healthCheck, startTimeoutSeconds: null }))).not.toHaveProperty('wait');
  });

  test('a missing secret file is an error at plan time', () => {
    const { lifecycle } = renderContainer(fullSpec({ secretEnvironment: {} }));
    expect(lifecycle).toEqual({
      precondition: [
        {
          condition: '${fileexists(abspath("${path.root}/../../../.secrets/desk/api_key"))}',
          errorMessage: 'desk/bot: the secret api_key is missing. Write the key into the file .secrets/desk/api_key',
        },
      ],
    });
  });

  test('a missing secret file of a variable is an error at plan time, too', () => {
    const { lifecycle } = renderContainer(fullSpec({ secrets: [] }));
    expect(JSON.stringify(lifecycle)).toContain('the secret plain_key is missing');
  });

  test('a workload without secrets has no conditions', () => {
    expect(renderContainer(fullSpec({ secrets: [], secretEnvironment: {} }))).not.toHaveProperty('lifecycle');
  });
});

describe('a job', () => {
  const job = renderContainer(
    fullSpec({ kind: 'job', startTimeoutSeconds: null, ports: [], secrets: [], secretEnvironment: {} }),
  );

  test('a deploy waits for a job until it ends', () => {
    expect(job.attach).toBe(true);
  });

  test('a refresh does not delete a job that has ended', () => {
    expect(job.mustRun).toBe(false);
  });

  test('a deploy does not wait for a job to become healthy', () => {
    expect(job).not.toHaveProperty('wait');
  });

  test('an exit code of a job other than 0 fails the deploy, with the command that shows its log', () => {
    expect(job.lifecycle).toEqual({
      postcondition: [
        {
          condition: '${self.exit_code == 0}',
          errorMessage: expect.stringMatching(
            /^desk\/bot: the job ended with exit code \$\{self\.exit_code\}\. .*docker logs desk-bot/,
          ) as string,
        },
      ],
    });
  });

  test('a service has no condition on an exit code', () => {
    const service = renderContainer(fullSpec());
    expect(service.lifecycle).not.toHaveProperty('postcondition');
    expect(service).not.toHaveProperty('attach');
    expect(service).not.toHaveProperty('mustRun');
  });
});
