import {
  Volume,
  Duration,
  Engine,
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
  test('creates a server, and for a consumer a token with the job that makes it', () => {
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

describe('the set-up of an InfluxDb', () => {
  test('has the stack’s name for what is not said', () => {
    expect(environmentOf(server())).toMatchObject({
      DOCKER_INFLUXDB_INIT_MODE: 'setup',
      DOCKER_INFLUXDB_INIT_USERNAME: 'admin',
      DOCKER_INFLUXDB_INIT_ORG: 'desk',
      DOCKER_INFLUXDB_INIT_BUCKET: 'desk',
    });
  });

  test('has what was said', () => {
    const props = { organization: 'trading-platform', bucket: 'market-data', user: 'operator' };

    expect(environmentOf(server(props))).toMatchObject({
      DOCKER_INFLUXDB_INIT_USERNAME: 'operator',
      DOCKER_INFLUXDB_INIT_ORG: 'trading-platform',
      DOCKER_INFLUXDB_INIT_BUCKET: 'market-data',
    });
  });

  test('takes password and token from files, which belong to the data', () => {
    const influx = new InfluxDb(createStack(), 'influxdb');

    expect(environmentOf(server())).toMatchObject({
      DOCKER_INFLUXDB_INIT_PASSWORD_FILE: '/run/secrets/influxdb_password',
      DOCKER_INFLUXDB_INIT_ADMIN_TOKEN_FILE: '/run/secrets/influxdb_operator_token',
    });
    expect([influx.password.boundToData, influx.operatorToken.boundToData]).toEqual([true, true]);
  });

  test.each([
    [{ organization: "o'brien" }, "organization cannot be 'o'brien'"],
    [{ bucket: '_monitoring' }, "the name of the bucket cannot be '_monitoring'"],
    [{ user: '' }, "user cannot be ''"],
  ])('refuses names that a shell or InfluxDB would read otherwise: %j', (props, message) => {
    expect(creating(props)).toThrow(`desk/influxdb: ${message}. Give letters, digits, and . _ - / inside.`);
  });
});

describe('the data of an InfluxDb', () => {
  test('is in two kept volumes', () => {
    expect(volumesOf(server())).toEqual({
      '/var/lib/influxdb2': 'desk_influxdb_data',
      '/etc/influxdb2': 'desk_influxdb_configuration',
    });
  });

  test('is where it was said', () => {
    const volume = Volume.fromName('old_data');
    const configurationVolume = Volume.fromName('old_configuration');

    expect(volumesOf(server({ volume, configurationVolume }))).toEqual({
      '/var/lib/influxdb2': 'old_data',
      '/etc/influxdb2': 'old_configuration',
    });
  });
});

describe('the image of an InfluxDb', () => {
  test.each(['influxdb:1.8', 'influxdb:3-core', 'docker.io/library/influxdb:3.11.2-core', 'influxdb:core'])(
    'is not %s, which has another interface',
    (name) => {
      expect(creating({ image: Image.fromRegistry(name) })).toThrow(
        `desk/influxdb: the image ${name} is not InfluxDB 2: version 1 and version 3 have other interfaces, variables ` +
          "and folders. Give an image of version 2, such as 'influxdb:2.9-alpine'; another version is a Workload.",
      );
    },
  );

  test.each(['influxdb:2', 'influxdb:2.7-alpine', 'ghcr.io/desk/points:7'])('may be %s', (name) => {
    expect(creating({ image: Image.fromRegistry(name) })).not.toThrow();
  });
});

describe('the memory of an InfluxDb', () => {
  test('is enough to start with', () => {
    expect(creating({ resources: { memory: Size.mebibytes(128) } })).toThrow(
      'desk/influxdb: the memory limit of 128 MiB is below the 256 MiB that this server needs.',
    );
  });
});

describe('the buckets of an InfluxDb', () => {
  const build = (props: InfluxDbProps) =>
    synthesizeStack((stack) => {
      new Workload(stack, 'bot', { image: BOT, uses: [new InfluxDb(stack, 'influxdb', props)] });
    });

  test('need no job where there is one, for ever', () => {
    expect(new InfluxDb(createStack(), 'influxdb').buckets).toBeUndefined();
  });

  test('are made and kept up by a job, which consumers wait for', () => {
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
  ])('that keep points for %j have shard groups as InfluxDB would choose them: of %s', (retention, shardGroup) => {
    const [line] = scriptOf(containerNamed(build({ retention }), 'desk-influxdb-buckets'))
      .trim()
      .split('\n')
      .slice(-1);

    expect(line).toMatch(new RegExp(`--shard-group-duration ${Number.parseInt(shardGroup) * 3600}s$`));
  });

  test('keep points for a duration, which is no text', () => {
    const retention = '30d' as unknown as Duration;

    expect(creating({ bucket: 'ticks', retention })).toThrow(
      /^desk\/influxdb: the retention of 'ticks' cannot be '30d'\. Give a Duration, for example Duration\./,
    );
    expect(creating({ buckets: [{ name: 'bars', retention }] })).toThrow(/the retention of 'bars' cannot be '30d'/);
  });

  test('keep points for an hour or more, which is the least that InfluxDB takes', () => {
    expect(creating({ bucket: 'ticks', retention: Duration.minutes(59) })).toThrow(
      "desk/influxdb: the retention of 'ticks' cannot be '3540 s'. Give an hour or more.",
    );
  });

  test('stand once', () => {
    expect(creating({ bucket: 'ticks', buckets: [{ name: 'ticks' }] })).toThrow(
      "desk/influxdb: the bucket 'ticks' stands twice. Leave one of them out.",
    );
  });
});

describe('who uses an InfluxDb', () => {
  test('gets address, organization, bucket and the file with a token, and waits for the job that makes it', () => {
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

  test('shares one token with all who say no more', () => {
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

  test('behind a proxy brings no token about, only the start order', () => {
    const stack = createStack((desk) => {
      new ReverseProxy(desk, 'proxy', { routes: [Route.http('/influx/', new InfluxDb(desk, 'influxdb'))] });
    });

    expect(stack.platform.workloads.map(({ spec }) => [spec.name, spec.dependsOn])).toEqual([
      ['desk-influxdb', []],
      ['desk-proxy', ['docker_container.desk-influxdb']],
    ]);
  });

  test('never gets the operator’s token', () => {
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

describe('an access of its own', () => {
  test('has the rights and the bucket that it asked for', () => {
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

  test('is read from another file when its rights change, so that the consumer starts anew', () => {
    const file = (options: { read?: boolean; write?: boolean }) =>
      new InfluxDb(createStack(), 'influxdb').token('bot', options).connection().environment.INFLUXDB_TOKEN_FILE;

    expect(file({ read: true })).toBe(file({ read: true, write: false }));
    expect(file({ read: true })).not.toBe(file({ read: true, write: true }));
  });

  test('is refused on a cluster, with what to do instead: its volume is on one node', () => {
    const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } });
    const build = () =>
      synthesizeStack((stack) => void new InfluxDb(stack, 'influxdb').token('bot', { read: true }), { engine });
    expect(build).toThrow(
      /^desk\/influxdb\/influxdb_bot: a token that InfluxDB makes .* Use accessWith\(token\), whose token you make/,
    );
  });

  test('can be given by hand there, and brings all the rest', () => {
    const engine = Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' } } });
    const terraform = synthesizeStack(
      (stack) => {
        const influx = new InfluxDb(stack, 'influxdb', { bucket: 'ticks', buckets: [{ name: 'bars' }] });
        const token = Secret.provided(stack, 'influxdb_token', { description: 'a token' });
        const bars = influx.connectWith(token, { bucket: 'bars' });
        new Workload(stack, 'bot', { image: BOT, uses: [bars] });
        expect(() => influx.connectWith(token, { bucket: 'trades' })).toThrow(
          "desk/influxdb: there is no bucket 'trades'. Name one of its buckets (ticks, bars), or add it to `buckets`.",
        );
        expect(() => influx.connectWith('t0ken' as never)).toThrow(
          /^(?!.*t0ken)desk\/influxdb: .*token must be a Secret/,
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

  test('can be one of several of a consumer', () => {
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

  test('is mounted by its consumer for reading only', () => {
    const stack = createStack((desk) => {
      const access = new InfluxDb(desk, 'influxdb').token('bot', { read: true });
      new Workload(desk, 'bot', { image: BOT, uses: [access] });
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

  test.each<[string, (influx: InfluxDb) => unknown, string]>([
    [
      'has to be for something',
      (influx) => influx.token('bot', {}),
      "desk/influxdb: the access 'bot' may do nothing. Give read or write, or both.",
    ],
    [
      'is to a bucket that is there',
      (influx) => influx.token('bot', { read: true, bucket: 'bars' }),
      "desk/influxdb: there is no bucket 'bars'. Name one of its buckets (desk), or add it to `buckets`.",
    ],
    [
      'is nobody else’s',
      (influx) => [influx.token('bot', { read: true }), influx.token('bot', { read: true })],
      "desk/influxdb: access 'bot' is already taken by another one. Give each consumer an access of its own.",
    ],
    [
      'is not the shared one',
      (influx) => influx.token('shared', { read: true }),
      "desk/influxdb: access 'shared' is already taken by those who use the server itself.",
    ],
    [
      'is not called like the job of buckets',
      (influx) => influx.token('buckets', { read: true }),
      "desk/influxdb: access 'buckets' is already taken by the job that makes buckets. Give each consumer an access",
    ],
    [
      'is not read with a text, which would be true whatever it says',
      (influx) => influx.token('bot', { read: 'false' as unknown as boolean, write: true }),
      "desk/influxdb: read of the access 'bot' cannot be 'false'. Give true or false, without quotes.",
    ],
    [
      'is not written with a number',
      (influx) => influx.token('bot', { write: 1 as unknown as boolean }),
      "desk/influxdb: write of the access 'bot' cannot be 1. Give true or false, without quotes.",
    ],
    [
      'has a name that can be a folder',
      (influx) => influx.token('../bot', { read: true }),
      "desk/influxdb: the name of the access cannot be '../bot'. Give lower-case letters, digits, _ and -.",
    ],
  ])('%s', (_what, ask, message) => {
    expect(creating({}, ask)).toThrow(message);
  });
});

describe('the metrics of an InfluxDb', () => {
  test('are its own', () => {
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
