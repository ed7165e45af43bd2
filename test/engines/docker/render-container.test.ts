import { renderContainer } from '../../../lib/engines/docker/render-container';
import { Reviewed } from '../../setup/review-snapshot';
import { fullSpec, NO_LIMITS, secretHandle } from '../workload-spec';

describe('a container', () => {
  test('a container of a workload with every field set matches the snapshot', () => {
    expect(new Reviewed(renderContainer(fullSpec()))).toMatchSnapshot();
  });

  test.each([
    ['name', { name: 'desk-bot' }],
    ['image', { image: '${docker_image.bot.image_id}' }],
    ['entry point', { entrypoint: ['/entry.sh'] }],
    ['command', { command: ['python3', '-m', 'bot'] }],
    ['user', { user: '1000:1000' }],
    ['groups', { groupAdd: ['video'] }],
    ['working directory', { workingDir: '/app' }],
    ['hostname', { hostname: 'bot-1' }],
    ['restart policy', { restart: 'on-failure', maxRetryCount: 5 }],
    ['stop signal', { stopSignal: 'SIGINT' }],
    ['init process', { init: true }],
    ['read-only root', { readOnly: true }],
    ['file system in memory', { tmpfs: { '/tmp': 'exec,size=67108864' } }],
    [
      'network and its aliases',
      { networksAdvanced: [{ name: '${docker_network.net.id}', aliases: ['bot', 'trader', 'trading'] }] },
    ],
    ['port', { ports: [{ internal: 8000, external: 18_000, ip: '127.0.0.1', protocol: 'tcp' }] }],
    ['extra host', { host: [{ host: 'gateway', ip: '10.0.0.7' }] }],
    ['name server', { dns: ['9.9.9.9'] }],
    ['processors', { cpuSet: '0-1' }],
    ['shared memory', { shmSize: 128 }],
    ['security options', { securityOpts: ['no-new-privileges:true', 'label=disable', 'seccomp=unconfined'] }],
    ['device', { devices: [{ hostPath: '/dev/ttyUSB0', containerPath: '/dev/ttyUSB0', permissions: 'rw' }] }],
    ['GPUs', { gpus: 'all' }],
    ['ulimit', { ulimit: [{ name: 'nofile', soft: 1024, hard: 2048 }] }],
    ['kernel parameter', { sysctls: { 'net.core.somaxconn': '1024' } }],
    ['log driver', { logDriver: 'json-file', logOpts: { 'max-size': '10m', 'max-file': '3' } }],
    ['start order', { dependsOn: [{ fqn: 'docker_container.db' }] }],
  ])('a container has the %s of the workload', (_field, rendered) => {
    expect(renderContainer(fullSpec())).toMatchObject(rendered);
  });

  test('variables are sorted by name', () => {
    expect(renderContainer(fullSpec({ secretEnvironment: {} })).env).toEqual(['LEVERAGE=10', 'SYMBOL=EURUSD']);
  });

  test('a secret in a variable is read from its file when Terraform runs', () => {
    const { env } = renderContainer(fullSpec({ environment: {} }));
    expect(env).toEqual(['PLAIN_KEY=${chomp(file(abspath("${path.root}/../../../.secrets/desk/plain_key")))}']);
  });

  test('volumes, bind mounts and secrets are mounted at their paths', () => {
    expect(renderContainer(fullSpec())).toMatchObject({
      volumes: [
        { volumeName: 'desk_logs', containerPath: '/data/logs', readOnly: false },
        { hostPath: '${abspath("${path.root}/../../../config")}', containerPath: '/app/config', readOnly: true },
      ],
      mounts: [
        { type: 'bind', source: secretHandle('api_key').hostPath, target: '/run/secrets/api_key', readOnly: true },
      ],
    });
  });

  test('files are uploaded with their permissions', () => {
    const files = [{ path: '/etc/bot.yaml', content: 'risk: 1\n', mode: '0440' }];
    expect(renderContainer(fullSpec({ files, readOnlyRootFilesystem: false })).upload).toEqual([
      { file: '/etc/bot.yaml', content: 'risk: 1\n', permissions: '0440' },
    ]);
  });

  test('fields that are not set keep the values of the image', () => {
    const container = renderContainer(
      fullSpec({
        entrypoint: null,
        command: null,
        user: null,
        workingDirectory: null,
        hostname: null,
        stopSignal: null,
        healthCheck: null,
        startTimeoutSeconds: null,
      }),
    );
    const left = ['entrypoint', 'command', 'user', 'workingDir', 'hostname', 'stopSignal', 'healthcheck', 'wait'];
    expect(Object.keys(container).filter((key) => left.includes(key))).toEqual([]);
  });

  test('logging and limits that are not set keep the values of the daemon', () => {
    const container = renderContainer(
      fullSpec({ resources: NO_LIMITS, logging: { driver: null, options: {}, storeUrl: null } }),
    );
    const left = ['memory', 'memorySwap', 'cpuQuota', 'cpuPeriod', 'cpuSet', 'shmSize', 'logDriver', 'logOpts'];
    expect(Object.keys(container).filter((key) => left.includes(key))).toEqual([]);
  });

  test('template sequences in values are escaped', () => {
    const container = renderContainer(
      fullSpec({
        environment: { GREETING: '${HOME} %{if}' },
        secretEnvironment: {},
        command: ['sh', '-c', 'echo ${PATH}'],
        labels: { note: '${x}' },
        logging: { driver: 'json-file', options: { tag: '${name}' }, storeUrl: null },
      }),
    );
    expect(container.env).toEqual(['GREETING=$${HOME} %%{if}']);
    expect(container.command).toEqual(['sh', '-c', 'echo $${PATH}']);
    expect(container.labels).toContainEqual({ label: 'note', value: '$${x}' });
    expect(container.logOpts).toEqual({ tag: '$${name}' });
  });

  test('a privileged container is rendered as privileged', () => {
    const { security } = fullSpec();
    expect(renderContainer(fullSpec({ security: { ...security, privileged: true } })).privileged).toBe(true);
    expect(renderContainer(fullSpec()).privileged).toBeUndefined();
  });
});
