import { readFileSync } from 'node:fs';
import { createMt5Stack } from '../../../examples/mt5/stack';
import { writeSecretFiles } from '../../../lib';
import { environmentOf, volumesOf } from '../../services/fixtures';
import { containerNamed, createApp, synthesize } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { met, replaced } from '../requirement';
import { createDeskStack, writeDesk } from './mt5-desk';
import { container, imageOf, MT5, portsOf, service, startsAfter, textOf, yamlOf } from './mt5-system';

const project = TemporaryProject.forEveryTest();

/** When a container is probed, and how. */
function probeOf(name: string) {
  const { test, ...times } = container(name).healthcheck as { readonly test: readonly string[] };
  return { line: test.join(' '), times };
}

/** The secret files of the system, as a deploy writes them. */
function readSecrets(): (name: string) => string {
  writeSecretFiles(createMt5Stack(createApp()));
  return (name) => readFileSync(project.locate(`.secrets/mt5/${name}`), 'utf8');
}

replaced(
  'S0-14',
  'the runner is asked for /health on the port where it serves it, and the times can be those of the document',
  'a check that cannot fail says nothing (B-01); half a minute between two is long, so five seconds are the default',
  () => {
    const { line, times } = probeOf('strategy-runner');
    expect(line).toContain('http://127.0.0.1:9090/health');
    expect(line).not.toContain('sys.exit(0)');
    expect(times).toEqual({ interval: '5s', timeout: '5s', retries: 5, start_period: '30s' });

    writeDesk(project);
    expect(containerNamed(synthesize(createDeskStack()), 'mt5-strategy-runner').healthcheck).toMatchObject({
      ...{ interval: '30s', timeout: '10s', retries: 3, start_period: '5s' },
    });
  },
);

met('S0-20', 'the runner keeps its logs in a named volume at /data/logs', () => {
  expect(volumesOf(container('strategy-runner'))).toEqual({ '/data/logs': 'mt5_logs' });
  expect(service('strategy-runner').task_spec.container_spec.mounts).toContainEqual(
    expect.objectContaining({ type: 'volume', source: 'mt5_logs', target: '/data/logs', read_only: false }),
  );
});

replaced(
  'S0-21',
  'prices are published on 5556 by who makes them, execution on 5555 by the runner; Prometheus scrapes 9090 inside',
  'the runner listens to prices and makes none (B-05), and 9090 of the host is Prometheus of another system (B-04)',
  () => {
    const { scrape_configs: jobs } = yamlOf('prometheus', '/etc/prometheus/prometheus.yml') as Record<string, unknown>;

    expect(portsOf(container('market-data'))).toEqual(['127.0.0.1:5556:5556/tcp']);
    expect(portsOf(container('strategy-runner'))).toEqual(['127.0.0.1:5555:5555/tcp']);
    expect(environmentOf(container('strategy-runner'))).toMatchObject({ PORT: '9090', ZMQ_EXEC_PORT: '5555' });
    expect(jobs).toContainEqual({
      job_name: 'strategy_runner',
      metrics_path: '/metrics',
      static_configs: [{ targets: ['strategy_runner:9090'] }],
    });
  },
);

met('S0-22', 'the runner is restarted unless somebody stopped it', () => {
  expect(container('strategy-runner').restart).toBe('unless-stopped');
});

met('S0-23', 'the runner has two cores and 2 GiB, 1 GiB reserved, and on a Swarm one core reserved too', () => {
  const gibibyte = 1024 ** 3;
  const memory = { memory: 2048, memory_swap: 2048, memory_reservation: 1024 };

  expect(container('strategy-runner')).toMatchObject({ cpu_period: 100_000, cpu_quota: 200_000, ...memory });
  expect(service('strategy-runner').task_spec.resources).toEqual({
    limits: { nano_cpus: 2_000_000_000, memory_bytes: 2 * gibibyte },
    reservation: { nano_cpus: 1_000_000_000, memory_bytes: gibibyte },
  });
});

met('S0-24', 'the runner logs to json-file, three files of 10 MB', () => {
  const options = { 'max-size': '10m', 'max-file': '3' };

  expect(container('strategy-runner')).toMatchObject({ log_driver: 'json-file', log_opts: options });
  expect(service('strategy-runner').task_spec).toMatchObject({ log_driver: { name: 'json-file', options } });
});

replaced(
  'S0-26',
  'both URLs are in secret files, with the user and password that the servers know; LOG_LEVEL is INFO',
  'user:password is not who PostgreSQL knows (B-02), and variables are shown by docker inspect',
  () => {
    expect(environmentOf(container('feature-api'))).toMatchObject({
      REDIS_URL_FILE: '/run/secrets/redis_url',
      DATABASE_URL_FILE: '/run/secrets/db_url',
      LOG_LEVEL: 'INFO',
    });

    const secret = readSecrets();
    expect(secret('db_url')).toBe(`postgresql://mt5_user:${secret('db_password')}@db:5432/mt5`);
    expect(secret('redis_url')).toBe(`redis://:${secret('redis_password')}@redis:6379`);
    expect(secret('db_password')).toMatch(/^\S{32}$/);
  },
);

met('S0-28', 'the feature API is on port 8000 of the host, for programs on the host', () => {
  expect(portsOf(container('feature-api'))).toEqual(['127.0.0.1:8000:8000/tcp']);
});

met('S0-29', 'the feature API starts when both servers have been found healthy', () => {
  expect(startsAfter('feature-api')).toEqual(['mt5-db', 'mt5-redis']);
  for (const name of ['db', 'redis']) {
    expect(container(name)).toMatchObject({ wait: true, healthcheck: { test: expect.anything() as unknown } });
  }
});

met('S0-30', 'the feature API is restarted unless somebody stopped it', () => {
  expect(container('feature-api').restart).toBe('unless-stopped');
});

replaced('S0-31', 'mt5-db runs PostgreSQL 17 on Alpine', 'support of 14 ended on 2026-11-12 (B-15)', () => {
  expect(container('db').name).toBe('mt5-db');
  expect(imageOf(MT5, container('db')).name).toBe('postgres:17-alpine');
});

replaced(
  'S0-32',
  'PostgreSQL gets the user mt5_user, the database mt5, and the password as a file',
  'a variable is shown by docker inspect',
  () => {
    expect(environmentOf(container('db'))).toEqual({
      POSTGRES_USER: 'mt5_user',
      POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
      POSTGRES_DB: 'mt5',
    });
  },
);

replaced(
  'S0-33',
  'the data is in a named volume at /var/lib/postgresql/data; port 5432 is for the network alone',
  'Docker’s ports pass by the firewall of the host (B-11)',
  () => {
    expect(volumesOf(container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_db_data' });
    expect(portsOf(container('db'))).toEqual([]);
  },
);

replaced(
  'S0-34',
  'pg_isready asks over TCP, as mt5_user for mt5, every 5 s with 5 s to answer and 5 tries',
  'without a host it finds the server of the first start, which takes no connections (B-03)',
  () => {
    const { line, times } = probeOf('db');

    expect(line).toBe('CMD pg_isready -q -h 127.0.0.1 -U mt5_user -d mt5');
    expect(times).toEqual({ interval: '5s', timeout: '5s', retries: 5, start_period: '30s' });
  },
);

replaced(
  'S0-35',
  'mt5-redis runs Redis 7.4 on Alpine with its data in a named volume; port 6379 is for the network alone',
  'it has to have a password, and to be out of reach from outside (B-11)',
  () => {
    expect(container('redis').name).toBe('mt5-redis');
    expect(imageOf(MT5, container('redis')).name).toBe('redis:7.4-alpine');
    expect(volumesOf(container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(portsOf(container('redis'))).toEqual([]);

    const secret = readSecrets();
    expect(secret('redis_auth.conf')).toContain(`requirepass "${secret('redis_password')}"`);
    expect(container('redis').command).toContain('/run/secrets/redis_auth.conf');
  },
);

replaced(
  'S0-36',
  'redis-cli ping with the password has to be answered by PONG, every 5 s with 5 s to answer and 5 tries',
  'redis-cli ends with 0 when the server answers an error, so a refused log-in would look healthy',
  () => {
    const { line, times } = probeOf('redis');

    expect(line).toMatch(/REDISCLI_AUTH="\$\(cat \/run\/secrets\/redis_password\)" redis-cli .*ping \| grep -q PONG$/);
    expect(times).toEqual({ interval: '5s', timeout: '5s', retries: 5, start_period: '30s' });
  },
);

met('S0-37', 'Redis writes what changes to a file', () => {
  expect((container('redis').command as readonly string[]).join(' ')).toMatch(/^redis-server .*--appendonly yes$/);
});

replaced('S0-38', 'mt5-prometheus runs Prometheus 3.13.2', 'latest is another image tomorrow (B-12)', () => {
  expect(container('prometheus').name).toBe('mt5-prometheus');
  expect(imageOf(MT5, container('prometheus')).name).toBe('prom/prometheus:v3.13.2');
});

replaced(
  'S0-39',
  'a configuration made of the stack is at the same path; volume, port 9091 of the host and both flags are as written',
  'the document has no prometheus.yml, and Docker would mount an empty folder (B-09)',
  () => {
    const { upload, volumes, command } = container('prometheus');

    expect(upload).toEqual([expect.objectContaining({ file: '/etc/prometheus/prometheus.yml', permissions: '0444' })]);
    expect(volumes).toMatchObject([{ container_path: '/prometheus', volume_name: 'mt5_prometheus_data' }]);
    expect(portsOf(container('prometheus'))).toEqual(['127.0.0.1:9091:9090/tcp']);
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
    const environment = environmentOf(container('grafana'));

    expect(container('grafana').name).toBe('mt5-grafana');
    expect(imageOf(MT5, container('grafana')).name).toBe('grafana/grafana:12.4.9');
    expect(environment.GF_SECURITY_ADMIN_PASSWORD__FILE).toBe('/run/secrets/grafana_admin_password');
    expect(Object.keys(environment).filter((name) => /PLUGIN.*INSTALL|INSTALL.*PLUGIN/.test(name))).toEqual([]);
    expect(readSecrets()('grafana_admin_password')).toMatch(/^\S{32}$/);
  },
);

met('S0-41', 'Grafana keeps its data in a volume, is on port 3000 of the host, and starts after Prometheus', () => {
  expect(volumesOf(container('grafana'))).toEqual({ '/var/lib/grafana': 'mt5_grafana_data' });
  expect(portsOf(container('grafana'))).toEqual(['127.0.0.1:3000:3000/tcp']);
  expect(startsAfter('grafana')).toEqual(['mt5-prometheus']);
});

replaced(
  'S0-46',
  'the runner itself is asked whether it works; its /health knows the prices, the database and the feature API',
  'importing a module says nothing of the program that runs, and loads a second one each time (B-01)',
  () => {
    expect(probeOf('strategy-runner').line).toContain('http://127.0.0.1:9090/health');
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
    const { line, times } = probeOf('feature-api');
    const programs = ['curl', 'wget', 'python3', 'node'].map((program) => line.indexOf(`command -v ${program} `));

    expect(line).toContain("curl --noproxy '*' -fsS -o /dev/null 'http://127.0.0.1:8000/health'");
    expect(programs).toEqual([...programs].sort((one, other) => one - other));
    expect(programs).not.toContain(-1);
    expect(times).toEqual({ interval: '5s', timeout: '5s', retries: 5, start_period: '30s' });
  },
);
