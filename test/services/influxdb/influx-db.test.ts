import {
  Volume,
  Dependency,
  Duration,
  Engine,
  type ErrorCode,
  Image,
  InfluxDb,
  type InfluxDbProps,
  ReverseProxy,
  Route,
  Secret,
  Size,
  Workload,
} from '../../../lib';
import {
  containerNamed,
  createStack,
  ENGINES,
  serviceNamed,
  synthesizeStack,
  type TerraformBlock,
} from '../../setup/synthesize';
import { BOT, createdBy, environmentOf, secretsOf, startOf, volumesOf } from '../fixtures';

function server(props: InfluxDbProps = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new InfluxDb(stack, 'influxdb', props)),
    'desk-influxdb',
  );
}

function creating(props: InfluxDbProps, more: (influx: InfluxDb) => void = () => undefined): () => unknown {
  return () => {
    more(new InfluxDb(createStack(), 'influxdb', props));
  };
}

/** The script of a job. */
function scriptOf(container: TerraformBlock): string {
  const [file] = container.upload as readonly { readonly content: string }[];
  return file?.content ?? '';
}

describe.each(ENGINES)('InfluxDb on $engineName', ({ createEngine }) => {
  test('creates a server, and a job that issues a token for a consumer', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const influx = new InfluxDb(stack, 'influxdb', { bucket: 'market-data' });
        new Workload(stack, 'bot', { image: BOT, uses: [influx.token('bot', { read: true })] });
      },
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('setup', () => {
  test('organization and bucket default to the name of the stack', () => {
    expect(environmentOf(server())).toMatchObject({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'admin',
      DOCKER_INFLUXDB_INIT_ORG: 'desk',
      DOCKER_INFLUXDB_INIT_BUCKET: 'desk',
    });
  });

  test('organization, bucket and user can be set', () => {
    const props = { organization: 'trading-platform', bucket: 'market-data', user: 'operator' };

    expect(environmentOf(server(props))).toMatchObject({
      DOCKER_INFLUXDB_INIT_USERNAME: 'operator',
      DOCKER_INFLUXDB_INIT_ORG: 'trading-platform',
      DOCKER_INFLUXDB_INIT_BUCKET: 'market-data',
    });
  });

  test('password and operator token are files that belong to the data', () => {
    const influx = new InfluxDb(createStack(), 'influxdb');

    expect(environmentOf(server())).toMatchObject({
      DOCKER_INFLUXDB_INIT_PASSWORD_FILE: '/run/secrets/influxdb_password',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE: '/run/secrets/influxdb_operator_token',
    });
    expect([influx.password.boundToData, influx.operatorToken.boundToData]).toEqual([true, true]);
  });

  test.each([
    [{ organization: "o'brien" }, 'organization cannot be'],
    [{ bucket: '_monitoring' }, "the name of the bucket cannot be '_monitoring'"],
    [{ user: '' }, "user cannot be ''"],
  ])('rejects names that InfluxDB reserves or a shell would interpret: %j', (props, fact) => {
    expect(creating(props)).toThrowCode('invalid-name', `desk/influxdb: ${fact}`);
  });
});

describe('data', () => {
  test('data and configuration are in retained volumes', () => {
    expect(volumesOf(server())).toEqual({
      '/var/lib/influxdb2': 'desk_influxdb_data',
      '/etc/influxdb2': 'desk_influxdb_configuration',
    });
  });

  test('the volumes can be set', () => {
    const volume = Volume.fromName('old_data');
    const configurationVolume = Volume.fromName('old_configuration');

    expect(volumesOf(server({ volume, configurationVolume }))).toEqual({
      '/var/lib/influxdb2': 'old_data',
      '/etc/influxdb2': 'old_configuration',
    });
  });
});

describe('image', () => {
  test.each([
    'influxdb:1.8',
    'influxdb:3-core',
    'docker.io/library/influxdb:3.11.2-core',
    `influxdb:core@sha256:${'a'.repeat(64)}`,
  ])('rejects the image %s, which has a different API', (name) => {
    expect(creating({ image: Image.fromRegistry(name) })).toThrowCode('image-version-unsupported', name, 'InfluxDB 2');
  });

  test.each(['influxdb:2', 'influxdb:2.7-alpine', 'influxdb:2.9@sha256:' + 'a'.repeat(64)])(
    'accepts the image %s',
    (name) => {
      expect(creating({ image: Image.fromRegistry(name) })).not.toThrow();
    },
  );
});

describe('memory', () => {
  test('rejects a memory limit below 256 MiB', () => {
    expect(creating({ resources: { memory: Size.mebibytes(128) } })).toThrowCode(
      'memory-too-small',
      '128 MiB',
      '256 MiB',
    );
  });
});

describe('buckets', () => {
  const build = (props: InfluxDbProps) =>
    synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: BOT, uses: [new InfluxDb(stack, 'influxdb', props)] });
    });

  test('one bucket without retention needs no job', () => {
    expect(new InfluxDb(createStack(), 'influxdb').buckets).toBeUndefined();
  });

  test('a job creates and updates buckets, and consumers wait for it', () => {
    const terraform = build({
      bucket: 'ticks',
      retention: Duration.days(7),
      buckets: [{ name: 'bars' }, { name: 'reports', retention: Duration.hours(1) }],
    });
    const job = containerNamed(terraform, 'desk-influxdb-buckets');

    expect(scriptOf(job).trim().split('\n').slice(-3)).toEqual([
      "bucket 'ticks' --retention 604800s --shard-group-duration 86400s",
      "bucket 'bars'",
      "bucket 'reports' --retention 3600s --shard-group-duration 3600s",
    ]);
    expect(containerNamed(terraform, 'desk-influxdb-shared').depends_on).toEqual([
      'docker_container.desk-influxdb-buckets',
    ]);
  });

  test.each([
    [Duration.hours(1), '1h'],
    [Duration.hours(47), '1h'],
    [Duration.days(2), '24h'],
    [Duration.days(179), '24h'],
    [Duration.days(180), '168h'],
  ])(
    'a bucket with a retention of %j has the shard group duration that InfluxDB would choose: %s',
    (retention, shardGroup) => {
      const [line] = scriptOf(containerNamed(build({ retention }), 'desk-influxdb-buckets'))
        .trim()
        .split('\n')
        .slice(-1);

      expect(line).toMatch(new RegExp(`--shard-group-duration ${Number.parseInt(shardGroup) * 3600}s$`));
    },
  );

  test('rejects a retention below an hour, the minimum of InfluxDB', () => {
    expect(creating({ bucket: 'ticks', retention: Duration.minutes(59) })).toThrowCode(
      'invalid-value',
      "the retention of 'ticks'",
      '3540 s',
    );
  });

  test('rejects a bucket that is defined twice', () => {
    expect(creating({ bucket: 'ticks', buckets: [{ name: 'ticks' }] })).toThrowCode(
      'duplicate-name',
      "the bucket 'ticks'",
    );
  });
});

describe('shared token', () => {
  test('a consumer gets address, organization, bucket and a token file, and waits for the job that issues it', () => {
    const terraform = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: BOT, uses: [new InfluxDb(stack, 'influxdb')] });
    });

    expect(startOf(terraform, 'desk-bot')).toEqual({
      environment: {
        INFLUXDB_URL: 'http://influxdb:8086',
        INFLUXDB_ORG: 'desk',
        INFLUXDB_BUCKET: 'desk',
        INFLUXDB_TOKEN_FILE: expect.stringMatching(/^\/run\/influxdb\/shared\/token-[0-9a-f]{16}$/) as unknown,
      },
      secrets: [],
      after: ['docker_container.desk-influxdb-shared'],
    });
    expect(volumesOf(containerNamed(terraform, 'desk-bot'))).toEqual({
      '/run/influxdb/shared': 'desk_influxdb_shared_token',
    });
  });

  test('consumers of the server itself share one token', () => {
    const stack = createStack((desk) => {
      const influx = new InfluxDb(desk, 'influxdb');
      new Workload(desk, 'bot', { image: BOT, uses: [influx] });
      new Workload(desk, 'report', { image: BOT, uses: [influx] });
    });

    expect(stack.platform.workloads.map(({ spec }) => spec.name)).toEqual([
      'desk-influxdb',
      'desk-influxdb-shared',
      'desk-bot',
      'desk-report',
    ]);
  });

  test('a proxy route to the server waits for it and creates no token', () => {
    const stack = createStack((desk) => {
      new ReverseProxy(desk, 'proxy', { routes: [Route.http('/influx/', new InfluxDb(desk, 'influxdb'))] });
    });

    expect(stack.platform.workloads.map(({ spec }) => [spec.name, spec.dependsOn])).toEqual([
      ['desk-influxdb', []],
      ['desk-proxy', ['docker_container.desk-influxdb']],
    ]);
  });

  test('reading the connection creates nothing, and all consumers get the same one', () => {
    const stack = createStack();
    const influx = new InfluxDb(stack, 'influxdb');
    const before = stack.node.findAll().length;

    expect(influx.connection().environment).toEqual(influx.connection().environment);
    expect(stack.node.findAll()).toHaveLength(before);
  });

  test('an optional consumer gets the shared token without waiting for its job', () => {
    const terraform = synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: BOT, uses: [Dependency.optional(new InfluxDb(stack, 'influxdb'))] });
    });

    expect(startOf(terraform, 'desk-bot')).toMatchObject({ after: [] });
    expect(containerNamed(terraform, 'desk-influxdb-shared')).toMatchObject({ must_run: false });
  });

  test('no consumer gets the operator token', () => {
    const terraform = synthesizeStack((stack) => {
      const influx = new InfluxDb(stack, 'influxdb');
      new Workload(stack, 'bot', { image: BOT, uses: [influx, influx.endpoint.url({ variable: 'API' })] });
    });

    expect(secretsOf(containerNamed(terraform, 'desk-bot'))).toEqual([]);
    expect(secretsOf(containerNamed(terraform, 'desk-influxdb-shared'))).toEqual([
      '/run/secrets/influxdb_operator_token',
    ]);
  });
});

describe('token', () => {
  test('a token has the requested permissions and bucket', () => {
    const terraform = synthesizeStack((stack) => {
      const influx = new InfluxDb(stack, 'influxdb', { buckets: [{ name: 'bars' }] });
      influx.token('feed', { write: true });
      influx.token('report', { read: true, write: true, bucket: 'bars' });
    });
    const jobs = ['feed', 'report'].map((name) => environmentOf(containerNamed(terraform, `desk-influxdb-${name}`)));

    expect(jobs).toMatchObject([
      { RIGHTS: 'write', BUCKET: 'desk', DESCRIPTION: expect.stringMatching(/^desk: feed /) as unknown },
      { RIGHTS: 'read write', BUCKET: 'bars', DESCRIPTION: expect.stringMatching(/^desk: report /) as unknown },
    ]);
  });

  test('changed permissions change the token file, so that the consumer restarts', () => {
    const file = (options: { read?: boolean; write?: boolean }) =>
      new InfluxDb(createStack(), 'influxdb').token('bot', options).connection().environment.INFLUXDB_TOKEN_FILE;

    expect(file({ read: true })).toBe(file({ read: true, write: false }));
    expect(file({ read: true })).not.toBe(file({ read: true, write: true }));
  });

  test('rejects tokens on a Swarm of several nodes and suggests connectWith', () => {
    const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } });
    const build = () =>
      synthesizeStack((stack) => void new InfluxDb(stack, 'influxdb').token('bot', { read: true }), { engine });
    expect(build).toThrowCode('unsupported-by-engine', 'desk/influxdb: ', "'bot'", 'influx.connectWith(token)');
  });

  test('connectWith gives a consumer a token that was created by hand', () => {
    const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } });
    const terraform = synthesizeStack(
      (stack) => {
        const influx = new InfluxDb(stack, 'influxdb', { bucket: 'ticks', buckets: [{ name: 'bars' }] });
        const token = Secret.provided(stack, 'influxdb_token', { description: 'a token' });
        const bars = influx.connectWith(token, { bucket: 'bars' });
        new Workload(stack, 'bot', { image: BOT, uses: [bars] });
        expect(() => influx.connectWith(token, { bucket: 'trades' })).toThrowCode(
          'unknown-reference',
          "'trades'",
          'ticks, bars',
        );
        expect(() => influx.connectWith('t0ken' as never)).toThrowCode(
          'wrong-type',
          /^(?!.*t0ken)desk\/influxdb\.connectWith/,
        );
      },
      { engine },
    );
    expect(serviceNamed(terraform, 'desk-bot')).toMatchObject({
      task_spec: {
        container_spec: {
          env: {
            INFLUXDB_URL: 'http://influxdb:8086',
            INFLUXDB_ORG: 'desk',
            INFLUXDB_BUCKET: 'bars',
            INFLUXDB_TOKEN_FILE: '/run/secrets/influxdb_token',
          },
        },
      },
      depends_on: ['docker_container.desk-influxdb-buckets'],
    });
  });

  test('a consumer can use several tokens', () => {
    const terraform = synthesizeStack((stack) => {
      const influx = new InfluxDb(stack, 'influxdb', { buckets: [{ name: 'bars' }] });
      const ticks = influx.token('ticks', { read: true });
      const bars = influx.token('bars', { write: true, bucket: 'bars', envPrefix: 'BARS' });
      new Workload(stack, 'bot', { image: BOT, uses: [ticks, bars, bars] });
    });
    const bot = containerNamed(terraform, 'desk-bot');

    expect(environmentOf(bot)).toMatchObject({ INFLUXDB_BUCKET: 'desk', BARS_BUCKET: 'bars' });
    expect(Object.keys(volumesOf(bot))).toEqual(['/run/influxdb/ticks', '/run/influxdb/bars']);
  });

  test('a consumer mounts its token read-only', () => {
    const stack = createStack((desk) => {
      const token = new InfluxDb(desk, 'influxdb').token('bot', { read: true });
      new Workload(desk, 'bot', { image: BOT, uses: [token] });
    });
    const mounts = stack.platform.workloads.flatMap(({ spec }) =>
      spec.volumes
        .filter(({ volume }) => volume === 'desk_influxdb_bot_token')
        .map(({ path, readOnly }) => [spec.name, path, readOnly]),
    );

    expect(mounts).toEqual([
      ['desk-influxdb-bot', '/home/influxdb', false],
      ['desk-bot', '/run/influxdb/bot', true],
    ]);
  });

  test.each<[string, (influx: InfluxDb) => unknown, ErrorCode, string]>([
    ['without a permission', (influx) => influx.token('bot', {}), 'missing-option', "the token 'bot'"],
    [
      'for an undeclared bucket',
      (influx) => influx.token('bot', { read: true, bucket: 'bars' }),
      'unknown-reference',
      "'bars'",
    ],
    [
      'whose name is taken by another one',
      (influx) => [influx.token('bot', { read: true }), influx.token('bot', { read: true })],
      'duplicate-name',
      "token 'bot'",
    ],
    [
      'with the name of the shared one',
      (influx) => influx.token('shared', { read: true }),
      'duplicate-name',
      'consumers that use the server itself',
    ],
    [
      'with the name of the job for buckets',
      (influx) => influx.token('buckets', { read: true }),
      'duplicate-name',
      'the job that creates buckets',
    ],
    ['whose name cannot be a folder', (influx) => influx.token('../bot', { read: true }), 'invalid-name', "'../bot'"],
  ])('rejects a token %s', (_what, ask, code, fact) => {
    expect(creating({}, ask)).toThrowCode(code, 'desk/influxdb: ', fact);
  });
});

describe('metrics', () => {
  test('the server serves its metrics itself', () => {
    const { metrics } = new InfluxDb(createStack(), 'influxdb');

    expect(metrics).toMatchObject({
      job: 'influxdb',
      target: { kind: 'endpoint', host: 'influxdb', port: 8086, path: '/metrics' },
    });
    expect(metrics.panels.map(({ title }) => title)).toEqual([
      'Points written',
      'Points refused',
      'Queries',
      'Series',
      'Memory',
    ]);
  });
});
