import {
  AppService,
  Duration,
  Engine,
  PublishedPort,
  HealthCheck,
  Image,
  Job,
  Dependency,
  Placement,
  PostgresDb,
  RedisCache,
  RestartPolicy,
  Secret,
  Size,
  TradingStack,
  UpdatePolicy,
  Workload,
  type WorkloadProps,
} from '../../lib';
import { createApp, createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** A value as plain JavaScript gives it, which no type stands in the way of. */
function untyped(value: unknown): never {
  return value as never;
}

const CONSTRUCTS = [
  ['Workload', (props: WorkloadProps) => new Workload(createStack(), 'bot', props)],
  ['AppService', (props: WorkloadProps) => new AppService(createStack(), 'bot', props)],
  ['PostgresDb', (props: WorkloadProps) => new PostgresDb(createStack(), 'bot', props)],
  ['RedisCache', (props: WorkloadProps) => new RedisCache(createStack(), 'bot', props)],
] as const;

describe.each(CONSTRUCTS)('a %s', (_name, create) => {
  const creating = (props: object) => () => create(untyped({ image, majorVersion: 17, ...props }));

  test('that uses what is created further down is told to be created after it', () => {
    expect(creating({ uses: [createStackWithBot(), undefined] })).toThrow(
      'desk/bot: uses[1] is undefined. Create what it uses before it: a variable has no value before its line was run.',
    );
  });

  test.each(['db', { host: 'db' }, null])('that uses %j is told what can be used', (used) => {
    expect(creating({ uses: [used] })).toThrow(/^desk\/bot: uses\[0\] .*\. (Create what|Give a service, a job)/);
  });

  test('with a text for an image is told how to make one of it', () => {
    expect(creating({ image: 'postgres:17' })).toThrow(
      "desk/bot: image cannot be 'postgres:17'. Give Image.fromRegistry('postgres:17').",
    );
  });

  test.each([
    [{ memory: '512m' }, "resources.memory cannot be '512m'. Give a Size, for example Size.mebibytes(512)."],
    [{ memory: 512 }, 'resources.memory cannot be 512. Give a Size, for example Size.mebibytes(512).'],
    [{ cpus: 2 }, 'resources.cpus cannot be 2. Give a Cpu, for example Cpu.cores(0.5).'],
    [{ cpus: '0.5' }, "resources.cpus cannot be '0.5'. Give a Cpu, for example Cpu.cores(0.5)."],
    [{ shmSize: '1g' }, "resources.shmSize cannot be '1g'. Give a Size"],
    [{ memoryReservation: '1g' }, "resources.memoryReservation cannot be '1g'. Give a Size"],
  ])('with the limits %j is told how they are written', (resources, message) => {
    expect(creating({ resources })).toThrow(`desk/bot: ${message}`);
  });

  test.each([
    ['command', 'python3 -m bot', "cannot be 'python3 -m bot'. Give a list: ['python3', '-m', 'bot']."],
    ['entrypoint', '/app/start', "cannot be '/app/start'. Give a list: ['/app/start']."],
    ['aliases', 'robot', "cannot be 'robot'. Give a list: ['robot']."],
    ['capabilities', 'NET_RAW', "cannot be 'NET_RAW'. Give a list: ['NET_RAW']."],
    ['uses', createStackWithBot(), 'cannot be desk/other. Give a list, in [ ].'],
    ['ports', PublishedPort.loopback(8000), 'cannot be [PublishedPort]. Give a list, in [ ].'],
    ['placement', Placement.manager(), 'cannot be [Placement]. Give a list, in [ ].'],
  ])('with one thing for the list %s is told to give a list', (option, value, message) => {
    expect(creating({ [option]: value })).toThrow(`desk/bot: ${option} ${message}`);
  });

  test.each(['command', 'entrypoint'])('is told of a word of the %s that has no value', (option) => {
    expect(creating({ [option]: ['bot', process.env.A_VARIABLE_THAT_IS_NOT_SET] })).toThrow(
      `desk/bot: ${option}[1] cannot be undefined. Give a text.`,
    );
  });

  test.each([undefined, null, NaN, { a: 1 }, ['a']])('is told of a variable that is %p', (value) => {
    expect(creating({ environment: { LEVEL: 'info', RATE: value } })).toThrow(
      /^desk\/bot: the environment variable RATE, set by `environment`, cannot be .*\. Give a text, a number, true or false/,
    );
  });

  test.each([undefined, null, 'hunter2', {}])('is told of a secret that is %j', (value) => {
    expect(creating({ secrets: { KEY: value } })).toThrow(
      /^desk\/bot: the secret for KEY, set by `secrets`, is no Secret.*\. Give a Secret, for example Secret\.provided/,
    );
  });
});

test('the text that was given for a secret is in no message', () => {
  const props = untyped({ image, secrets: { KEY: 'hunter2' } });
  expect(() => new Workload(createStack(), 'bot', props)).toThrow(
    /^(?!.*hunter2).*is no Secret, but of the type string\./,
  );
});

function createStackWithBot(): Workload {
  return new Workload(createStack(), 'other', { image });
}

test.each([Workload, AppService])('a service without an image is told to have one', (Service) => {
  expect(() => new Service(createStack(), 'bot', untyped({}))).toThrow(
    "desk/bot: image cannot be undefined. Give an Image, for example Image.fromRegistry('redis:7.4-alpine').",
  );
});

test('a Redis with a text for its memory is told how it is written', () => {
  expect(() => new RedisCache(createStack(), 'redis', { maxMemory: untyped('100mb') })).toThrow(
    "desk/redis: maxMemory cannot be '100mb'. Give a Size, for example Size.mebibytes(512).",
  );
});

test('nothing is optional before it is created', () => {
  expect(() => Dependency.optional(untyped(undefined))).toThrow(
    'Dependency.optional: what is used is undefined. Create what it uses',
  );
});

test.each([{}, { engine: 'docker' }, { engine: () => Engine.docker() }, undefined])(
  'a stack with the properties %j is told to have an engine',
  (props) => {
    expect(() => new TradingStack(createApp(), 'desk', untyped(props))).toThrow(
      /^desk: engine cannot be .*\. Give Engine\.docker\(\) or Engine\.swarm\(\)\.$/,
    );
  },
);

test.each([
  { restartPolicy: RestartPolicy.always() },
  { startTimeout: Duration.minutes(1) },
  { ports: [] },
  { healthCheck: HealthCheck.tcp(8000) },
  { replicas: 1 },
  { placement: [] },
  { updatePolicy: UpdatePolicy.stopFirst() },
])('a job with what only a service can have is told so: %p', (option) => {
  const [name = ''] = Object.keys(option);
  expect(() => new Job(createStack(), 'migrate', untyped({ image, ...option }))).toThrow(
    `desk/migrate: a job runs once and is done when it exits with 0, so it takes no ${name}. Leave it out.`,
  );
});

test('a job with several of them is told of all', () => {
  const props = untyped({ image, replicas: 2, healthCheck: HealthCheck.tcp(8000) });
  expect(() => new Job(createStack(), 'migrate', props)).toThrow(
    'so it takes no healthCheck, replicas. Leave them out.',
  );
});

test.each(['shel', undefined, null, 'FILE'])('a secret that is delivered as %j is told of: it would be lost', (how) => {
  const props = (stack: TradingStack): WorkloadProps => {
    const secret = Secret.generated(stack, 'key');
    return { image, command: ['bot'], secrets: { API_KEY: secret.deliveredAs(untyped(how)) } };
  };
  const stack = createStack();
  expect(() => new Workload(stack, 'bot', props(stack))).toThrow(
    /^desk\/bot: the delivery of the secret for API_KEY, set by `secrets`, cannot be .*\. Give SecretDelivery\.FILE,/,
  );
});

test('so is one of a connection', () => {
  const stack = createStack();
  const database = new PostgresDb(stack, 'db', { majorVersion: 17 });
  const uses = [database.endpoint.url({ delivery: untyped('shel') })];
  expect(() => new Workload(stack, 'bot', { image, uses })).toThrow(
    "desk/bot: the delivery of the secret for DATABASE_URL, set by desk/db, cannot be 'shel'. Give SecretDelivery.FILE,",
  );
});

test('a value of another library is none of its own, whatever its class is called there', () => {
  const luxon = {
    Duration: class Duration {
      readonly seconds = 30;
    },
  };
  const stopGracePeriod: never = untyped(new luxon.Duration());
  expect(() => new Workload(createStack(), 'bot', { image, stopGracePeriod })).toThrow(
    'desk/bot: stopGracePeriod cannot be [Duration]. Give a Duration, for example Duration.seconds(30).',
  );
});

test('a deploy that waits for nothing is refused: it would fail while the container starts', () => {
  const startTimeout = Duration.seconds(0);
  expect(() => new Workload(createStack(), 'bot', { image, startTimeout })).toThrow(
    /^desk\/bot: startTimeout cannot be 'zero'\. Give the time/,
  );
});

test('values of another copy of the library are as good as its own', () => {
  jest.isolateModules(() => {
    const other = jest.requireActual<typeof import('../../lib')>('../../lib');
    expect(other.Size).not.toBe(Size);
    const image = other.Image.fromRegistry('node:24-slim');
    const resources = {
      memory: other.Size.gibibytes(1),
      memoryReservation: Size.mebibytes(512),
      cpus: other.Cpu.cores(2),
    };
    const { platform } = createStack((stack) => new Workload(stack, 'bot', { image, resources }));
    expect(platform.workloads[0]?.spec).toMatchObject({
      image: { name: 'node:24-slim' },
      resources: { memoryBytes: 1024 ** 3, cpuMillis: 2000 },
    });
  });
});
