import { createMt5Stack } from '../../examples/mt5/stack';
import { volumesOf } from '../../test/services/fixtures';
import { met, replaced } from '../requirement';
import { secretFilesOf, textOf } from '../synthesized-system';
import { swarm, system } from './mt5-system';

/** The default timings of this library's probes. */
const PROBE_TIMES = { interval: '5s', timeout: '5s', retries: 5, start_period: '30s', start_interval: '500ms' };
/** Those of the document, but for the start period. */
const PROGRAM_TIMES = { ...PROBE_TIMES, interval: '30s', timeout: '10s', retries: 3 };
/** Those of the document, which has no start period for the servers. */
const STORE_TIMES = { ...PROBE_TIMES, interval: '10s' };

const secrets = secretFilesOf(createMt5Stack).contents;

replaced(
  'S0-14',
  'the runner is probed at /health on the port that serves it, every 30 s, with a timeout of 10 s and 3 retries',
  'a check that cannot fail shows nothing (B-01); after a start period of 5 s, the next probe would be 30 s later',
  () => {
    expect(system.probe('strategy_runner')).toContain('http://$1:9090/health');
    expect(system.probe('strategy_runner')).not.toContain('sys.exit(0)');
    expect(system.probeTimes('strategy_runner')).toEqual(PROGRAM_TIMES);
  },
);

met('S0-20', 'the runner has logs_volume at /data/logs, writable', () => {
  expect(volumesOf(system.container('strategy_runner'))).toEqual({ '/data/logs': 'mt5_logs_volume' });
  expect(swarm.swarmService('strategy_runner').task_spec.container_spec.mounts).toContainEqual(
    expect.objectContaining({ type: 'volume', source: 'mt5_logs_volume', target: '/data/logs', read_only: false }),
  );
});

replaced(
  'S0-21',
  'market data publishes prices on 5556; the runner publishes execution on 5555 and its metrics on 9090',
  'the runner receives prices and produces none (B-05)',
  () => {
    const { scrape_configs: jobs } = system.yaml('prometheus', '/etc/prometheus/prometheus.yml') as Record<
      string,
      unknown
    >;

    expect(system.ports('market_data')).toEqual(['127.0.0.1:5556:5556']);
    expect(system.ports('strategy_runner')).toEqual(['127.0.0.1:5555:5555', '127.0.0.1:9090:9090']);
    expect(system.environment('strategy_runner')).toMatchObject({ PORT: '9090', ZMQ_EXEC_PORT: '5555' });
    expect(jobs).toContainEqual({
      job_name: 'strategy_runner',
      metrics_path: '/metrics',
      static_configs: [{ targets: ['strategy-runner:9090'] }],
    });
  },
);

met('S0-22', 'the runner is restarted unless it was stopped by hand', () => {
  expect(system.container('strategy_runner').restart).toBe('unless-stopped');
});

met('S0-23', 'the runner has limits of 2 cores and 2 GiB, and reservations of 1 GiB and, on a Swarm, 1 core', () => {
  const gibibyte = 1024 ** 3;
  const memory = { memory: 2048, memory_swap: 2048, memory_reservation: 1024 };

  expect(system.container('strategy_runner')).toMatchObject({ cpu_period: 100_000, cpu_quota: 200_000, ...memory });
  expect(swarm.swarmService('strategy_runner').task_spec.resources).toEqual({
    limits: { nano_cpus: 2_000_000_000, memory_bytes: 2 * gibibyte },
    reservation: { nano_cpus: 1_000_000_000, memory_bytes: gibibyte },
  });
});

met('S0-24', 'the runner logs to json-file, with three files of 10 MB', () => {
  const options = { 'max-size': '10m', 'max-file': '3' };

  expect(system.container('strategy_runner')).toMatchObject({ log_driver: 'json-file', log_opts: options });
  expect(swarm.swarmService('strategy_runner').task_spec).toMatchObject({ log_driver: { name: 'json-file', options } });
});

replaced(
  'S0-26',
  'both URLs are in secret files, with the user and the passwords that the servers know; LOG_LEVEL is INFO',
  'PostgreSQL does not know user:password (B-02), and docker inspect shows variables',
  () => {
    expect(system.environment('feature_api')).toMatchObject({
      REDIS_URL_FILE: '/run/secrets/redis_url',
      DATABASE_URL_FILE: '/run/secrets/db_url',
      LOG_LEVEL: 'INFO',
    });

    expect(secrets.db_url).toBe(`postgresql://mt5_user:${secrets.db_password}@db:5432/mt5`);
    expect(secrets.redis_url).toBe(`redis://:${secrets.redis_password}@redis:6379`);
    expect(secrets.db_password).toMatch(/^\S{32}$/);
  },
);

met('S0-28', 'the feature API is on host port 8000, for programs on the host', () => {
  expect(system.ports('feature_api')).toEqual(['127.0.0.1:8000:8000']);
});

met('S0-29', 'the feature API starts when both servers are healthy', () => {
  expect(system.startsAfter('feature_api')).toEqual(['db', 'redis']);
  for (const name of ['db', 'redis']) {
    expect(system.container(name)).toMatchObject({ wait: true, healthcheck: { test: expect.anything() as unknown } });
  }
});

met('S0-30', 'the feature API is restarted unless it was stopped by hand', () => {
  expect(system.container('feature_api').restart).toBe('unless-stopped');
});

replaced('S0-31', 'mt5-db runs PostgreSQL 17 on Alpine', 'support for 14 ended on 2026-11-12 (B-15)', () => {
  expect(system.container('db').name).toBe('mt5-db');
  expect(system.image('db').name).toBe('postgres:17-alpine');
});

met(
  'S0-32',
  'PostgreSQL creates the user mt5_user and the database mt5, with the password from a generated file',
  () => {
    expect(system.environment('db')).toEqual({
      POSTGRES_USER: 'mt5_user',
      POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
      POSTGRES_DB: 'mt5',
    });
    expect(system.container('db').mounts).toContainEqual({
      type: 'bind',
      target: '/run/secrets/db_password',
      source: '${abspath("${path.root}/../../../.secrets/mt5/db_password")}',
      read_only: true,
    });
    expect(secrets.db_password).toMatch(/^\S{32}$/);
  },
);

met('S0-33', 'postgres_data is at /var/lib/postgresql/data; port 5432 is on the host, for programs on it', () => {
  expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_postgres_data' });
  expect(system.ports('db')).toEqual(['127.0.0.1:5432:5432']);
});

replaced(
  'S0-34',
  'pg_isready connects over TCP as mt5_user to mt5, every 10 s, with a timeout of 5 s and 5 retries',
  'without a host it finds the server of the first start, which accepts no connections over the network (B-03)',
  () => {
    expect(system.probe('db')).toBe('CMD pg_isready -q -h 127.0.0.1 -U mt5_user -d mt5');
    expect(system.probeTimes('db')).toEqual(STORE_TIMES);
  },
);

replaced(
  'S0-35',
  'mt5-redis runs redis:7-alpine with its data in a named volume and port 6379 on the host, and has a password',
  'without a password every program that reaches it can read and delete everything (B-11)',
  () => {
    expect(system.container('redis').name).toBe('mt5-redis');
    expect(system.image('redis').name).toBe('redis:7-alpine');
    expect(volumesOf(system.container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(system.ports('redis')).toEqual(['127.0.0.1:6379:6379']);

    expect(secrets['redis_auth.conf']).toContain(`requirepass "${secrets.redis_password}"`);
    expect(system.container('redis').command).toContain('/run/secrets/redis_auth.conf');
  },
);

replaced(
  'S0-36',
  'redis-cli ping with the password has to return PONG or report a failed save, every 10 s, with a timeout of 5 s and 5 retries',
  'redis-cli exits with 0 when the server returns an error, so a refused login would look healthy',
  () => {
    expect(system.probe('redis')).toMatch(
      /REDISCLI_AUTH="\$\(cat \/run\/secrets\/redis_password\)" redis-cli .*ping \| grep -qE 'PONG\|MISCONF'$/,
    );
    expect(system.probeTimes('redis')).toEqual(STORE_TIMES);
  },
);

met('S0-37', 'Redis writes changes to an append-only file', () => {
  expect((system.container('redis').command as readonly string[]).join(' ')).toMatch(
    /^redis-server .*--appendonly yes$/,
  );
});

replaced('S0-38', 'mt5-prometheus runs Prometheus 3.13.2', 'latest is a different image tomorrow (B-12)', () => {
  expect(system.container('prometheus').name).toBe('mt5-prometheus');
  expect(system.image('prometheus').name).toBe('prom/prometheus:v3.13.2');
});

replaced(
  'S0-39',
  'the configuration at the same path is generated from the stack; volume, host port 9091 and both flags are as written',
  'the document has no prometheus.yml, and Docker would mount an empty folder (B-09)',
  () => {
    const { upload, volumes, command } = system.container('prometheus');

    expect(upload).toContainEqual(
      expect.objectContaining({ file: '/etc/prometheus/prometheus.yml', permissions: '0444' }) as unknown,
    );
    expect(volumes).toMatchObject([{ container_path: '/prometheus', volume_name: 'mt5_prometheus_data' }]);
    expect(system.ports('prometheus')).toEqual(['127.0.0.1:9091:9090']);
    expect(command).toEqual(
      expect.arrayContaining(['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus']),
    );
  },
);

replaced(
  'S0-40',
  'mt5-grafana runs Grafana 12.4.9 with a generated password from a file, and without plugins',
  'pie charts are built in, and the plugin no longer works (B-13); latest is a different image tomorrow (B-12)',
  () => {
    const environment = system.environment('grafana');

    expect(system.container('grafana').name).toBe('mt5-grafana');
    expect(system.image('grafana').name).toBe('grafana/grafana:12.4.9');
    expect(environment.GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/run/secrets/grafana_admin_password');
    // Not even those that Grafana installs by itself.
    expect(Object.keys(environment).filter((name) => /PLUGIN.*INSTALL|INSTALL.*PLUGIN/.test(name))).toEqual([
      'GF_PLUGINS_PREINSTALL_DISABLED',
    ]);
    expect(secrets.grafana_admin_password).toMatch(/^\S{32}$/);
  },
);

met('S0-41', 'Grafana keeps its data in a volume, is on host port 3000, and starts after Prometheus', () => {
  expect(volumesOf(system.container('grafana'))).toEqual({ '/var/lib/grafana': 'mt5_grafana_data' });
  expect(system.ports('grafana')).toEqual(['127.0.0.1:3000:3000']);
  expect(system.startsAfter('grafana')).toEqual(['prometheus']);
});

replaced(
  'S0-46',
  'the runner itself is probed; its /health covers the prices, the database and the feature API',
  'importing a module shows nothing about the running program, and loads a second one each time (B-01)',
  () => {
    expect(system.probe('strategy_runner')).toContain('http://$1:9090/health');
    for (const [file, check] of [
      ['market-data-feed', 'market_data'],
      ['database', 'database'],
      ['feature-source', 'feature_api'],
    ]) {
      expect(textOf(`examples/reference-service/src/${file}.ts`)).toContain(`service.health.add('${check}'`);
    }
  },
);

replaced(
  'S0-48',
  'the API is probed at http://feature-api:8000/health, with the first of curl, wget, Python and Node that the image has',
  'python:slim has no curl, so the probe would always fail (B-10)',
  () => {
    const programs = ['curl', 'wget', 'python3', 'node'].map((program) =>
      system.probe('feature_api').indexOf(`command -v ${program} `),
    );

    expect(system.probe('feature_api')).toContain(
      'curl --noproxy \'*\' -fsS -o /dev/null -H "Host: $2" "http://$1:8000/health"',
    );
    expect(system.probe('feature_api')).toContain('ask "$ip" feature-api:8000 && exit');
    expect(programs).toEqual([...programs].sort((one, other) => one - other));
    expect(programs).not.toContain(-1);
    expect(system.probeTimes('feature_api')).toEqual(PROGRAM_TIMES);
  },
);
