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

/** What an app writes for its stack. */
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
  test('asks for the version of the provider whose limits work', () => {
    expect(synthesizeStack(() => undefined).terraform).toMatchObject({
      required_providers: { docker: { source: 'kreuzwerker/docker', version: '3.9.0' } },
    });
  });

  test('keeps its state beside the project, wherever that is', () => {
    const settings = terraformSettings((app) => new TradingStack(app, 'desk', { engine: Engine.docker() }));

    expect(settings).toMatchObject({ backend: { local: { path: '../../../terraform.desk.tfstate' } } });
  });

  test('keeps its state where the app says', () => {
    const settings = terraformSettings((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new S3Backend(stack, { bucket: 'desk-state', key: 'desk', region: 'eu-central-1' });
    });

    expect(settings).toMatchObject({ backend: { s3: { bucket: 'desk-state' } } });
    expect(settings).not.toHaveProperty('backend.local');
  });

  test('has room for a service called backend', () => {
    const settings = terraformSettings((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new AppService(stack, 'backend', { image: Image.fromRegistry('ghcr.io/desk/bot:1.4.0') });
    });

    expect(settings).toMatchObject({ backend: { local: { path: '../../../terraform.desk.tfstate' } } });
  });

  test('names no folder of this machine', () => {
    const output = write((app) => {
      const stack = new TradingStack(app, 'desk', { engine: Engine.docker() });
      new FeatureApi(stack, 'api', { image: BOT, uses: [new PostgresDb(stack, 'db')] });
    });

    expect(output).not.toContain(process.cwd());
    expect(output).not.toContain(__dirname);
  });

  test('finds the project from another output folder', () => {
    const props = { projectDirectory: '../../../..' };

    expect(JSON.stringify(synthesizeStack((stack) => new PostgresDb(stack, 'db'), props))).toContain(
      '/../../../../.secrets/desk/db_password',
    );
  });

  test('reaches the engine at the address that was given', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(synthesizeStack(() => undefined, { engine })).toMatchObject({
      provider: { docker: [{ host: 'ssh://deploy@desk.example' }] },
    });
  });
});

describe('the network of a TradingStack', () => {
  test('has the name of the stack', () => {
    const { docker_network: networks = {} } = synthesizeStack(() => undefined).resource;

    expect(Object.values(networks)).toMatchObject([{ name: 'desk', driver: 'bridge' }]);
  });

  test('has the name and the subnet that were given, with the gateway that Docker would take', () => {
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

  test('are bounded logs, restarts, and half a minute to stop', () => {
    expect(containerNamed(synthesizeStack(build), 'desk-first')).toMatchObject({
      log_driver: 'json-file',
      log_opts: { 'max-size': '10m', 'max-file': '3' },
      restart: 'unless-stopped',
      stop_timeout: 30,
    });
  });

  test('count for every workload that does not say otherwise', () => {
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

  test('name the stack on everything', () => {
    const terraform = synthesizeStack(build, { name: 'paper' });
    const label = { label: 'cdktf-trading-stack.stack', value: 'paper' };

    expect(containerNamed(terraform, 'paper-first').labels).toContainEqual(label);
    expect(Object.values(terraform.resource.docker_network ?? {})[0]?.labels).toContainEqual(label);
  });
});

describe('two TradingStacks of one app', () => {
  /** A second stack beside one with a database on 5432. */
  function second(build: (app: App) => unknown): () => unknown {
    const app = createApp();
    const first = new TradingStack(app, 'first', { engine: Engine.docker(), network: { subnet: '172.28.0.0/16' } });
    new PostgresDb(first, 'db', { ports: [PublishedPort.loopback(5432)] });
    return () => build(app);
  }

  test('refuse to have one name', () => {
    expect(second((app) => new TradingStack(app, 'second', { engine: Engine.docker(), name: 'first' }))).toThrow(
      "second: stack name 'first' is already taken by first. Give one of the stacks another name.",
    );
  });

  test('refuse to share a container name', () => {
    const build = (app: App): void => {
      new PostgresDb(new TradingStack(app, 'second', { engine: Engine.docker() }), 'db', { name: 'first-db' });
    };

    expect(second(build)).toThrow(
      "second/db: name 'first-db' is already taken by first/db. Set `name` on one of them.",
    );
  });

  test('refuse to share a host port', () => {
    const build = (app: App): void => {
      const stack = new TradingStack(app, 'second', { engine: Engine.docker() });
      new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5432)] });
    };

    expect(second(build)).toThrow(/^second\/db: host port '127\.0\.0\.1:5432\/tcp' is already taken by first\/db\. /);
  });

  test('refuse subnets that overlap', () => {
    const network = { subnet: '172.28.1.0/24' };

    expect(second((app) => new TradingStack(app, 'second', { engine: Engine.docker(), network }))).toThrow(
      "second: subnet '172.28.1.0/24' is already taken by first (172.28.0.0/16). Give one of the stacks another.",
    );
  });

  test('may have the same names on two engines', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(second((app) => new TradingStack(app, 'second', { engine, name: 'first' }))).not.toThrow();
  });

  test('share no secrets, whatever their engines are', () => {
    const engine = Engine.docker({ host: 'ssh://deploy@desk.example' });

    expect(second((app) => new PostgresDb(new TradingStack(app, 'second', { engine, name: 'first' }), 'db'))).toThrow(
      "second/db/password: secret '.secrets/first/db_password' is already taken by first/db/password. Give one of the " +
        'secrets another name, or one of the stacks.',
    );
  });

  test('have ids of their own, wherever in the tree they are', () => {
    const nested = (app: App): unknown =>
      new TradingStack(new Construct(app, 'eu'), 'first', { engine: Engine.docker(), name: 'eu' });

    expect(second(nested)).toThrow(
      "eu/first: stack id 'first' is already taken by first. Give one of the stacks another id, and `name` its old one.",
    );
  });
});

describe('the construct tree of a TradingStack', () => {
  test('has ids that Terraform addresses are made of', () => {
    const stack = createStack((desk) => {
      const database = new PostgresDb(desk, 'db', { databases: [{ name: 'quotes' }] });
      const cache = new RedisCache(desk, 'redis');
      new FeatureApi(desk, 'api', { image: BOT, uses: [database, cache] });
    });

    expect(Testing.renderConstructTree(stack)).toMatchSnapshot();
  });
});
