import { Volume, Image, RabbitMqBroker, type RabbitMqBrokerProps, Size, Workload } from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf, secretsOf, startOf, volumesOf, warningsOf } from '../fixtures';

/** The container of a broker with these properties. */
function broker(props: RabbitMqBrokerProps = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', props)),
    'desk-rabbitmq',
  );
}

function creating(props: RabbitMqBrokerProps): () => unknown {
  return () => createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', props));
}

function file(path: string, container: TerraformBlock): string | undefined {
  const files = container.upload as readonly { readonly file: string; readonly content: string }[];
  return files.find((one) => one.file === path)?.content;
}

/** The lines of the settings file, by name of the setting. */
function settings(container: TerraformBlock): Record<string, string> {
  const lines = file('/etc/rabbitmq/conf.d/90-stack.conf', container)?.trim().split('\n') ?? [];
  return Object.fromEntries(lines.map((line) => line.split(' = ') as [string, string]));
}

describe.each(ENGINES)('RabbitMqBroker on $engineName', ({ createEngine }) => {
  test('creates one server with its users in a secret', () => {
    const terraform = synthesizeStack((stack) => new RabbitMqBroker(stack, 'rabbitmq'), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('data', () => {
  test('the data is in a retained volume, under a host name that does not depend on the id', () => {
    const terraform = synthesizeStack((stack) => new RabbitMqBroker(stack, 'events', { aliases: ['mq'] }));
    const container = containerNamed(terraform, 'desk-events');

    expect(container.hostname).toBe('rabbitmq');
    expect(volumesOf(container)).toEqual({ '/var/lib/rabbitmq': 'desk_events_data' });
  });

  test('rejects another host name, under which the broker would start without its data', () => {
    expect(creating({ hostname: 'mq' })).toThrowCode('reserved-setting', "hostname 'mq'", 'Remove it');
    const shared = (): unknown =>
      createStack((stack) => {
        const networkMode = new Workload(stack, 'vpn', { image: Image.fromRegistry('vpn:1') });
        new RabbitMqBroker(stack, 'rabbitmq', { networkMode });
      });
    expect(shared).toThrowCode('option-conflict', 'desk/rabbitmq', 'networkMode', 'Remove it');
  });

  test('two brokers cannot share a volume', () => {
    const volume = Volume.retained('events');

    expect(() =>
      createStack((stack) => {
        new RabbitMqBroker(stack, 'rabbitmq', { volume });
        new RabbitMqBroker(stack, 'second', { volume });
      }),
    ).toThrowCode('volume-taken', 'desk/second: ', "'desk_events'");
  });
});

describe('limits', () => {
  test.each([
    [512, { watermark: 307, disk: 512, log: 64 }],
    [1024, { watermark: 614, disk: 1024, log: 128 }],
    [8192, { watermark: 4915, disk: 8192, log: 512 }],
  ])('watermark, disk limit and write-ahead log follow from %d MiB: %j', (memory, { watermark, disk, log }) => {
    const found = settings(broker({ resources: { memory: Size.mebibytes(memory) } }));

    expect(found).toMatchObject({
      'vm_memory_high_watermark.absolute': String(watermark * 1024 ** 2),
      'disk_free_limit.absolute': String(disk * 1024 ** 2),
      'raft.wal_max_size_bytes': String(log * 1024 ** 2),
    });
  });

  test('rejects a memory limit below 512 MiB', () => {
    expect(creating({ resources: { memory: Size.mebibytes(511) } })).toThrowCode(
      'memory-too-small',
      '511 MiB',
      '512 MiB',
    );
  });

  test('a setting from the user replaces the derived one', () => {
    const container = broker({ settings: { 'disk_free_limit.absolute': '5GB', consumer_timeout: 900_000 } });

    expect(settings(container)).toMatchObject({ 'disk_free_limit.absolute': '5GB', consumer_timeout: '900000' });
    expect(file('/etc/rabbitmq/conf.d/90-stack.conf', container)?.match(/disk_free_limit/g)).toHaveLength(1);
  });
});

describe('a setting that RabbitMQ would read only in part', () => {
  const written = (value: string): string | undefined =>
    file('/etc/rabbitmq/conf.d/90-stack.conf', broker({ settings: { note: value } }))?.match(/^note = .*$/m)?.[0];

  test.each([
    ['a#b', "note = 'a#b'"],
    [' a ', "note = ' a '"],
    ['', "note = ''"],
    ["it's", "note = it's"],
    ['a b', 'note = a b'],
  ])('the value %j is written as %s', (value, line) => {
    expect(written(value)).toBe(line);
  });

  test.each(["'a'", "'", "it's #1", " it's"])('the value %j, whose quotes would end it, is refused', (value) => {
    expect(() => written(value)).toThrowCode('invalid-value', 'desk/rabbitmq: settings.note', 'does not start with');
  });
});

describe('health check', () => {
  test('the health check connects to the port that opens last, without starting an Erlang VM', () => {
    expect(broker().healthcheck).toMatchObject({
      test: ['CMD', 'bash', '-c', '</dev/tcp/127.0.0.1/5672'],
      interval: '10s',
      start_period: '1m0s',
    });
  });
});

describe('management', () => {
  test('management is enabled in addition to metrics', () => {
    const container = broker();

    expect(file('/etc/rabbitmq/enabled_plugins', container)).toBe('[rabbitmq_prometheus,rabbitmq_management].\n');
    expect(settings(container)).toMatchObject({ 'management_agent.disable_metrics_collector': 'false' });
  });

  test('managementEndpoint gives a consumer the password of the first user', () => {
    const terraform = synthesizeStack((stack) => {
      const { managementEndpoint } = new RabbitMqBroker(stack, 'rabbitmq');
      new Workload(stack, 'bot', { image: BOT, uses: [managementEndpoint.parts()] });
    });

    expect(startOf(terraform, 'desk-bot')).toEqual({
      environment: {
        RABBITMQ_MANAGEMENT_HOST: 'rabbitmq',
        RABBITMQ_MANAGEMENT_PORT: '15672',
        RABBITMQ_MANAGEMENT_USER: 'admin',
        RABBITMQ_MANAGEMENT_PASSWORD_FILE: '/run/secrets/rabbitmq_password',
      },
      secrets: ['/run/secrets/rabbitmq_password'],
      after: ['docker_container.desk-rabbitmq'],
    });
  });

  test('management: false removes the plugin and its settings, which RabbitMQ would reject', () => {
    const container = broker({ management: false });

    expect(file('/etc/rabbitmq/enabled_plugins', container)).toBe('[rabbitmq_prometheus].\n');
    expect(Object.keys(settings(container)).filter((name) => name.startsWith('management'))).toEqual([]);
    expect(() =>
      createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', { management: false }).managementEndpoint),
    ).toThrowCode('option-conflict', 'Remove `management: false`');
  });
});

describe('consumers', () => {
  test('a consumer gets a URL as the first user and waits for the broker', () => {
    const terraform = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: BOT, uses: [new RabbitMqBroker(stack, 'rabbitmq')] });
    });

    expect(startOf(terraform, 'desk-bot')).toEqual({
      environment: { RABBITMQ_URL_FILE: '/run/secrets/rabbitmq_url' },
      secrets: ['/run/secrets/rabbitmq_url'],
      after: ['docker_container.desk-rabbitmq'],
    });
  });

  test('a consumer can have a user and a password of its own', () => {
    const terraform = synthesizeStack((stack) => {
      const rabbit = new RabbitMqBroker(stack, 'rabbitmq');
      new Workload(stack, 'bot', { image: BOT, uses: [rabbit.user('risk', { read: '^orders$' }).parts()] });
    });

    expect(startOf(terraform, 'desk-bot')).toMatchObject({
      environment: {
        RABBITMQ_HOST: 'rabbitmq',
        RABBITMQ_NAME: '/',
        RABBITMQ_USER: 'risk',
        RABBITMQ_PASSWORD_FILE: '/run/secrets/rabbitmq_risk_password',
      },
    });
  });
});

describe('passwords', () => {
  test('passwords are in no variable and in no file that a plan shows', () => {
    const container = broker();

    expect(environmentOf(container)).toEqual({});
    expect(secretsOf(container)).toEqual(['/run/secrets/rabbitmq_users.json']);
    expect(settings(container)).toMatchObject({ load_definitions: '/run/secrets/rabbitmq_users.json' });
  });
});

describe('metrics', () => {
  test('the broker serves its metrics on the port of its plugin', () => {
    const { metrics } = new RabbitMqBroker(createStack(), 'rabbitmq');

    expect(metrics).toMatchObject({
      job: 'rabbitmq',
      target: { kind: 'endpoint', host: 'rabbitmq', port: 15692, path: '/metrics' },
    });
  });

  test('the panels query the metrics that the plugin serves', () => {
    const { panels } = new RabbitMqBroker(createStack(), 'rabbitmq').metrics;

    expect(Object.fromEntries(panels.map(({ title, query }) => [title, query]))).toMatchSnapshot();
  });
});

describe('image', () => {
  test('warns about an image that gets no more fixes', () => {
    const build = { image: Image.fromRegistry('rabbitmq:3.12-management') };
    const warnings = warningsOf(createStack((stack) => new RabbitMqBroker(stack, 'rabbitmq', build)));

    expect(warnings).toEqual([expect.stringContaining('rabbitmq:3.12-management')]);
  });
});

test('queues that are given as names are shown as they are declared', () => {
  const queues = ['orders'] as unknown as RabbitMqBrokerProps['queues'] & object;
  expect(creating({ queues })).toThrowCode('wrong-type', "Use `queues: [{ name: 'orders' }]`");
});
