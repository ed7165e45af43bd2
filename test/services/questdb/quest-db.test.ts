import {
  type IConnectable,
  Image,
  PublishedPort,
  QuestDb,
  type QuestDbProps,
  ReverseProxy,
  Route,
  Secret,
  SecretDelivery,
  Size,
  Volume,
  Workload,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf, secretsOf, startOf, volumesOf, warningsOf } from '../fixtures';

function server(props: QuestDbProps = {}): TerraformBlock {
  return containerNamed(
    synthesizeStack((stack) => new QuestDb(stack, 'questdb', props)),
    'desk-questdb',
  );
}

function creating(props: QuestDbProps): () => unknown {
  return () => createStack((stack) => new QuestDb(stack, 'questdb', props));
}

/** The variables and secrets of a consumer. */
function consumer(uses: (questdb: QuestDb) => IConnectable[]) {
  const terraform = synthesizeStack((stack) => {
    const questdb = new QuestDb(stack, 'questdb');
    new Workload(stack, 'bot', { image: BOT, uses: uses(questdb), entrypoint: ['trade'] });
  });
  return startOf(terraform, 'desk-bot');
}

describe.each(ENGINES)('QuestDB on $engineName', ({ createEngine }) => {
  test('creates a server', () => {
    const terraform = synthesizeStack((stack) => new QuestDb(stack, 'questdb'), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('password', () => {
  test('is a file that the server reads for both protocols, and belongs to no data', () => {
    expect(environmentOf(server())).toMatchObject({
      QDB_HTTP_USER: 'admin',
      QDB_HTTP_PASSWORD_FILE: '/run/secrets/questdb_password',
      QDB_PG_USER: 'admin',
      QDB_PG_PASSWORD_FILE: '/run/secrets/questdb_password',
    });
    expect(secretsOf(server())).toEqual(['/run/secrets/questdb_password']);
    expect(new QuestDb(createStack(), 'questdb').password.boundToData).toBe(false);
  });

  test('is not required for the health check and the metrics', () => {
    expect(environmentOf(server()).QDB_HTTP_HEALTH_CHECK_AUTHENTICATION_REQUIRED).toBe('false');
  });

  test.each(['', 'desk user', 'desk;user', '-desk'])(
    'rejects the user %j, which a client would have to escape',
    (user) => {
      expect(creating({ user })).toThrowCode('invalid-name', `user cannot be '${user}'`);
    },
  );

  test('a read-only user needs a password of its own', () => {
    const settings = { 'pg.readonly.user.enabled': true };
    const build = (): TerraformBlock =>
      containerNamed(
        synthesizeStack((stack) => {
          const reader = Secret.generated(stack, 'reader');
          new QuestDb(stack, 'questdb', { settings, secrets: { QDB_PG_READONLY_PASSWORD: reader } });
        }),
        'desk-questdb',
      );

    expect(creating({ settings })).toThrowCode('missing-option', 'QDB_PG_READONLY_PASSWORD');
    expect(creating({ settings: { 'pg.readonly.user.enabled': 'TRUE' } })).toThrowCode('missing-option');
    expect(environmentOf(build())).toMatchObject({ QDB_PG_READONLY_PASSWORD_FILE: '/run/secrets/reader' });
  });
});

describe('connections', () => {
  test('a consumer of the server gets a URL for the PostgreSQL wire protocol, and waits for it', () => {
    expect(consumer((questdb) => [questdb])).toEqual({
      environment: { QUESTDB_URL_FILE: '/run/secrets/questdb_url' },
      secrets: ['/run/secrets/questdb_url'],
      after: ['docker_container.desk-questdb'],
    });
  });

  test('the parts of the URL, and a URL for HTTP', () => {
    expect(consumer((questdb) => [questdb.endpoint.parts(), questdb.httpEndpoint]).environment).toEqual({
      QUESTDB_HOST: 'questdb',
      QUESTDB_PORT: '8812',
      QUESTDB_NAME: 'qdb',
      QUESTDB_USER: 'admin',
      QUESTDB_PASSWORD_FILE: '/run/secrets/questdb_password',
      QUESTDB_HTTP_URL_FILE: '/run/secrets/questdb_http_url',
    });
  });

  test('the configuration string of its own clients, in a file or in the variable that they read', () => {
    const exported = { delivery: SecretDelivery.EXPORTED };

    expect(consumer((questdb) => [questdb.clientConfiguration()])).toEqual({
      environment: { QDB_CLIENT_CONF_FILE: '/run/secrets/questdb_client_configuration' },
      secrets: ['/run/secrets/questdb_client_configuration'],
      after: ['docker_container.desk-questdb'],
    });
    expect(consumer((questdb) => [questdb.clientConfiguration(exported)]).environment).toEqual({});
    expect(consumer((questdb) => [questdb.clientConfiguration({ variable: 'ILP' })]).environment).toEqual({
      ILP_FILE: '/run/secrets/questdb_client_configuration',
    });
  });

  test('the configuration string doubles the semicolons of a password', () => {
    createStack((stack) => {
      const questdb = new QuestDb(stack, 'questdb');
      const { secret } = questdb.clientConfiguration().connection().secrets.QDB_CLIENT_CONF ?? {};

      expect(secret !== undefined && 'compose' in secret && secret.compose({ password: 'a;b=c' })).toBe(
        'http::addr=questdb:9000;username=admin;password=a;;b=c;',
      );
    });
  });

  test('a proxy leads to its HTTP interface', () => {
    const routed = (route: (questdb: QuestDb) => Route) => () =>
      createStack((stack) => {
        new ReverseProxy(stack, 'proxy', { routes: [route(new QuestDb(stack, 'questdb'))] });
      });

    expect(routed((questdb) => Route.http('/', questdb.httpEndpoint))).not.toThrow();
    expect(routed((questdb) => Route.http('/', questdb))).toThrowCode('route-not-http', 'postgresql');
  });
});

describe('settings', () => {
  test('are variables, and override those of the construct', () => {
    const settings = { 'query.timeout': '5m', 'telemetry.enabled': true };

    expect(environmentOf(server({ settings }))).toMatchObject({
      QDB_QUERY_TIMEOUT: '5m',
      QDB_TELEMETRY_ENABLED: 'true',
      QDB_METRICS_ENABLED: 'true',
    });
  });

  test('close line protocol over TCP, which has no password, unless they open it', () => {
    const ports = [PublishedPort.loopback(9009)];

    expect(environmentOf(server()).QDB_LINE_TCP_ENABLED).toBe('false');
    expect(creating({ ports })).toThrowCode('port-not-served', '9009, but the program listens on 8812, 9000 and 9003');
    expect(creating({ ports, settings: { 'line.tcp.enabled': true } })).not.toThrow();
  });

  test.each([
    'http.bind.to',
    'http.net.bind.to',
    'http.min.bind.to',
    'pg.net.bind.to',
    'line.tcp.net.bind.to',
    'http.enabled',
    'http.min.enabled',
    'pg.enabled',
    'metrics.enabled',
    'http.health.check.authentication.required',
    'cairo.root',
    'pg.user',
    'http.password',
    'HTTP.PASSWORD',
    'cairo_root',
    'http_min.net_bind_to',
    'pg.password.file',
    'pg.readonly.password',
  ])('reject %s, which others rely on or which is a secret', (name) => {
    expect(creating({ settings: { [name]: 'other' } })).toThrowCode('reserved-setting', `settings.${name} `);
  });

  test('reject a limit of buffers above the memory limit', () => {
    const resources = { memory: Size.gibibytes(1) };

    expect(creating({ resources, settings: { 'ram.usage.limit.bytes': '2g' } })).toThrowCode('invalid-value', '1 GiB');
    expect(creating({ resources, settings: { 'ram.usage.limit.bytes': '900m' } })).not.toThrow();
  });

  test('are checked by the variable that they become, with underscores too', () => {
    expect(creating({ settings: { ram_usage_limit_bytes: '100g' } })).toThrowCode('invalid-value', '2 GiB');
    expect(creating({ settings: { pg_readonly_user_enabled: true } })).toThrowCode('missing-option');
    expect(creating({ settings: { 'query.timeout': '5m', query_timeout: '9m' } })).toThrowCode(
      'option-conflict',
      'settings.query.timeout and settings.query_timeout',
      'QDB_QUERY_TIMEOUT',
    );
    expect(
      environmentOf(server({ settings: { 'cairo.writer.fo_opts': '0', 'http.worker.haltOnError': true } })),
    ).toMatchObject({ QDB_CAIRO_WRITER_FO_OPTS: '0', QDB_HTTP_WORKER_HALTONERROR: 'true' });
  });

  test.each(['QDB_QUERY_TIMEOUT', 'QUESTDB_DATA_DIR'])('reject the variable %s', (variable) => {
    expect(creating({ environment: { [variable]: '1' } })).toThrowCode('reserved-setting', `the variable ${variable} `);
  });

  test.each(['QDB_PG_PASSWORD', 'QDB_HTTP_USER', 'JVM_PREPEND'])('reject the secret %s', (variable) => {
    const build = (): unknown =>
      createStack(
        (stack) => new QuestDb(stack, 'questdb', { secrets: { [variable]: Secret.generated(stack, 'key') } }),
      );

    expect(build).toThrowCode('reserved-setting', `the variable ${variable} `);
  });
});

describe('memory', () => {
  test('is divided between the heap and the buffers, and options of the JVM are added', () => {
    const props = { resources: { memory: Size.gibibytes(4) }, environment: { JVM_PREPEND: '-Xmx2g' } };

    expect(environmentOf(server(props))).toMatchObject({
      JVM_PREPEND: '-Xmx1024m -Djava.io.tmpdir=/var/lib/questdb/libraries -Xmx2g',
      QDB_RAM_USAGE_LIMIT_BYTES: String(2457 * 1024 ** 2),
    });
  });

  test('has to be 640 MiB or more', () => {
    expect(creating({ resources: { memory: Size.mebibytes(512) } })).toThrowCode('memory-too-small', '640 MiB');
  });
});

describe('data', () => {
  test('is in a retained volume, which can be set', () => {
    expect(volumesOf(server())).toEqual({ '/var/lib/questdb': 'desk_questdb_data' });
    expect(volumesOf(server({ volume: Volume.fromName('old') }))).toEqual({ '/var/lib/questdb': 'old' });
  });

  test('is checked before the start, and a command without the check is warned about', () => {
    const withEntrypoint = createStack((stack) => new QuestDb(stack, 'questdb', { entrypoint: ['sh'] }));

    expect(server().entrypoint).toEqual([
      '/bin/sh',
      '-c',
      expect.stringContaining('_tab_index.d'),
      'sh',
      '/docker-entrypoint.sh',
    ]);
    expect(warningsOf(withEntrypoint)).toContainEqual(expect.stringContaining('the check of its volume'));
  });
});

describe('image', () => {
  test.each(['questdb/questdb:8.2.1', 'questdb/questdb:9.3.2', 'docker.io/questdb/questdb:7'])(
    'rejects %s, which reads no passwords from files',
    (name) => {
      expect(creating({ image: Image.fromRegistry(name) })).toThrowCode('image-version-unsupported', '9.3.3');
    },
  );

  test.each([
    'questdb/questdb:9.3.3',
    'questdb/questdb:9.4',
    'questdb/questdb:10.0.1',
    'ghcr.io/mirror/questdb/questdb:9.4',
  ])('accepts %s', (name) => {
    expect(creating({ image: Image.fromRegistry(name) })).not.toThrow();
  });

  test('rejects one of unknown layout, unless its base is named', () => {
    const name = 'ghcr.io/desk/ticks:1.2';
    expect(creating({ image: Image.fromRegistry(name) })).toThrowCode('image-layout-unknown', name);
    expect(creating({ image: Image.fromRegistry(name, { baseImage: 'questdb/questdb:9.4.0' }) })).not.toThrow();
  });
});
