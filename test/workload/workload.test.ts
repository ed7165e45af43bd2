import { Construct } from 'constructs';
import {
  AppService,
  BackgroundWorker,
  ConfigFile,
  Cpu,
  Duration,
  Engine,
  HealthCheck,
  Image,
  Job,
  Logging,
  Network,
  PostgresDb,
  Prometheus,
  RedisCache,
  RestartPolicy,
  type ServiceDefinition,
  Size,
  type TradingStack,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import type { TradingStackProps } from '../../lib';
import type { WorkloadSpec } from '../../lib/platform/spec';
import { containerNamed, createStack, ENGINES, serviceNamed, synthesizeStack } from '../setup/synthesize';
import { warningsUnder } from '../../lib/platform/warnings';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

function specOf(options: WorkloadOptions = {}, service: ServiceDefinition = {}): WorkloadSpec {
  return new Workload(createStack(), 'bot', { image, ...options }, service).spec;
}

function specIn(stack: Partial<TradingStackProps>, options: WorkloadOptions = {}): WorkloadSpec {
  return new Workload(
    createStack(() => undefined, stack),
    'bot',
    { image, ...options },
  ).spec;
}

describe('protection by default', () => {
  test('the workload of a construct has no capabilities by default', () => {
    expect(specOf().security).toMatchObject({ addCapabilities: [], dropCapabilities: ['ALL'], privileged: false });
  });

  test('a workload has the capabilities that are set, sorted', () => {
    const { security } = specOf({ capabilities: ['NET_RAW', 'CHOWN', 'SETUID'] });
    expect(security.addCapabilities).toEqual(['CHOWN', 'NET_RAW', 'SETUID']);
  });

  test('a workload has an init process and gains no privileges, if the engine supports it', () => {
    expect(specOf()).toMatchObject({ init: true, security: { noNewPrivileges: true } });
    expect(specIn({ engine: Engine.swarm() })).toMatchObject({ init: false, security: { noNewPrivileges: false } });
  });

  test('each protection can be changed', () => {
    const options = { init: false, noNewPrivileges: false, privileged: true, securityOptions: ['seccomp=unconfined'] };
    expect(specOf(options)).toMatchObject({
      init: false,
      security: { noNewPrivileges: false, privileged: true, options: ['seccomp=unconfined'] },
    });
  });

  test.each([
    ['net_admin', 'NET_ADMIN'],
    ['CAP_NET_ADMIN', 'NET_ADMIN'],
    ['cap_sys_nice', 'SYS_NICE'],
    ['ALL', 'ALL'],
  ])('the capability %s is written as %s, so that plans do not differ', (name, spelled) => {
    expect(specOf({ capabilities: [name] }).security.addCapabilities).toEqual([spelled]);
  });

  test.each(['', 'FOO', 'NET ADMIN', ';rm', 'CAP_', 'NETADMIN'])('%j is no capability', (name) => {
    const create = () => specOf({ capabilities: ['CHOWN', name] });
    expect(create).toThrowCode('invalid-value', 'desk/', `capabilities[1] cannot be '${name}'`);
  });

  test('a misspelled capability is answered with the nearest one', () => {
    expect(() => specOf({ capabilities: ['CAP_NETADMIN'] })).toThrowCode('invalid-value', "such as 'NET_ADMIN'");
  });

  test('a capability in several forms is added once', () => {
    const capabilities = ['net_raw', 'CAP_NET_RAW', 'NET_RAW'];
    expect(specOf({ capabilities }).security.addCapabilities).toEqual(['NET_RAW']);
  });

  test('a workload publishes no port by default', () => {
    expect(specOf().ports).toEqual([]);
  });

  test('a workload runs as the user of its service by default', () => {
    const service = { defaults: { runAs: '1000:1000' } };
    expect(specOf({}, service).user).toBe('1000:1000');
    expect(specOf({ runAs: '0' }, service).user).toBe('0');
  });
});

describe('hardened', () => {
  const OWN = { user: '1000:1000', readOnlyRootFilesystem: true };
  const OF_IMAGE = { user: null, readOnlyRootFilesystem: false, tmpfs: [] };

  test('a bare workload runs as its image says, without new privileges', () => {
    expect(specIn({})).toMatchObject({ ...OF_IMAGE, security: { dropCapabilities: [], noNewPrivileges: true } });
  });

  test.each(ENGINES)(
    'a bare workload that is hardened may do what an AppService may, on $engineName',
    ({ createEngine }) => {
      const { user, readOnlyRootFilesystem, tmpfs, security } = specIn({ engine: createEngine() }, { hardened: true });
      const stack = createStack(() => undefined, { engine: createEngine() });
      const service = new AppService(stack, 'bot', { image }).workload.spec;
      expect({ user, readOnlyRootFilesystem, tmpfs, security }).toEqual({
        user: service.user,
        readOnlyRootFilesystem: service.readOnlyRootFilesystem,
        tmpfs: service.tmpfs,
        security: service.security,
      });
      expect(service).toMatchObject({ ...OWN, security: { addCapabilities: [], dropCapabilities: ['ALL'] } });
    },
  );

  test.each<[string, (stack: TradingStack) => Workload]>([
    ['an AppService', (stack) => new AppService(stack, 'it', { image, hardened: false }).workload],
    ['a BackgroundWorker', (stack) => new BackgroundWorker(stack, 'it', { image, hardened: false }).workload],
    ['a Job', (stack) => new Job(stack, 'it', { image, hardened: false }).workload],
    ['a PostgresDb', (stack) => new PostgresDb(stack, 'it', { database: 'desk', hardened: false }).workload],
    ['a RedisCache', (stack) => new RedisCache(stack, 'it', { hardened: false }).workload],
    ['a Prometheus', (stack) => new Prometheus(stack, 'it', { services: [], hardened: false }).workload],
  ])('%s that is not hardened runs as its image says', (_name, create) => {
    expect(create(createStack()).spec).toMatchObject({ ...OF_IMAGE, security: { dropCapabilities: [] } });
  });

  test.each([true, false])('explicit options win over hardened: %s', (hardened) => {
    const options = { runAs: '70', readOnlyRootFilesystem: !hardened, capabilities: ['CHOWN'], noNewPrivileges: false };
    expect(specIn({}, { hardened, ...options })).toMatchObject({
      user: '70',
      readOnlyRootFilesystem: !hardened,
      security: { addCapabilities: ['CHOWN'], dropCapabilities: ['ALL'], noNewPrivileges: false },
    });
  });

  test('an empty list of capabilities drops all of them', () => {
    expect(specIn({}, { capabilities: [] }).security).toMatchObject({ addCapabilities: [], dropCapabilities: ['ALL'] });
  });

  test('the specification says what `hardened: false` would change', () => {
    const hardeningOf = (options: WorkloadOptions): readonly string[] => specIn({}, options).hardening;
    expect(hardeningOf({ hardened: true, runAs: '70' })).toEqual(['readOnlyRootFilesystem', 'capabilities']);
    expect(hardeningOf({ hardened: true, readOnlyRootFilesystem: true, capabilities: [] })).toEqual(['runAs']);
    expect(hardeningOf({})).toEqual([]);
  });

  test('a container of Docker drops no capability, and a service of a Swarm neither', () => {
    const create = (stack: TradingStack): unknown => new Workload(stack, 'bot', { image });
    expect(containerNamed(synthesizeStack(create), 'desk-bot')).not.toHaveProperty('capabilities');
    const service = serviceNamed(synthesizeStack(create, { engine: Engine.swarm() }), 'desk-bot');
    expect(JSON.stringify(service)).not.toMatch(/cap_(add|drop)/);
  });
});

describe('a read-only root file system', () => {
  const service = { defaults: { readOnlyRootFilesystem: true } };

  test('a read-only root has a /tmp in memory', () => {
    expect(specOf({}, service)).toMatchObject({
      readOnlyRootFilesystem: true,
      tmpfs: [{ path: '/tmp', sizeBytes: null, exec: false }],
    });
  });

  test('a read-only root has the /tmp that is set, once', () => {
    const tmpfs = [{ path: '/tmp' }, { path: '/run' }];
    expect(specOf({ tmpfs: tmpfs }, service).tmpfs.map(({ path }) => path)).toEqual(['/tmp', '/run']);
  });

  test('a service with files gets a writable root on the Docker engine, which copies them, and not on a Swarm', () => {
    const files = [ConfigFile.fromText('/app/risk.yaml', 'risk: 1\n')];
    const readOnly = (engine: Engine): boolean =>
      new Workload(
        createStack(() => undefined, { engine }),
        'bot',
        { image, files },
        service,
      ).spec.readOnlyRootFilesystem;
    expect([readOnly(Engine.docker()), readOnly(Engine.swarm())]).toEqual([false, true]);
  });

  test('a writable root has no /tmp in memory', () => {
    expect(specOf({ readOnlyRootFilesystem: false }, service)).toMatchObject({
      readOnlyRootFilesystem: false,
      tmpfs: [],
    });
  });
});

describe('defaults of the stack', () => {
  test('by default workloads restart unless stopped, rotate logs and have 30 seconds to stop', () => {
    expect(specOf()).toMatchObject({
      restart: { condition: 'unless-stopped', maximumRetries: null, whenUnhealthy: 'never' },
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      stopGracePeriodSeconds: 30,
      labels: { 'cdktf-trading-stack.stack': 'desk', 'cdktf-trading-stack.service': 'bot' },
    });
  });

  test('a stack can set defaults of its workloads', () => {
    const stack = {
      restartPolicy: RestartPolicy.always(),
      logging: Logging.driver('journald'),
      stopGracePeriod: Duration.minutes(1),
      labels: { team: 'quant' },
    };
    expect(specIn(stack)).toMatchObject({
      restart: { condition: 'always' },
      logging: { driver: 'journald' },
      stopGracePeriodSeconds: 60,
      labels: { team: 'quant' },
    });
  });

  test('a workload overrides the defaults of its stack', () => {
    const options = {
      restartPolicy: RestartPolicy.never(),
      logging: Logging.daemonDefault(),
      stopGracePeriod: Duration.milliseconds(1500),
      labels: { team: 'risk' },
    };
    expect(specIn({ labels: { team: 'quant' } }, options)).toMatchObject({
      restart: { condition: 'no' },
      logging: { driver: null },
      stopGracePeriodSeconds: 2,
      labels: { team: 'risk' },
    });
  });

  test('the grace period of a service overrides that of the stack', () => {
    expect(specOf({}, { defaults: { stopGracePeriod: Duration.minutes(2) } }).stopGracePeriodSeconds).toBe(120);
  });
});

describe('limits', () => {
  test('a workload is limited to one core and 512 MiB by default', () => {
    expect(specOf().resources).toMatchObject({ cpuMillis: 1000, memoryBytes: 512 * 1024 ** 2 });
  });

  test('a workload has the limits of its service by default', () => {
    const resources = { cpus: Cpu.cores(0.5), memory: Size.gibibytes(1) };
    expect(specOf({}, { defaults: { resources } }).resources).toMatchObject({ cpuMillis: 500, memoryBytes: 1024 ** 3 });
  });

  test('a workload that sets one limit keeps the defaults of the others', () => {
    expect(specOf({ resources: { cpus: Cpu.cores(4) } }).resources).toMatchObject({
      cpuMillis: 4000,
      memoryBytes: 512 * 1024 ** 2,
    });
  });
});

describe('start timeout', () => {
  const timed = { interval: Duration.seconds(10), timeout: Duration.seconds(5), startPeriod: Duration.seconds(60) };

  test.each([
    [
      'until the last probe that may succeed has ended, and 30 seconds',
      { healthCheck: HealthCheck.tcp(80, { ...timed, retries: 4 }) },
      60 + 5 * 15 + 30,
    ],
    ['for nothing without a health check', {}, null],
    ['for nothing if the health check is turned off', { healthCheck: HealthCheck.none() }, null],
    ['as long as startTimeout', { startTimeout: Duration.minutes(5), healthCheck: HealthCheck.tcp(80) }, 300],
  ])('a deploy waits %s', (_what, options, seconds) => {
    expect(specOf(options).startTimeoutSeconds).toBe(seconds);
  });

  test('a deploy to a Swarm waits 30 seconds for a workload without a health check to run, or as long as startTimeout', () => {
    const engine = Engine.swarm();
    expect(specIn({ engine }).startTimeoutSeconds).toBe(30);
    expect(specIn({ engine }, { startTimeout: Duration.minutes(5) }).startTimeoutSeconds).toBe(300);
  });

  describe('slow starts', () => {
    const startTimeout = Duration.minutes(30);
    const startPeriodOf = (engine: Engine, options: WorkloadOptions) =>
      specIn({ engine }, { healthCheck: HealthCheck.tcp(80, timed), ...options }).healthCheck?.startPeriodMilliseconds;

    test('startTimeout extends the start period on a Swarm, which stops unhealthy containers', () => {
      expect(startPeriodOf(Engine.swarm(), { startTimeout })).toBe(30 * 60_000);
    });

    test.each<[string, Engine, WorkloadOptions]>([
      ['without startTimeout', Engine.swarm(), {}],
      ['with a shorter startTimeout', Engine.swarm(), { startTimeout: Duration.seconds(20) }],
      ['on the Docker engine, which stops nothing', Engine.docker(), { startTimeout }],
    ])('a health check keeps its start period %s', (_where, engine, options) => {
      expect(startPeriodOf(engine, options)).toBe(60_000);
    });

    test('a health check that is turned off keeps its start period', () => {
      const healthCheck = HealthCheck.none();
      const { startPeriodMilliseconds } = healthCheck.toSpec();
      expect(startPeriodOf(Engine.swarm(), { startTimeout, healthCheck })).toBe(startPeriodMilliseconds);
    });
  });

  test('startTimeout without a health check is refused on the Docker engine', () => {
    expect(() => specOf({ startTimeout: Duration.minutes(5) })).toThrowCode(
      'unsupported-by-engine',
      'desk/bot: ',
      'health check',
    );
  });

  test('a workload has the health check of its service by default', () => {
    const service = { defaults: { healthCheck: HealthCheck.shell('service') } };
    expect(specOf({}, service).healthCheck?.test).toEqual(['CMD-SHELL', 'service']);
    expect(specOf({ healthCheck: HealthCheck.none() }, service).healthCheck?.test).toEqual(['NONE']);
  });
});

describe('names', () => {
  test('a workload is named after its stack and its id, and reached under its id with hyphens', () => {
    const workload = new Workload(createStack(), 'strategy_runner', { image });
    expect(workload.spec).toMatchObject({
      name: 'desk-strategy-runner',
      aliases: ['strategy-runner', 'strategy_runner'],
    });
    expect(workload.host).toBe('strategy-runner');
  });

  test('two ids that differ only in a hyphen are refused, also if the containers have different names', () => {
    const stack = createStack();
    new Workload(stack, 'feature_api', { image });
    const create = () => new Workload(stack, 'feature-api', { image, name: 'features' });
    expect(create).toThrowCode(
      'alias-taken',
      "desk/feature-api: alias 'feature-api' is already taken by desk/feature_api",
      'Change the id of one of them: in host names, `_` becomes `-`',
    );
    const other = createStack();
    new Workload(other, 'feature_api', { image });
    expect(() => new Workload(other, 'feature-api', { image })).toThrowCode('name-taken', 'Change the id', '`-`');
  });

  test.each([
    ['Redis', {}, 'Change the id of one of them'],
    ['cache', { aliases: ['REDIS'] }, 'Set `aliases` on one of them; upper and lower case are the same'],
  ])('%s with %j is refused next to redis, as the DNS of Docker ignores case', (id, options, fix) => {
    const stack = createStack();
    new Workload(stack, 'redis', { image });
    expect(() => new Workload(stack, id, { image, ...options })).toThrowCode('alias-taken', 'desk/redis', fix);
  });

  test('the workload of a service is named after the service', () => {
    const workload = new Workload(new Construct(createStack(), 'db'), 'Default', { image });
    expect(workload.spec).toMatchObject({ path: 'desk/db', name: 'desk-db', aliases: ['db'] });
  });

  test('a workload can have another name and other aliases', () => {
    const workload = new Workload(createStack(), 'bot', { image, name: 'Trader.1', aliases: ['trader', 'bot'] });
    expect(workload.spec).toMatchObject({ name: 'Trader.1', aliases: ['trader', 'bot'] });
    expect(workload.host).toBe('trader');
  });

  test('a workload without aliases is reached under its name', () => {
    expect(new Workload(createStack(), 'bot', { image, aliases: [] }).host).toBe('desk-bot');
  });

  test.each(['a.b', 'a-', '1_'])('the name %j is refused on a Swarm because it is not a host name', (name) => {
    expect(() => specIn({ engine: Engine.swarm() }, { name })).toThrowCode('invalid-name', 'desk/bot', `'${name}'`);
  });

  test('an alias with a space is refused', () => {
    expect(() => specOf({ aliases: ['my bot'] })).toThrowCode('invalid-name', 'desk/bot', 'alias', "'my bot'");
  });
});

test('`resource` of a workload with several resources is refused', () => {
  const workload = new Workload(createStack(), 'bot', { image, replicas: 2 });
  expect(() => workload.resource).toThrowCode(
    'ambiguous-resource',
    'desk/bot: it has 2 Terraform resources',
    '`resources`',
  );
});

test('`command` of the user raises a warning if the service puts something into it', () => {
  const stack = createStack();
  new Workload(stack, 'bot', { image, command: ['bot'] }, { commandCarries: 'its password' });
  expect(warningsUnder(stack)).toMatchObject([{ code: 'command-replaced', about: 'its password' }]);
});

describe.each(ENGINES)('on $engineName', ({ engineName, createEngine }) => {
  const named = engineName === 'docker' ? containerNamed : serviceNamed;

  test('a workload with nothing but an image is valid Terraform', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }), { engine: createEngine() });
    expect(named(terraform, 'desk-bot').name).toBe('desk-bot');
  });

  test('the Terraform resource can be changed with overrides', () => {
    const terraform = synthesizeStack(
      (stack) => {
        new Workload(stack, 'bot', { image }).resource.addOverride('provider_field', 'x');
      },
      { engine: createEngine() },
    );
    expect(named(terraform, 'desk-bot').provider_field).toBe('x');
  });

  test('the address of a workload is that of its resource', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    const type = engineName === 'docker' ? 'docker_container' : 'docker_service';
    expect(new Workload(stack, 'bot', { image }).address).toBe(`${type}.desk-bot`);
  });
});

test('an override changes one item of a list by its index, and adds to a list otherwise', () => {
  const terraform = synthesizeStack((stack) => {
    const networks = [stack.network, Network.fromName('market')];
    const { resource } = new Workload(stack, 'bot', { image, networks, dns: ['10.0.0.53'] });
    resource.addOverride('networks_advanced.1.ipv4_address', '172.31.0.9');
    resource.addOverride('dns', ['10.0.0.54']);
  });
  expect(containerNamed(terraform, 'desk-bot')).toMatchObject({
    networks_advanced: [
      { aliases: ['bot'] },
      { name: expect.stringContaining('market') as string, aliases: ['bot'], ipv4_address: '172.31.0.9' },
    ],
    dns: ['10.0.0.53', '10.0.0.54'],
  });
});
