import { renderService } from '../../../lib/engines/swarm/render-service';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { Reviewed } from '../../setup/review-snapshot';
import { NO_LIMITS, STRATEGIES_FILE, swarmSpec } from '../workload-spec';

function render(changes: Partial<WorkloadSpec> = {}): ReturnType<typeof renderService> {
  return renderService(swarmSpec(changes), [STRATEGIES_FILE]);
}

describe('a service', () => {
  test('a service of a workload with every field set matches the snapshot', () => {
    expect(new Reviewed(render())).toMatchSnapshot();
  });

  test.each([
    ['name', { name: 'desk-bot' }],
    ['one replica', { mode: { replicated: { replicas: 1 } } }],
    ['port', { endpointSpec: { ports: [{ targetPort: 8000, publishedPort: 18_000, protocol: 'tcp' }] } }],
    ['start order', { dependsOn: [{ fqn: 'docker_container.db' }] }],
  ])('a service has the %s of the workload', (_field, rendered) => {
    expect(render()).toMatchObject(rendered);
  });

  test.each([
    [
      'network and its aliases',
      { networksAdvanced: [{ name: '${docker_network.net.id}', aliases: ['bot', 'trader', 'trading'] }] },
    ],
    ['log driver', { logDriver: { name: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } } }],
    [
      'limits and reservations',
      {
        resources: {
          limits: { nanoCpus: 1_500_000_000, memoryBytes: 536_870_912 },
          reservation: { nanoCpus: 500_000_000, memoryBytes: 268_435_456 },
        },
      },
    ],
  ])('tasks have the %s of the workload', (_field, rendered) => {
    expect(render().taskSpec).toMatchObject(rendered);
  });

  test.each([
    ['image', { image: '${docker_image.bot.image_id}' }],
    ['entry point, which Swarm calls command', { command: ['/entry.sh'] }],
    ['command, which Swarm calls args', { args: ['python3', '-m', 'bot'] }],
    ['user', { user: '1000:1000' }],
    ['groups', { groups: ['video'] }],
    ['working directory', { dir: '/app' }],
    ['hostname', { hostname: 'bot-1' }],
    ['stop signal', { stopSignal: 'SIGINT' }],
    ['read-only root', { readOnly: true }],
    ['extra host', { hosts: [{ host: 'gateway', ip: '10.0.0.7' }] }],
    ['name server', { dnsConfig: { nameservers: ['9.9.9.9'] } }],
    ['kernel parameter', { sysctl: { 'net.core.somaxconn': '1024' } }],
    ['capabilities', { capAdd: ['NET_BIND_SERVICE'], capDrop: ['ALL'] }],
  ])('containers have the %s of the workload', (_field, rendered) => {
    expect(render().taskSpec.containerSpec).toMatchObject(rendered);
  });

  test('containers have the variables, and secrets in variables are read when Terraform runs', () => {
    expect(render().taskSpec.containerSpec.env).toEqual({
      LEVERAGE: '10',
      SYMBOL: 'EURUSD',
      PLAIN_KEY: '${chomp(file(abspath("${path.root}/../../../.secrets/desk/plain_key")))}',
    });
  });

  test('containers have volumes, bind mounts and tmpfs', () => {
    expect(render().taskSpec.containerSpec.mounts).toEqual([
      { type: 'volume', source: 'desk_logs', target: '/data/logs', readOnly: false },
      { type: 'bind', source: '${abspath("${path.root}/../../../config")}', target: '/app/config', readOnly: true },
      { type: 'tmpfs', target: '/tmp' },
      { type: 'tmpfs', target: '/dev/shm' },
    ]);
  });

  test('labels are sorted by name', () => {
    expect(render().labels).toEqual([
      { label: 'app', value: 'bot' },
      { label: 'cdktf-trading-stack.service', value: 'bot' },
      { label: 'team', value: 'quant' },
    ]);
  });

  test('containers have no label that may change, as the provider would replace the service', () => {
    expect(render().taskSpec.containerSpec.labels).toEqual([{ label: 'cdktf-trading-stack.service', value: 'bot' }]);
  });

  test('fields that are not set keep the values of the image', () => {
    const { containerSpec } = render({
      entrypoint: null,
      command: null,
      user: null,
      workingDirectory: null,
      hostname: null,
      stopSignal: null,
      healthCheck: null,
    }).taskSpec;
    const left = ['command', 'args', 'user', 'dir', 'hostname', 'stopSignal', 'healthcheck'];
    expect(Object.keys(containerSpec).filter((key) => left.includes(key))).toEqual([]);
  });

  test('logging that is not set keeps that of the daemon', () => {
    expect(render({ logging: { driver: null, options: {}, storeUrl: null } }).taskSpec).not.toHaveProperty('logDriver');
  });

  test('a service without shmSize has the shared memory of the engine', () => {
    const mounts = render({ resources: NO_LIMITS }).taskSpec.containerSpec.mounts as { target: string }[];
    expect(mounts.map(({ target }) => target)).not.toContain('/dev/shm');
  });

  test.each<[string, Partial<WorkloadSpec>]>([
    ['in memory', { tmpfs: [{ path: '/dev/shm', sizeBytes: null, exec: false }] }],
    ['a volume', { volumes: swarmSpec().volumes.map((volume) => ({ ...volume, path: '/dev/shm' })) }],
    ['a folder', { bindMounts: swarmSpec().bindMounts.map((mount) => ({ ...mount, path: '/dev/shm' })) }],
  ])('a service with %s at /dev/shm has one mount there', (_what, changes) => {
    const mounts = render(changes).taskSpec.containerSpec.mounts as { target: string }[];
    expect(mounts.filter(({ target }) => target === '/dev/shm')).toHaveLength(1);
  });

  test('template sequences in values are escaped', () => {
    const { containerSpec } = render({
      environment: { GREETING: '${HOME} %{if}' },
      command: ['sh', '-c', 'echo ${PATH}'],
    }).taskSpec;
    expect(containerSpec.env).toMatchObject({ GREETING: '$${HOME} %%{if}' });
    expect(containerSpec.args).toEqual(['sh', '-c', 'echo $${PATH}']);
  });
});
