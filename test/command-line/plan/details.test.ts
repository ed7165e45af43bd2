import { parsePlan } from '../../../lib/command-line/plan/changes';
import { type ChangeReport, describeChanges } from '../../../lib/command-line/plan/details';
import {
  BindMount,
  ConfigFile,
  Engine,
  HealthCheck,
  Image,
  Job,
  PublishedPort,
  RestartPolicy,
  Secret,
  SecretDelivery,
  type TradingStack,
  UpdatePolicy,
  Volume,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import { containerNamed, createStack, synthesizeStack } from '../../setup/synthesize';

const IMAGE = Image.fromRegistry('node:24-slim');
const REPLACE = ['delete', 'create'];
const OWN = 'cdktf-trading-stack';

interface FakeChange {
  readonly address?: string;
  readonly actions?: readonly string[];
  readonly before?: object | null;
  readonly after?: object | null;
  readonly unknown?: object;
  readonly replacePaths?: readonly (readonly string[])[];
  readonly reason?: string;
  readonly deposed?: string;
}

function createBot(): TradingStack {
  return createStack((stack) => {
    const key = Secret.generated(stack, 'key');
    const spare = Secret.generated(stack, 'spare');
    new Workload(stack, 'bot', { image: IMAGE, secrets: { KEY: key, SPARE: spare } });
    new Workload(stack, 'loud', { image: IMAGE, secrets: { PIN: key.deliveredAs(SecretDelivery.ENVIRONMENT) } });
    new Workload(stack, 'mounted', { image: IMAGE, bindMounts: [BindMount.readOnly('lib/index.ts', '/etc/index.ts')] });
    new Job(stack, 'migrate', { image: IMAGE });
  });
}

/** The test of a health check in a container that it restarts. */
function restartingTest(healthCheck: HealthCheck): unknown {
  const restartPolicy = RestartPolicy.always({ whenUnhealthy: true });
  const terraform = synthesizeStack(
    (stack) => new Workload(stack, 'bot', { image: IMAGE, aliases: ['feature-api'], healthCheck, restartPolicy }),
  );
  return (containerNamed(terraform, 'desk-bot').healthcheck as { readonly test: unknown }).test;
}

function reportsOf(changes: readonly FakeChange[], stack = createBot(), state: readonly object[] = []): ChangeReport[] {
  const planned = parsePlan(
    JSON.stringify({
      resource_changes: changes.map(
        ({
          address = 'docker_container.desk-bot',
          actions = REPLACE,
          unknown,
          replacePaths,
          reason,
          deposed,
          ...change
        }) => ({
          address,
          type: address.split('.')[0],
          deposed,
          action_reason: reason,
          change: { ...change, actions, after_unknown: unknown, replace_paths: replacePaths },
        }),
      ),
      prior_state: { values: { root_module: { resources: state } } },
    }),
  );
  const terraform = {
    directory: 'cdktf.out/stacks/desk',
    redact: (text: string) => text.replaceAll('hunter22', '***'),
  };
  return describeChanges(planned.changes, {
    stack,
    planned,
    terraform,
    reasons: new Map([['docker_container.desk-migrate', 'it failed']]),
  });
}

function reportOf(change: FakeChange, stack?: TradingStack, state?: readonly object[]): ChangeReport {
  return reportsOf([change], stack, state)[0] as ChangeReport;
}

/** The lines of a container whose attributes change like this. */
function texts(before: object, after: object, unknown: object = {}, address = 'docker_container.desk-bot'): string[] {
  return reportOf({ address, before, after, unknown }).details.map(({ text }) => text);
}

describe('A change of a container', () => {
  test.each<[string, object, object, readonly string[]]>([
    ['a variable', { env: ['PCT=0.2', 'A=1'] }, { env: ['A=1', 'PCT=0.3'] }, ['PCT 0.2 → 0.3']],
    ['a variable with an equals sign', { env: ['ARGS=a=1'] }, { env: ['ARGS=a=2'] }, ['ARGS a=1 → a=2']],
    ['a new variable', { env: [] }, { env: ['PCT=0.3'] }, ['PCT=0.3 added']],
    ['an emptied variable', { env: ['PCT=1'] }, { env: ['PCT='] }, ['PCT 1 → ']],
    [
      'a memory limit',
      { memory: 512, memory_swap: 512 },
      { memory: 1024, memory_swap: 1024 },
      ['memory 512 MiB → 1 GiB'],
    ],
    ['a CPU limit', { cpu_period: 1e5, cpu_quota: 5e4 }, { cpu_period: 1e5, cpu_quota: 1e5 }, ['CPUs 0.5 → 1']],
    ['a user', { user: '' }, { user: '1000:1000' }, ['user unset → 1000:1000']],
    [
      'the network of the host',
      { network_mode: 'bridge', networks_advanced: [{ name: 'desk', aliases: ['bot'] }] },
      { network_mode: 'host', networks_advanced: [] },
      ['network replaced', 'alias bot removed', 'network mode unset → host'],
    ],
    [
      'a second network',
      {
        networks_advanced: [
          { name: 'desk', aliases: [] },
          { name: 'a', aliases: [] },
        ],
      },
      {
        networks_advanced: [
          { name: 'desk', aliases: [] },
          { name: 'b', aliases: [] },
        ],
      },
      ['network a → b'],
    ],
    ['the memory of the host', { ipc_mode: 'private' }, { ipc_mode: 'host' }, ['shared memory of unset → host']],
    ['an init process', { init: true }, { init: null }, ['init process on → off']],
    [
      'a published port',
      { ports: [{ ip: '127.0.0.1', external: 80, internal: 8000, protocol: 'tcp' }] },
      { ports: [{ ip: '127.0.0.1', external: 81, internal: 8000, protocol: 'tcp' }] },
      ['port 127.0.0.1:80 -> 8000 → 127.0.0.1:81 -> 8000'],
    ],
    [
      'a volume',
      { volumes: [] },
      { volumes: [{ volume_name: 'data', container_path: '/data', read_only: true }] },
      ['volume data at /data (read-only) added'],
    ],
    [
      'a health check',
      { healthcheck: [{ test: ['CMD', 'true'], interval: '5s', start_interval: '0s' }] },
      { healthcheck: [{ test: ['CMD', 'true'], interval: '10s' }] },
      ['health check interval 5s → 10s'],
    ],
    [
      'the path of a health check',
      { healthcheck: [{ test: HealthCheck.http(8000).toSpec('feature-api').test }] },
      { healthcheck: [{ test: HealthCheck.http(8000, { path: '/healthz' }).toSpec().test }] },
      ['health check GET http://feature-api:8000/health → GET http://127.0.0.1:8000/healthz'],
    ],
    [
      'the program of a health check',
      { healthcheck: [{ test: HealthCheck.tcp(5432).toSpec('db').test }] },
      { healthcheck: [{ test: HealthCheck.tcp(5432, { via: 'node' }).toSpec().test }] },
      ['health check TCP port 5432 → TCP port 5432 with node'],
    ],
    [
      'restarts of an unhealthy container',
      { restart: 'always', healthcheck: [{ test: HealthCheck.http(8000).toSpec('feature-api').test }] },
      { restart: 'always', healthcheck: [{ test: restartingTest(HealthCheck.http(8000)) }] },
      ['restart always → always, when unhealthy'],
    ],
    [
      'a grace period',
      { stop_timeout: 10, destroy_grace_seconds: 10 },
      { stop_timeout: 30, destroy_grace_seconds: 30 },
      ['stop grace period 10s → 30s'],
    ],
    [
      'a label',
      { labels: [{ label: 'team', value: 'a' }] },
      { labels: [{ label: 'team', value: 'b' }] },
      ['label team a → b'],
    ],
    [
      'a log option',
      { log_opts: { 'max-file': '3' } },
      { log_opts: { 'max-file': '5' } },
      ['log option max-file 3 → 5'],
    ],
    [
      'a command',
      { command: ['node', 'a.js'] },
      { command: ['node', 'b c.js'] },
      ['command node a.js → node "b c.js"'],
    ],
    [
      'an attribute without a name of its own',
      { domainname: '' },
      { domainname: 'x.org' },
      ['domainname unset → x.org'],
    ],
    ['a list without a name of its own', { dns_opts: [] }, { dns_opts: ['ndots:1'] }, ['dns_opts unset → ["ndots:1"]']],
  ])('is named: %s', (_, before, after, expected) => {
    expect(texts(before, after)).toEqual(expected);
  });

  test('does not list values that Docker fills in or that are only written differently', () => {
    const before = {
      id: '6653cefd416b5f8e',
      hostname: '6653cefd416b',
      cpu_set: '',
      dns: [],
      privileged: false,
      shm_size: 64,
    };
    const after = { cpu_set: null, dns: null, privileged: null };
    const unknown = { id: true, hostname: true, shm_size: true, entrypoint: true };
    expect(texts({ ...before, user: 'a' }, { ...after, user: 'b' }, unknown)).toEqual(['user a → b']);
  });

  test('does not list the user and the working directory of an image', () => {
    const before = { user: 'redis', working_dir: '/data', memory: 512 };
    expect(texts(before, { user: null, working_dir: null, memory: null })).toEqual(['memory 512 MiB → unset']);
  });

  test('lists the attributes if none of them has the name of a setting', () => {
    expect(texts({ labels: null, rm: false }, { labels: [], rm: false })).toEqual(['labels changed']);
  });

  test('shows both values of a long command from where they differ', () => {
    const start = 'x'.repeat(100);
    const [line = ''] = texts({ command: [`${start}old`] }, { command: [`${start}new`] });
    expect(line).toBe(`command …${'x'.repeat(15)}old → …${'x'.repeat(15)}new`);
  });

  test('shows the lines of a file that differ, without values of secrets', () => {
    const upload = (content: string): object => ({ upload: [{ file: '/etc/app.conf', content, permissions: '0444' }] });
    const { details } = reportOf({ before: upload('a\nb\n'), after: upload('a\nhunter22\n') });
    expect(details).toMatchObject([{ text: 'file /etc/app.conf: 1 line changed', lines: ['- b', '+ ***'] }]);
  });

  test('names a network that is replaced', () => {
    const networks_advanced = [{ name: '1a2b', aliases: ['bot'] }];
    expect(
      texts(
        { networks_advanced },
        { networks_advanced: [{ aliases: ['bot'] }] },
        { networks_advanced: [{ name: true }] },
      ),
    ).toEqual(['network replaced']);
  });
});

describe('Values of secrets', () => {
  test.each<[string, object, object, readonly string[]]>([
    [
      'of a variable that looks like one',
      { env: ['API_KEY=old-key'] },
      { env: ['API_KEY=new-key'] },
      ['API_KEY changed'],
    ],
    ['of a variable that is removed', { env: ['PLAIN=value'] }, { env: [] }, ['PLAIN removed']],
    [
      'of a URL with a password',
      { env: ['DB=postgres://u:old@db'] },
      { env: ['DB=postgres://u:new@db'] },
      ['DB changed'],
    ],
    ['of a known secret', { env: ['NOTE=hunter22'] }, { env: ['NOTE=none'] }, ['NOTE *** → none']],
  ])('%s are not shown', (_, before, after, expected) => {
    const { details } = reportOf({ before, after });
    expect(details.map(({ text }) => text)).toEqual(expected);
    expect(JSON.stringify(details)).not.toMatch(/old-key|new-key|value|hunter22|:old@|:new@/);
  });

  test('are not shown for a variable that the code delivers as a secret', () => {
    const [before, after] = [{ env: ['PIN=1234'] }, { env: ['PIN=5678'] }];
    expect(texts(before, after, {}, 'docker_container.desk-loud')).toEqual(['PIN changed']);
  });
});

describe('A secret', () => {
  const labels = (configuration: string, secrets: string): object => ({
    labels: [
      { label: `${OWN}.configuration`, value: configuration },
      { label: `${OWN}.secrets`, value: secrets },
    ],
  });

  test('with changed content is named itself, and not its label', () => {
    expect(texts(labels('1', 'aa.bb'), labels('1', 'cc.bb'))).toEqual(['secret key: content changed']);
  });

  test('is named once if it is added', () => {
    const mount = { host_path: '/x/.secrets/desk/key', container_path: '/run/secrets/key', read_only: true };
    expect(texts({ ...labels('1', 'bb'), volumes: [] }, { ...labels('2', 'cc.bb'), volumes: [mount] })).toEqual([
      'secret key added',
    ]);
  });

  test('on a remote engine is named itself, and not the container that carries it', () => {
    const carrier = (hex: string): object => ({ volumes: [{ from_container: `desk-bot-secrets-${hex}:ro` }] });
    expect(
      texts(
        { ...labels('1', 'aa.bb'), ...carrier('0123456789ab') },
        { ...labels('1', 'cc.bb'), ...carrier('ba9876543210') },
      ),
    ).toEqual(['secret key: content changed']);
  });

  test('in a folder that has moved is not a change of its own', () => {
    const folder = (path: string): object => ({
      labels: [{ label: `${OWN}.secrets-folder`, value: path }],
      mounts: [{ type: 'bind', source: `${path}/key`, target: '/run/secrets/key', read_only: true }],
    });
    expect(texts(folder('/old/.secrets/desk'), folder('/new/.secrets/desk'))).toEqual([
      'folder of the secrets /old/.secrets/desk → /new/.secrets/desk',
    ]);
  });

  test('is not the only mount that a plan names', () => {
    const mount = { type: 'bind', source: '/srv/models', target: '/models', read_only: true };
    const scratch = { type: 'tmpfs', source: '', target: '/scratch', read_only: false };
    expect(texts({ mounts: [] }, { mounts: [mount, scratch] })).toEqual([
      'bind mount /srv/models at /models (read-only) added',
      expect.stringMatching(/^mounts unset → .*\/scratch/) as string,
    ]);
  });
});

describe('A configuration hash that changed', () => {
  const labels = (value: string): object => ({ labels: [{ label: `${OWN}.configuration`, value }] });

  test('is explained by what else changed', () => {
    expect(texts({ ...labels('1'), user: 'a' }, { ...labels('2'), user: 'b' })).toEqual(['user a → b']);
  });

  test('is explained by an option that was removed and whose value comes from the image now', () => {
    expect(texts({ ...labels('1'), stop_signal: 'SIGINT' }, labels('2'), { stop_signal: true })).toEqual([
      'stop signal SIGINT → unset',
    ]);
  });

  test('is explained by what is mounted', () => {
    expect(texts(labels('1'), labels('2'), {}, 'docker_container.desk-mounted')).toEqual([
      'files mounted at /etc/index.ts changed, or an option was removed',
    ]);
  });

  test('is shown even if nothing explains it', () => {
    expect(texts(labels('1'), labels('2'))).toEqual([
      "a setting that Terraform's plan does not show, such as an option that was removed",
    ]);
  });
});

describe('An image', () => {
  const NAMES = [{ type: 'docker_image', values: { image_id: 'sha256:1', name: 'node:22-slim' } }];
  const BUILD = { context: '../../../bot', dockerfile: 'Dockerfile', target: '', platform: '' };
  const built = (content: string, build: object = {}): object => ({
    name: `desk-bot:${content}`,
    triggers: { content },
    build: [{ ...BUILD, ...build }],
  });
  const [OLD, NEW] = ['1'.repeat(16), '2'.repeat(16)];
  const ADDRESS = 'docker_image.bot';

  test('is named before and after if a container changes to another one', () => {
    const report = reportOf(
      { before: { image: 'sha256:1' }, after: {}, unknown: { image: true }, replacePaths: [['image']] },
      createBot(),
      NAMES,
    );
    expect(report).toMatchObject({
      action: 'replace-if-image-changes',
      outcome: 'replaced if the image changes, stop first: only one may run at a time',
      details: [{ text: 'image node:22-slim → node:24-slim' }],
    });
  });

  test('keeps a version that looks like the hash of a build', () => {
    const [before, after] = ['1', '2'].map((digit) => `docker.example/bot:${digit.repeat(16)}`);
    const report = reportOf(
      { before: { image: 'sha256:1' }, after: {}, unknown: { image: true }, replacePaths: [['image']] },
      createStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry(after ?? '') })),
      [{ type: 'docker_image', values: { image_id: 'sha256:1', name: before } }],
    );
    expect(report.details).toMatchObject([{ text: `image ${before ?? ''} → ${after ?? ''}` }]);
  });

  test('may be the same if it has to be pulled again', () => {
    expect(reportOf({ before: { image: 'sha256:9' }, after: {}, unknown: { image: true } }).details).toMatchObject([
      { text: 'image node:24-slim is pulled again' },
    ]);
  });

  test.each<[string, object, object, readonly string[]]>([
    ['files', built(OLD), built(NEW), ['files in bot changed']],
    ['a build argument', built(OLD, { build_args: { V: '1' } }), built(NEW, { build_args: { V: '2' } }), ['V 1 → 2']],
    ['the target', built(OLD, { target: 'a' }), built(NEW, { target: 'b' }), ['target a → b']],
  ])('is rebuilt because of %s', (_, before, after, expected) => {
    const report = reportOf({ address: ADDRESS, before, after });
    expect(report).toMatchObject({ name: 'desk-bot', kind: 'image', outcome: 'rebuilt' });
    expect(report.details.map(({ text }) => text)).toEqual(expected);
  });

  test('stays on the engine if it is no longer used', () => {
    expect(reportOf({ address: ADDRESS, actions: ['delete'], before: { name: 'redis:7' }, after: null })).toMatchObject(
      {
        name: 'redis:7',
        outcome: 'stays on the engine',
        details: [{ text: 'no longer used' }],
      },
    );
  });
});

test('A network is described by its addresses', () => {
  const network = (subnet: string): object => ({
    name: 'desk',
    ipam_config: [{ subnet, gateway: '10.0.0.1', aux_address: null }],
  });
  const report = reportOf({
    address: 'docker_network.desk',
    before: network('10.0.0.0/16'),
    after: network('10.0.0.0/24'),
  });
  expect(report).toMatchObject({ name: 'desk', kind: 'network' });
  expect(report.details.map(({ text }) => text)).toEqual(['subnet 10.0.0.0/16 → 10.0.0.0/24']);
});

describe('How a service is replaced', () => {
  const healthCheck = HealthCheck.http(8000, { via: 'node' });
  const api = { image: IMAGE, healthCheck, updatePolicy: UpdatePolicy.startFirst() };
  const address = 'docker_container.desk-api';
  const replaced = { address, before: { env: ['A=1'] }, after: { env: ['A=2'] } };
  const createWith = (props: WorkloadProps, engine = Engine.docker()) =>
    createStack((stack) => new Workload(stack, 'api', props), { engine });
  const outcomeOf = (props: WorkloadProps) => {
    const [{ outcome, replacement }] = reportsOf([replaced], createWith(props)) as [ChangeReport];
    return { outcome, reasons: replacement?.reasons };
  };

  test('A service that may overlap is replaced without downtime', () => {
    expect(outcomeOf(api)).toEqual({ outcome: 'replaced without downtime', reasons: [] });
  });

  test.each<[object, string]>([
    [{ volumes: [Volume.retained('data').mountExclusivelyAt('/data')] }, 'volume desk_data'],
    [{ volumes: [Volume.ephemeral('data').mountExclusivelyAt('/data')] }, 'volume /data'],
    [{ ports: [PublishedPort.loopback(8000), PublishedPort.loopback(8001)] }, 'port 8000, port 8001'],
    [{ healthCheck: HealthCheck.none() }, 'only one may run at a time'],
  ])('One with %j is stopped first, with the reason', (props, reasons) => {
    const updatePolicy = UpdatePolicy.startFirstIfPossible();
    expect(outcomeOf({ ...api, updatePolicy, ...props })).toEqual({
      outcome: `replaced, stop first: ${reasons}`,
      reasons: reasons.split(', '),
    });
  });

  test('A network that is replaced has to lose its containers first', () => {
    const network = { address: 'docker_network.desk', before: { name: 'desk' }, after: { name: 'desk' } };
    const [{ outcome }] = reportsOf([replaced, network], createWith(api)) as [ChangeReport];
    expect(outcome).toBe('replaced, stop first: the network desk is replaced');
  });

  test('A previous version that still serves is named, with the new version that was not finished', () => {
    const reports = reportsOf(
      [
        { address, actions: ['create'], before: null, after: {} },
        { address: `${address}-previous`, actions: ['delete'], before: { name: 'desk-api' }, after: null },
      ],
      createWith(api),
    );
    expect(reports.map(({ name, details }) => [name, details[0]?.text])).toEqual([
      ['desk-api', 'its previous version serves until it is healthy'],
      ['desk-api-previous', 'the previous version of desk-api, from a deploy that did not finish'],
    ]);
  });

  test('A Swarm replaces services by itself', () => {
    const service = { ...replaced, address: 'docker_service.desk-api' };
    const [report] = reportsOf([service], createWith({ image: IMAGE, replicas: 2 }, Engine.swarm()));
    expect(report).toMatchObject({ outcome: 'replaced', replacement: null });
  });
});

describe('The reason of a change', () => {
  test.each<[FakeChange, string, string]>([
    [{ address: 'docker_container.desk-migrate', reason: 'replace_by_request' }, 'runs again', 'it failed'],
    [
      { reason: 'replace_because_tainted' },
      'replaced, stop first: only one may run at a time',
      'its last start failed',
    ],
    [
      { actions: ['delete'], after: null, deposed: '1a' },
      'removed',
      'left over from a replacement that did not finish',
    ],
  ])('%j is %s: %s', (change, outcome, text) => {
    expect(reportOf({ before: {}, after: {}, ...change })).toMatchObject({ outcome, details: [{ text }] });
  });
});

describe('A service of a Swarm', () => {
  const stack = createStack(
    (scope) => new Workload(scope, 'bot', { image: IMAGE, files: [ConfigFile.fromText('/etc/bot.conf', 'a')] }),
    { engine: Engine.swarm() },
  );
  const address = 'docker_service.desk-bot';
  const service = (container: object, resources: object = {}): object => ({
    task_spec: [{ container_spec: [container], resources: [resources] }],
  });

  test('is described like a container, and as a rolling update', () => {
    const before = service({ env: { PCT: '0.2' } }, { limits: [{ memory_bytes: 512 * 1024 ** 2 }] });
    const after = service({ env: { PCT: '0.3' } }, { limits: [{ memory_bytes: 1024 ** 3 }] });
    const report = reportOf({ address, actions: ['update'], before, after }, stack);
    expect(report.outcome).toBe('rolling update');
    expect(report.details.map(({ text }) => text)).toEqual(['PCT 0.2 → 0.3', 'memory 512 MiB → 1 GiB']);
  });

  test('does not list a placement and an image that are not known yet', () => {
    const before = { task_spec: [{ container_spec: [{ user: 'a' }], placement: [{ constraints: ['x'] }] }] };
    const unknown = { task_spec: [{ placement: true }] };
    const after = { task_spec: [{ container_spec: [{ user: 'b' }] }] };
    const report = reportOf({ address, actions: ['update'], before, after, unknown }, stack);
    expect(report.details.map(({ text }) => text)).toEqual(['user a → b']);
  });

  test('names a secret with changed content, and never shows its value', () => {
    const secrets = (version: string): object =>
      service({ secrets: [{ file_name: '/run/secrets/key', secret_name: `desk-key-${version}` }] });
    const secret = { name: 'desk-key-aa', data: 'aHVudGVyMjI=' };
    const reports = reportsOf(
      [
        { address, actions: ['update'], before: secrets('aa'), after: secrets('bb') },
        { address: 'docker_secret.key', before: secret, after: { name: 'desk-key-bb', data: 'eA==' } },
      ],
      stack,
    );
    expect(reports).toMatchObject([
      { details: [{ text: 'secret key: content changed' }] },
      { name: 'desk-key', kind: 'secret', details: [{ text: 'content changed', before: null, after: null }] },
    ]);
    expect(JSON.stringify(reports)).not.toContain('aHVudGVyMjI');
  });

  test('shows the lines of a file that it has from a configuration object', () => {
    const configs = (version: string): object =>
      service({ configs: [{ file_name: '/etc/bot.conf', config_name: `desk-bot-conf-${version}` }] });
    const config = (version: string, content: string): object => ({
      name: `desk-bot-conf-${version}`,
      data: Buffer.from(content).toString('base64'),
    });
    const [report] = reportsOf(
      [
        { address, actions: ['update'], before: configs('aa'), after: configs('bb') },
        { address: 'docker_config.conf', before: config('aa', 'a\nb\n'), after: config('bb', 'a\nc\n') },
      ],
      stack,
    );
    expect(report?.details).toMatchObject([{ text: 'file /etc/bot.conf: 1 line changed', lines: ['- b', '+ c'] }]);
  });
});
