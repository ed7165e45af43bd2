import { Construct } from 'constructs';
import {
  ConfigFile,
  Cpu,
  Duration,
  Engine,
  HealthCheck,
  Image,
  Logging,
  RestartPolicy,
  type ServiceDefinition,
  Size,
  Workload,
  type WorkloadOptions,
} from '../../lib';
import type { TradingStackProps } from '../../lib';
import type { WorkloadSpec } from '../../lib/platform/spec';
import { containerNamed, createStack, ENGINES, serviceNamed, synthesizeStack } from '../setup/synthesize';

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

describe('a workload is protected unless it says otherwise', () => {
  test('it has no capability', () => {
    expect(specOf().security).toMatchObject({ addCapabilities: [], dropCapabilities: ['ALL'], privileged: false });
  });

  test('it has the capabilities that are asked for, in one order', () => {
    const { security } = specOf({ capabilities: ['NET_RAW', 'CHOWN', 'SETUID'] });
    expect(security.addCapabilities).toEqual(['CHOWN', 'NET_RAW', 'SETUID']);
  });

  test('it cannot gain privileges and has an init process, where the engine can', () => {
    expect(specOf()).toMatchObject({ init: true, security: { noNewPrivileges: true } });
    expect(specIn({ engine: Engine.swarm() })).toMatchObject({ init: false, security: { noNewPrivileges: false } });
  });

  test('each of the protections can be changed', () => {
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
  ])('a capability can be spelled %s, and is %s to the engine', (name, spelled) => {
    expect(specOf({ capabilities: [name] }).security.addCapabilities).toEqual([spelled]);
  });

  test('a capability in two spellings is given once', () => {
    const capabilities = ['net_raw', 'CAP_NET_RAW', 'NET_RAW'];
    expect(specOf({ capabilities }).security.addCapabilities).toEqual(['NET_RAW']);
  });

  test.each(['NET_ADMN', 'CAP_NET_ADMN', 'NET-ADMIN', '', 'net admin', 'CAP_', 'NET_ADMIN;'])(
    '%j is no capability of the kernel',
    (name) => {
      expect(() => specOf({ capabilities: [name] })).toThrow(
        `desk/bot: a capability cannot be '${name}'. Give one that capabilities(7) names, such as 'NET_ADMIN', or 'ALL'.`,
      );
    },
  );

  test('it publishes nothing', () => {
    expect(specOf().ports).toEqual([]);
  });

  test('it runs as the user of its service unless another is asked for', () => {
    const service = { defaults: { runAs: '1000:1000' } };
    expect(specOf({}, service).user).toBe('1000:1000');
    expect(specOf({ runAs: '0' }, service).user).toBe('0');
  });
});

describe('a read-only root file system', () => {
  const service = { defaults: { readOnlyRootFilesystem: true } };

  test('has /tmp in memory', () => {
    expect(specOf({}, service)).toMatchObject({
      readOnlyRootFilesystem: true,
      tmpfs: [{ path: '/tmp', sizeBytes: null }],
    });
  });

  test('has the /tmp that is asked for, once', () => {
    const tmpfs = [{ path: '/tmp' }, { path: '/run' }];
    expect(specOf({ tmpfs: tmpfs }, service).tmpfs.map(({ path }) => path)).toEqual(['/tmp', '/run']);
  });

  test('is not kept on Docker where files are copied into it, and is on a Swarm, which mounts them', () => {
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

  test('can be switched off, and then nothing is in memory', () => {
    expect(specOf({ readOnlyRootFilesystem: false }, service)).toMatchObject({
      readOnlyRootFilesystem: false,
      tmpfs: [],
    });
  });
});

describe('what the stack says of all workloads', () => {
  test('is: restart unless stopped by hand, logs that turn over, half a minute to stop', () => {
    expect(specOf()).toMatchObject({
      restart: { condition: 'unless-stopped', maximumRetries: null },
      logging: { driver: 'json-file', options: { 'max-size': '10m', 'max-file': '3' } },
      stopGracePeriodSeconds: 30,
      labels: { 'cdktf-trading-stack.stack': 'desk', 'cdktf-trading-stack.service': 'bot' },
    });
  });

  test('can be said for the stack', () => {
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

  test('can be said for one workload', () => {
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

  test('gives way to the time that a service needs to stop', () => {
    expect(specOf({}, { defaults: { stopGracePeriod: Duration.minutes(2) } }).stopGracePeriodSeconds).toBe(120);
  });
});

describe('what a workload may take', () => {
  test('is one core and half a gibibyte unless somebody says otherwise', () => {
    expect(specOf().resources).toMatchObject({ cpuMillis: 1000, memoryBytes: 512 * 1024 ** 2 });
  });

  test('is what its service says', () => {
    const resources = { cpus: Cpu.cores(0.5), memory: Size.gibibytes(1) };
    expect(specOf({}, { defaults: { resources } }).resources).toMatchObject({ cpuMillis: 500, memoryBytes: 1024 ** 3 });
  });

  test('is bounded in what is not asked for, too', () => {
    expect(specOf({ resources: { cpus: Cpu.cores(4) } }).resources).toMatchObject({
      cpuMillis: 4000,
      memoryBytes: 512 * 1024 ** 2,
    });
  });
});

describe('a deploy waits', () => {
  const timed = { interval: Duration.seconds(10), timeout: Duration.seconds(5), startPeriod: Duration.seconds(60) };

  test.each([
    [
      'as long as the last probe may take, and half a minute for the container',
      { healthCheck: HealthCheck.tcp(80, { ...timed, retries: 4 }) },
      60 + 5 * 15 + 30,
    ],
    ['for nothing without a health check', {}, null],
    ['for nothing when the health check is switched off', { healthCheck: HealthCheck.none() }, null],
    ['as long as it is told', { startTimeout: Duration.minutes(5), healthCheck: HealthCheck.tcp(80) }, 300],
  ])('%s', (_what, options, seconds) => {
    expect(specOf(options).startTimeoutSeconds).toBe(seconds);
  });

  test('on a Swarm half a minute for what has no health check to run, or as long as it is told', () => {
    const engine = Engine.swarm();
    expect(specIn({ engine }).startTimeoutSeconds).toBe(30);
    expect(specIn({ engine }, { startTimeout: Duration.minutes(5) }).startTimeoutSeconds).toBe(300);
  });

  describe('for a slow start', () => {
    const startTimeout = Duration.minutes(30);
    const startPeriodOf = (engine: Engine, options: WorkloadOptions) =>
      specIn({ engine }, { healthCheck: HealthCheck.tcp(80, timed), ...options }).healthCheck?.startPeriodMilliseconds;

    test('on a Swarm, whose health check does not stop it before', () => {
      expect(startPeriodOf(Engine.swarm(), { startTimeout })).toBe(30 * 60_000);
    });

    test.each<[string, Engine, WorkloadOptions]>([
      ['where nothing is asked for', Engine.swarm(), {}],
      ['where less is asked for than it has', Engine.swarm(), { startTimeout: Duration.seconds(20) }],
      ['on a Docker engine, which stops nothing', Engine.docker(), { startTimeout }],
    ])('with the start period of the check itself %s', (_where, engine, options) => {
      expect(startPeriodOf(engine, options)).toBe(60_000);
    });

    test('and a check that is switched off stays so', () => {
      const healthCheck = HealthCheck.none();
      const { startPeriodMilliseconds } = healthCheck.toSpec();
      expect(startPeriodOf(Engine.swarm(), { startTimeout, healthCheck })).toBe(startPeriodMilliseconds);
    });
  });

  test('for no start that nobody asks after: on the Docker engine that is refused', () => {
    expect(() => specOf({ startTimeout: Duration.minutes(5) })).toThrow(
      'desk/bot: the docker engine cannot do this: waiting for the start of what has no health check. ' +
        'Give it a healthCheck, or leave startTimeout out.',
    );
  });

  test('for the health check of the service unless another is asked for', () => {
    const service = { defaults: { healthCheck: HealthCheck.shell('service') } };
    expect(specOf({}, service).healthCheck?.test).toEqual(['CMD-SHELL', 'service']);
    expect(specOf({ healthCheck: HealthCheck.none() }, service).healthCheck?.test).toEqual(['NONE']);
  });
});

describe('a workload is called', () => {
  test('after its stack and its id, and reached under its id', () => {
    const workload = new Workload(createStack(), 'strategy_runner', { image });
    expect(workload.spec).toMatchObject({ name: 'desk-strategy-runner', aliases: ['strategy_runner'] });
    expect(workload.host).toBe('strategy_runner');
  });

  test('after the service that it is', () => {
    const workload = new Workload(new Construct(createStack(), 'db'), 'Default', { image });
    expect(workload.spec).toMatchObject({ path: 'desk/db', name: 'desk-db', aliases: ['db'] });
  });

  test('as it is told', () => {
    const workload = new Workload(createStack(), 'bot', { image, name: 'Trader.1', aliases: ['trader', 'bot'] });
    expect(workload.spec).toMatchObject({ name: 'Trader.1', aliases: ['trader', 'bot'] });
    expect(workload.host).toBe('trader');
  });

  test('by its name where it has no alias', () => {
    expect(new Workload(createStack(), 'bot', { image, aliases: [] }).host).toBe('desk-bot');
  });

  test.each(['a.b', 'a-', '1_'])('on a Swarm not %j: it is no host name', (name) => {
    expect(() => specIn({ engine: Engine.swarm() }, { name })).toThrow(/^desk\/bot: .*Give/);
  });

  test('never by what no other can ask for', () => {
    expect(() => specOf({ aliases: ['my bot'] })).toThrow(
      "desk/bot: the alias cannot be 'my bot'. Give a host name of 1 to 63",
    );
  });
});

describe.each(ENGINES)('on $engineName', ({ engineName, createEngine }) => {
  const named = engineName === 'docker' ? containerNamed : serviceNamed;

  test('a workload with nothing but an image is valid Terraform', () => {
    const terraform = synthesizeStack((stack) => new Workload(stack, 'bot', { image }), { engine: createEngine() });
    expect(named(terraform, 'desk-bot').name).toBe('desk-bot');
  });

  test('the Terraform resource is open to what the library does not know', () => {
    const terraform = synthesizeStack(
      (stack) => {
        new Workload(stack, 'bot', { image }).resource.addOverride('provider_field', 'x');
      },
      { engine: createEngine() },
    );
    expect(named(terraform, 'desk-bot').provider_field).toBe('x');
  });

  test('the address is the one of the resource', () => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    const type = engineName === 'docker' ? 'docker_container' : 'docker_service';
    expect(new Workload(stack, 'bot', { image }).address).toBe(`${type}.desk-bot`);
  });
});
