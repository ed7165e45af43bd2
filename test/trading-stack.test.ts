import { readFileSync } from 'node:fs';
import { App, S3Backend, Testing } from 'cdktf';
import { Construct } from 'constructs';
import {
  AppService,
  Duration,
  Engine,
  PublishedPort,
  FeatureApi,
  Image,
  Logging,
  PostgresDb,
  RedisCache,
  RestartPolicy,
  TradingStack,
} from '../lib';
import { containerNamed, createApp, createStack, synthesizeStack } from './setup/synthesize';
import { TemporaryProject } from './workload/temporary-project';

const BOT = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

const project = TemporaryProject.forEveryTest();

/** The output of an app for its stack. */
function write(build: (app: App) => void): string {
  const app = new App();
  build(app);
  app.synth();
  return readFileSync(project.locate('cdktf.out/stacks/desk/cdk.tf.json'), 'utf8');
}

/** The settings of Terraform itself, as an app writes them. */
function terraformSettings(build: (app: App) => void): unknown {
  return (JSON.parse(write(build)) as { readonly terraform: unknown }).terraform;
}

describe('the Terraform of a TradingStack', () => {
  test('the output requires the provider version whose limits work', () => {
    expect(synthesizeStack(() => undefined).terraform).toMatchObject({
      required_providers: { docker: { source: 'kreuzwerker/docker', version: '3.9.0' } },
    });
  });

  test('the state is in the project’s folder', () => {
    const settings = terraformSettings((app) => new TradingStack(app, 'desk', { engine: Engine.docker() }));

    expect(settings).toMatchObject({ backend: { local: { path: '../../../terraform.desk.tfstate' } } });
  });

  test('the app can choose another backend', () => {
    const settings = terraformSettings((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new S3Backend(stack, { bucket: 'desk-state', key: 'desk', region: 'eu-central-1' });
    });

    expect(settings).toMatchObject({ backend: { s3: { bucket: 'desk-state' } } });
    expect(settings).not.toHaveProperty('backend.local');
  });

  test('a service may have the id backend', () => {
    const settings = terraformSettings((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new AppService(stack, 'backend', { image: Image.fromRegistry('ghcr.io/desk/bot:1.4.0') });
    });

    expect(settings).toMatchObject({ backend: { local: { path: '../../../terraform.desk.tfstate' } } });
  });

  test('the output contains no absolute path of this machine', () => {
    const output = write((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new FeatureApi(stack, 'api', { image: BOT, uses: [new PostgresDb(stack, 'db')] });
    });

    expect(output).not.toContain(process.cwd());
    expect(output).not.toContain(__dirname);
  });

  test('projectDirectory is the path from another output folder', () => {
    const props = { projectDirectory: '../../../..' };

    expect(JSON.stringify(synthesizeStack((stack) => new PostgresDb(stack, 'db'), props))).toContain(
      '/../../../../.secrets/desk/db_password',
    );
  });

  test('the provider uses the host of the engine', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(synthesizeStack(() => undefined, { engine })).toMatchObject({
      provider: { docker: [{ host: 'ssh://deploy@desk.example' }] },
    });
  });
});

describe('the options of a TradingStack', () => {
  test('a stack without options runs on the local Docker engine', () => {
    const stack = new TradingStack(createApp(), 'desk');

    expect(stack.engine).toMatchObject({ name: 'docker', host: undefined });
  });

  test('rejects an unknown option, including one of the network', () => {
    const create = (props: object) => () => new TradingStack(createApp(), 'desk', props);

    expect(create({ netwrk: {} })).toThrowCode('unknown-option', 'desk', 'netwrk', 'network');
    expect(create({ network: { subnets: '172.28.0.0/16' } })).toThrowCode('unknown-option', 'network.subnets');
    expect(create({ engine: 'docker' })).toThrowCode('wrong-type', 'engine');
  });
});

describe('the network of a TradingStack', () => {
  test('the network has the name of the stack', () => {
    const { docker_network: networks = {} } = synthesizeStack(() => undefined).resource;

    expect(Object.values(networks)).toMatchObject([{ name: 'desk', driver: 'bridge' }]);
  });

  test('the network can have another name and a subnet, with the gateway that Docker would choose', () => {
    const network = { name: 'desk-net', subnet: '172.28.0.0/16' };
    const { docker_network: networks = {} } = synthesizeStack(() => undefined, { network }).resource;

    expect(Object.values(networks)).toMatchObject([
      { name: 'desk-net', ipam_config: [{ subnet: '172.28.0.0/16', gateway: '172.28.0.1' }] },
    ]);
  });
});

describe('the defaults of a TradingStack', () => {
  const build = (stack: TradingStack): void => {
    new FeatureApi(stack, 'first', { image: BOT });
    new FeatureApi(stack, 'second', {
      image: BOT,
      logging: Logging.daemonDefault(),
      restartPolicy: RestartPolicy.never(),
      stopGracePeriod: Duration.seconds(5),
      labels: { team: 'quants' },
    });
  };
  const props = {
    logging: Logging.driver('journald'),
    restartPolicy: RestartPolicy.always(),
    stopGracePeriod: Duration.minutes(2),
    labels: { team: 'desk' },
  };

  test('workloads have bounded logs, restarts and 30 seconds to stop by default', () => {
    expect(containerNamed(synthesizeStack(build), 'desk-first')).toMatchObject({
      log_driver: 'json-file',
      log_opts: { 'max-size': '10m', 'max-file': '3' },
      restart: 'unless-stopped',
      stop_timeout: 30,
    });
  });

  test('the defaults of a stack apply to every workload without its own', () => {
    const terraform = synthesizeStack(build, props);
    const second = containerNamed(terraform, 'desk-second');

    expect(containerNamed(terraform, 'desk-first')).toMatchObject({
      log_driver: 'journald',
      restart: 'always',
      stop_timeout: 120,
      labels: expect.arrayContaining([{ label: 'team', value: 'desk' }]) as unknown,
    });
    expect(second).toMatchObject({
      restart: 'no',
      stop_timeout: 5,
      labels: expect.arrayContaining([{ label: 'team', value: 'quants' }]) as unknown,
    });
    expect(second).not.toHaveProperty('log_driver');
  });

  test('every resource has a label with the name of the stack', () => {
    const terraform = synthesizeStack(build, { name: 'paper' });
    const label = { label: 'cdktf-trading-stack.stack', value: 'paper' };

    expect(containerNamed(terraform, 'paper-first').labels).toContainEqual(label);
    expect(Object.values(terraform.resource.docker_network ?? {})[0]?.labels).toContainEqual(label);
  });
});

describe('two TradingStacks in one app', () => {
  /** A second stack next to one with a database on 5432. */
  function second(build: (app: App) => unknown): () => unknown {
    const app = createApp();
    const first = new TradingStack(app, 'first', { engine: Engine.docker(), network: { subnet: '172.28.0.0/16' } });
    new PostgresDb(first, 'db', { ports: [PublishedPort.loopback(5432)] });
    return () => build(app);
  }

  test('rejects a second stack with the same name', () => {
    expect(second((app) => new TradingStack(app, 'second', { engine: Engine.docker(), name: 'first' }))).toThrowCode(
      'stack-taken',
      "second: stack name 'first' is already taken by first",
    );
  });

  test('rejects a container name of another stack', () => {
    const build = (app: App): void => {
      new PostgresDb(new TradingStack(app, 'second', { engine: Engine.docker() }), 'db', { name: 'first-db' });
    };

    expect(second(build)).toThrowCode('name-taken', "second/db: name 'first-db' is already taken by first/db");
  });

  test('rejects a host port of another stack', () => {
    const build = (app: App): void => {
      const stack = new TradingStack(app, 'second', { engine: Engine.docker() });
      new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432)] });
    };

    expect(second(build)).toThrowCode(
      'port-taken',
      "second/db: host port '127.0.0.1:5432/tcp' is already taken by first/db",
    );
  });

  test('hostPortOffset moves every published port, so that the same ports fit on the host a second time', () => {
    const app = createApp();
    const build = (id: string, hostPortOffset?: number): PostgresDb => {
      const stack = new TradingStack(app, id, { ...(hostPortOffset !== undefined && { hostPortOffset }) });
      return new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432)] });
    };
    const databases = [build('first'), build('second', 1000)];

    expect(databases.map((database) => database.workload.spec.ports[0])).toEqual([
      expect.objectContaining({ container: 5432, host: 5432 }),
      expect.objectContaining({ container: 5432, host: 6432 }),
    ]);
  });

  test('a port that nothing listens on is refused with the host port as it is written, without the offset', () => {
    const stack = new TradingStack(createApp(), 'moved', { hostPortOffset: 1000 });

    expect(
      () => new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5433, { hostPort: 7000 })] }),
    ).toThrowCode('port-not-served', 'PublishedPort.loopback(5432, { hostPort: 7000 })');
  });

  test.each([-1, 0.5, 65_535, NaN])('rejects %p as hostPortOffset', (hostPortOffset) => {
    expect(() => new TradingStack(createApp(), 'moved', { hostPortOffset })).toThrowCode(
      'invalid-value',
      'moved: hostPortOffset',
    );
  });

  test('rejects a published port that would be above 65535 with the offset', () => {
    const stack = new TradingStack(createApp(), 'moved', { hostPortOffset: 60_000 });

    expect(
      () => new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432, { hostPort: 6000 })] }),
    ).toThrowCode('invalid-value', "moved/db: the host port cannot be '6000 + 60000'");
  });

  test('rejects a subnet that overlaps that of another stack', () => {
    const network = { subnet: '172.28.1.0/24' };

    expect(second((app) => new TradingStack(app, 'second', { engine: Engine.docker(), network }))).toThrowCode(
      'subnet-taken',
      "second: subnet '172.28.1.0/24' is already taken by first (172.28.0.0/16)",
    );
  });

  test('stacks on two engines may have the same name', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(second((app) => new TradingStack(app, 'second', { engine, name: 'first' }))).not.toThrow();
  });

  test('rejects a secret file of another stack, also on another engine', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(
      second((app) => new PostgresDb(new TradingStack(app, 'second', { engine, name: 'first' }), 'db')),
    ).toThrowCode(
      'secret-taken',
      "second/db/password: secret '.secrets/first/db_password' is already taken by first/db/password",
    );
  });

  test('rejects a second stack with the same id anywhere in the tree', () => {
    const nested = (app: App): unknown =>
      new TradingStack(new Construct(app, 'eu'), 'first', { engine: Engine.docker(), name: 'eu' });

    expect(second(nested)).toThrowCode('stack-taken', "eu/first: stack id 'first' is already taken by first");
  });
});

describe('the construct tree of a TradingStack', () => {
  test('the ids of the construct tree are stable', () => {
    const stack = createStack((desk) => {
      const database = new PostgresDb(desk, 'db', { databases: [{ name: 'quotes' }] });
      const cache = new RedisCache(desk, 'redis');
      new FeatureApi(desk, 'api', { image: BOT, uses: [database, cache] });
    });

    expect(Testing.renderConstructTree(stack)).toMatchSnapshot();
  });
});

test.each([
  { engine: 'ssh://desk@trading-1' },
  { engine: { host: 'ssh://desk@trading-1' } },
  { host: 'ssh://desk@trading-1' },
])('%j as options is refused with the code that selects an engine', (props) => {
  expect(() => new TradingStack(createApp(), 'desk', props as never)).toThrowCode(
    'engine' in props ? 'wrong-type' : 'unknown-option',
    "Use `engine: Engine.docker({ host: 'ssh://desk@trading-1' })`",
  );
});

test.each(['', 'Desk 1', 'desk*', 'desk/1', undefined])('the id %j of a stack is refused', (id) => {
  expect(() => new TradingStack(createApp(), id as string)).toThrowCode(
    'invalid-name',
    'TradingStack: the id cannot be',
  );
});
