import { createMt5Stack } from '../../examples/mt5/stack';
import { volumesOf } from '../../test/services/fixtures';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, secretFilesOf, textOf } from '../synthesized-system';
import { createDeskStack, writeDesk } from './mt5-desk';
import { swarm, system } from './mt5-system';

const project = TemporaryProject.forEveryTest();

/** When a probe of this library asks, unless something else is said. */
const PROBE_TIMES = { interval: '5s', timeout: '5s', retries: 5, start_period: '30s' };

const secrets = secretFilesOf(createMt5Stack).contents;

replaced(
  'S0-14',
  'the runner is asked for /health on the port where it serves it, and the times can be those of the document',
  'a check that cannot fail says nothing (B-01); half a minute between two is long, so five seconds are the default',
  () => {
    expect(system.probe('strategy_runner')).toContain('http://127.0.0.1:9090/health');
    expect(system.probe('strategy_runner')).not.toContain('sys.exit(0)');
    expect(system.probeTimes('strategy_runner')).toEqual(PROBE_TIMES);

    writeDesk(project);
    expect(new SynthesizedSystem(createDeskStack()).probeTimes('strategy_runner')).toEqual({
      ...{ interval: '30s', timeout: '10s', retries: 3, start_period: '5s' },
    });
  },
);

met('S0-20', 'the runner has logs_volume at /data/logs, to write there', () => {
  expect(volumesOf(system.container('strategy_runner'))).toEqual({ '/data/logs': 'mt5_logs_volume' });
  expect(swarm.swarmService('strategy_runner').task_spec.container_spec.mounts).toContainEqual(
    expect.objectContaining({ type: 'volume', source: 'mt5_logs_volume', target: '/data/logs', read_only: false }),
  );
});

replaced(
  'S0-21',
  'prices are published on 5556 by who makes them, execution on 5555 by the runner; Prometheus scrapes 9090 inside',
  'the runner listens to prices and makes none (B-05), and 9090 of the host is Prometheus of another system (B-04)',
  () => {
    const { scrape_configs: jobs } = system.yaml('prometheus', '/etc/prometheus/prometheus.yml') as Record<
      string,
      unknown
    >;

    expect(system.ports('market_data')).toEqual(['127.0.0.1:5556:5556']);
    expect(system.ports('strategy_runner')).toEqual(['127.0.0.1:5555:5555']);
    expect(system.environment('strategy_runner')).toMatchObject({ PORT: '9090', ZMQ_EXEC_PORT: '5555' });
    expect(jobs).toContainEqual({
      job_name: 'strategy_runner',
      metrics_path: '/metrics',
      static_configs: [{ targets: ['strategy_runner:9090'] }],
    });
  },
);

met('S0-22', 'the runner is restarted unless somebody stopped it', () => {
  expect(system.container('strategy_runner').restart).toBe('unless-stopped');
});

met('S0-23', 'the runner has two cores and 2 GiB, 1 GiB reserved, and on a Swarm one core reserved too', () => {
  const gibibyte = 1024 ** 3;
  const memory = { memory: 2048, memory_swap: 2048, memory_reservation: 1024 };

  expect(system.container('strategy_runner')).toMatchObject({ cpu_period: 100_000, cpu_quota: 200_000, ...memory });
  expect(swarm.swarmService('strategy_runner').task_spec.resources).toEqual({
    limits: { nano_cpus: 2_000_000_000, memory_bytes: 2 * gibibyte },
    reservation: { nano_cpus: 1_000_000_000, memory_bytes: gibibyte },
  });
});

met('S0-24', 'the runner logs to json-file, three files of 10 MB', () => {
  const options = { 'max-size': '10m', 'max-file': '3' };

  expect(system.container('strategy_runner')).toMatchObject({ log_driver: 'json-file', log_opts: options });
  expect(swarm.swarmService('strategy_runner').task_spec).toMatchObject({ log_driver: { name: 'json-file', options } });
});

replaced(
  'S0-26',
  'both URLs are in secret files, with the user and password that the servers know; LOG_LEVEL is INFO',
  'user:password is not who PostgreSQL knows (B-02), and variables are shown by docker inspect',
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

met('S0-28', 'the feature API is on port 8000 of the host, for programs on the host', () => {
  expect(system.ports('feature_api')).toEqual(['127.0.0.1:8000:8000']);
});

met('S0-29', 'the feature API starts when both servers have been found healthy', () => {
  expect(system.startsAfter('feature_api')).toEqual(['db', 'redis']);
  for (const name of ['db', 'redis']) {
    expect(system.container(name)).toMatchObject({ wait: true, healthcheck: { test: expect.anything() as unknown } });
  }
});

met('S0-30', 'the feature API is restarted unless somebody stopped it', () => {
  expect(system.container('feature_api').restart).toBe('unless-stopped');
});

replaced('S0-31', 'mt5-db runs PostgreSQL 17 on Alpine', 'support of 14 ended on 2026-11-12 (B-15)', () => {
  expect(system.container('db').name).toBe('mt5-db');
  expect(system.image('db').name).toBe('postgres:17-alpine');
});

met('S0-32', 'PostgreSQL makes the user mt5_user and the database mt5, with the password of a generated file', () => {
  expect(system.environment('db')).toEqual({
    POSTGRES_USER: 'mt5_user',
    POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
    POSTGRES_DB: 'mt5',
  });
  expect(system.container('db').volumes).toContainEqual({
    container_path: '/run/secrets/db_password',
    host_path: '${abspath("${path.root}/../../../.secrets/mt5/db_password")}',
    read_only: true,
  });
  expect(secrets.db_password).toMatch(/^\S{32}$/);
});

replaced(
  'S0-33',
  'postgres_data is at /var/lib/postgresql/data; port 5432 is for the network alone',
  'Docker’s ports pass by the firewall of the host (B-11)',
  () => {
    expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_postgres_data' });
    expect(system.ports('db')).toEqual([]);
  },
);

replaced(
  'S0-34',
  'pg_isready asks over TCP, as mt5_user for mt5, every 5 s with 5 s to answer and 5 tries',
  'without a host it finds the server of the first start, which takes no connections (B-03)',
  () => {
    expect(system.probe('db')).toBe('CMD pg_isready -q -h 127.0.0.1 -U mt5_user -d mt5');
    expect(system.probeTimes('db')).toEqual(PROBE_TIMES);
  },
);

replaced(
  'S0-35',
  'mt5-redis runs Redis 7.4 on Alpine with its data in a named volume; port 6379 is for the network alone',
  'it has to have a password, and to be out of reach from outside (B-11)',
  () => {
    expect(system.container('redis').name).toBe('mt5-redis');
    expect(system.image('redis').name).toBe('redis:7.4-alpine');
    expect(volumesOf(system.container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(system.ports('redis')).toEqual([]);

    expect(secrets['redis_auth.conf']).toContain(`requirepass "${secrets.redis_password}"`);
    expect(system.container('redis').command).toContain('/run/secrets/redis_auth.conf');
  },
);

replaced(
  'S0-36',
  'redis-cli ping with the password has to be answered by PONG, every 5 s with 5 s to answer and 5 tries',
  'redis-cli ends with 0 when the server answers an error, so a refused log-in would look healthy',
  () => {
    expect(system.probe('redis')).toMatch(
      /REDISCLI_AUTH="\$\(cat \/run\/secrets\/redis_password\)" redis-cli .*ping \| grep -q PONG$/,
    );
    expect(system.probeTimes('redis')).toEqual(PROBE_TIMES);
  },
);

met('S0-37', 'Redis writes what changes to a file', () => {
  expect((system.container('redis').command as readonly string[]).join(' ')).toMatch(
    /^redis-server .*--appendonly yes$/,
  );
});

replaced('S0-38', 'mt5-prometheus runs Prometheus 3.13.2', 'latest is another image tomorrow (B-12)', () => {
  expect(system.container('prometheus').name).toBe('mt5-prometheus');
  expect(system.image('prometheus').name).toBe('prom/prometheus:v3.13.2');
});

replaced(
  'S0-39',
  'a configuration made of the stack is at the same path; volume, port 9091 of the host and both flags are as written',
  'the document has no prometheus.yml, and Docker would mount an empty folder (B-09)',
  () => {
    const { upload, volumes, command } = system.container('prometheus');

    expect(upload).toEqual([expect.objectContaining({ file: '/etc/prometheus/prometheus.yml', permissions: '0444' })]);
    expect(volumes).toMatchObject([{ container_path: '/prometheus', volume_name: 'mt5_prometheus_data' }]);
    expect(system.ports('prometheus')).toEqual(['127.0.0.1:9091:9090']);
    expect(command).toEqual(
      expect.arrayContaining(['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/prometheus']),
    );
  },
);

replaced(
  'S0-40',
  'mt5-grafana runs Grafana 12.4.9 with a generated password from a file, and without plug-ins',
  'the pie chart is built in, and the plugin does not work any more (B-13); latest is another image tomorrow (B-12)',
  () => {
    const environment = system.environment('grafana');

    expect(system.container('grafana').name).toBe('mt5-grafana');
    expect(system.image('grafana').name).toBe('grafana/grafana:12.4.9');
    expect(environment.GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/run/secrets/grafana_admin_password');
    // Not even those that Grafana fetches by itself.
    expect(Object.keys(environment).filter((name) => /PLUGIN.*INSTALL|INSTALL.*PLUGIN/.test(name))).toEqual([
      'GF_PLUGINS_PREINSTALL_DISABLED',
    ]);
    expect(secrets.grafana_admin_password).toMatch(/^\S{32}$/);
  },
);

met('S0-41', 'Grafana keeps its data in a volume, is on port 3000 of the host, and starts after Prometheus', () => {
  expect(volumesOf(system.container('grafana'))).toEqual({ '/var/lib/grafana': 'mt5_grafana_data' });
  expect(system.ports('grafana')).toEqual(['127.0.0.1:3000:3000']);
  expect(system.startsAfter('grafana')).toEqual(['prometheus']);
});

replaced(
  'S0-46',
  'the runner itself is asked whether it works; its /health knows the prices, the database and the feature API',
  'importing a module says nothing of the program that runs, and loads a second one each time (B-01)',
  () => {
    expect(system.probe('strategy_runner')).toContain('http://127.0.0.1:9090/health');
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
  'the API is asked for /health on port 8000 of 127.0.0.1, by the first of curl, wget, Python and Node that is there',
  'python:slim has no curl, so the probe would fail for ever (B-10)',
  () => {
    const programs = ['curl', 'wget', 'python3', 'node'].map((program) =>
      system.probe('feature_api').indexOf(`command -v ${program} `),
    );

    expect(system.probe('feature_api')).toContain(
      "curl --noproxy '*' -fsS -o /dev/null 'http://127.0.0.1:8000/health'",
    );
    expect(programs).toEqual([...programs].sort((one, other) => one - other));
    expect(programs).not.toContain(-1);
    expect(system.probeTimes('feature_api')).toEqual(PROBE_TIMES);
  },
);
