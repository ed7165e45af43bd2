import { createApp as createTradingApp } from '../../bin/trading';
import {
  ExternalEndpoint,
  FeatureApi,
  Image,
  Dependency,
  PostgresDb,
  RedisCache,
  StrategyRunner,
  TradingStack,
} from '../../lib';
import { environmentOf, fileOf, volumesOf } from '../../test/services/fixtures';
import { containerNamed, synthesizeStack } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { namesOf, SynthesizedSystem, textOf } from '../synthesized-system';
import { DOCUMENTED, swarm, system } from './mt5-system';

const project = TemporaryProject.forEveryTest();

/** The system in the app of this repository, deployed from an environment with these variables. */
function systemIn(variables: Readonly<Record<string, string>>): SynthesizedSystem {
  const before = process.env;
  process.env = { ...before, ...variables };
  try {
    const app = createTradingApp({ outdir: project.locate('cdktf.out') });
    const stacks = app.node.children.filter((child) => child instanceof TradingStack);
    const [stack] = stacks.filter(({ node }) => node.id === 'mt5');
    if (stack === undefined) throw new Error('the app has no stack mt5');
    return new SynthesizedSystem(stack);
  } finally {
    process.env = before;
  }
}

met('S0-2', 'each of the six services runs in its own container, from the image that its name suggests', () => {
  const images = DOCUMENTED.map((name) => String(system.image(name).name).split(':')[0]);

  expect(images).toEqual(['mt5-strategy', 'mt5-api', 'postgres', 'redis', 'prom/prometheus', 'grafana/grafana']);
  expect(system.environment('strategy_runner').ROLE).toMatch(/^strategy-runner/);
  expect(system.stages('feature_api').at(-1)?.at(-1)).toContain('src.api.feature_server:app');
  for (const service of DOCUMENTED) {
    const name = `mt5-${service.replace('_', '-')}`;
    expect([system.container(service).name, swarm.swarmService(service).name]).toEqual([name, name]);
  }
});

met('S0-4', 'all containers, not only the six, are on a single network, mt5-net', () => {
  expect(system.network.name).toBe('mt5-net');
  for (const { networks_advanced } of system.containers) {
    expect(networks_advanced).toEqual([expect.objectContaining({ name: system.networkReference })]);
  }
});

replaced(
  'S0-6',
  'prices are on 127.0.0.1:5556 and the feature API is on 127.0.0.1:8000; a gateway on the host is reached at port 5555',
  'in the document 5555 and 5556 are in use on the host and published by the runner, which is impossible (B-05)',
  () => {
    expect(system.ports('market_data')).toEqual(['127.0.0.1:5556:5556']);
    expect(system.ports('feature_api')).toEqual(['127.0.0.1:8000:8000']);

    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
      new StrategyRunner(stack, 'strategy_runner', { image: Image.fromRegistry('desk/strategy:1.0'), uses: [gateway] });
    });
    const runner = containerNamed(terraform, 'desk-strategy-runner');
    expect(environmentOf(runner).MT5_GATEWAY_URL).toBe('tcp://host.docker.internal:5555');
    expect(runner.host).toEqual([{ host: 'host.docker.internal', ip: 'host-gateway' }]);
  },
);

met(
  'S0-7',
  'the runner gets features over HTTP and prices over ZeroMQ, and has a ZeroMQ port of its own (mt5-docker.e2e.test.ts)',
  () => {
    const runner = system.container('strategy_runner');

    expect(environmentOf(runner)).toMatchObject({
      FEATURE_API_URL: 'http://feature-api:8000',
      MARKET_DATA_URL: 'tcp://market-data:5556',
      ZMQ_EXEC_PORT: '5555',
    });
    expect(system.environment('market_data').ZMQ_MARKET_PORT).toBe('5556');
    expect(system.ports('strategy_runner')).toEqual(['127.0.0.1:5555:5555', '127.0.0.1:9090:9090']);
    expect(system.container('feature_api')).toMatchObject({
      healthcheck: { test: expect.arrayContaining([expect.stringContaining('http://$1:8000/health')]) as unknown },
    });
  },
);

replaced(
  'S0-8',
  'the runner waits for a healthy feature API and gets the URLs of db and redis, but waits for them only through the API',
  'section 4 of the document has the API wait for both (S0-29), so nothing that needs the API starts without them',
  () => {
    expect(system.startsAfter('strategy_runner')).toEqual(['feature_api', 'market_data']);
    expect(system.startsAfter('market_data')).toEqual([]);
    expect(system.startsAfter('feature_api')).toEqual(['db', 'redis']);
    expect(system.container('feature_api').wait).toBe(true);
    expect(system.environment('strategy_runner')).toMatchObject({
      DATABASE_URL_FILE: '/run/secrets/db_url',
      REDIS_URL_FILE: '/run/secrets/redis_url',
    });
  },
);

replaced(
  'S0-9',
  'the feature API waits for both; with Dependency.optional it would get their URLs and wait for neither',
  'section 4 of the document waits for both (S0-29), and both cannot be true',
  () => {
    expect(system.startsAfter('feature_api')).toEqual(['db', 'redis']);

    const terraform = synthesizeStack((stack) => {
      const uses = [new PostgresDb(stack, 'db', { database: 'mt5' }), new RedisCache(stack, 'redis')];
      const image = Image.fromRegistry('desk/api:1.0');
      new FeatureApi(stack, 'feature_api', { image, uses: uses.map((used) => Dependency.optional(used)) });
    });
    const api = containerNamed(terraform, 'desk-feature-api');
    expect(api.depends_on).toEqual([]);
    expect(Object.keys(environmentOf(api))).toEqual(['DATABASE_URL_FILE', 'PORT', 'REDIS_URL_FILE']);
  },
);

met(
  'S0-10',
  'Prometheus waits for nothing and scrapes all services; Grafana starts after it and uses it as its data source (mt5-docker.e2e.test.ts)',
  () => {
    const { scrape_configs: jobs } = system.yaml('prometheus', '/etc/prometheus/prometheus.yml') as {
      readonly scrape_configs: readonly {
        readonly job_name: string;
        readonly static_configs: readonly { readonly targets: readonly string[] }[];
      }[];
    };

    expect(system.startsAfter('prometheus')).toEqual([]);
    expect(Object.fromEntries(jobs.map((job) => [job.job_name, job.static_configs[0]?.targets]))).toEqual({
      strategy_runner: ['strategy-runner:9090'],
      feature_api: ['feature-api:8000'],
      market_data: ['market-data:8000'],
      db: ['db-exporter:9187'],
      redis: ['redis-exporter:9121'],
      grafana: ['grafana:3000'],
      prometheus: ['prometheus:9090'],
    });
    expect(system.startsAfter('grafana')).toEqual(['prometheus']);
    expect(system.yaml('grafana', '/etc/grafana/provisioning/datasources/prometheus.yaml')).toMatchObject({
      datasources: [{ type: 'prometheus', url: 'http://prometheus:9090', isDefault: true }],
    });
    expect(fileOf(system.container('grafana'), '/etc/grafana/dashboards/mt5-overview.json')).toContain(
      'strategy_runner',
    );
  },
);

met('S0-42', 'mt5-net is a bridge with the subnet 172.28.0.0/16; on a Swarm it is an overlay with that subnet', () => {
  const subnet = expect.objectContaining({ subnet: '172.28.0.0/16' }) as unknown;

  expect(system.network).toMatchObject({ name: 'mt5-net', driver: 'bridge', ipam_config: [subnet] });
  expect(swarm.network).toMatchObject({ name: 'mt5-net', driver: 'overlay', ipam_config: [subnet] });
});

met('S0-43', 'each service is found by its name in the document, on a network of the system with a fixed name', () => {
  for (const service of DOCUMENTED) {
    const onlyHere = [{ name: system.networkReference, aliases: namesOf(service) }];
    expect(system.container(service).networks_advanced).toEqual(onlyHere);
    expect(swarm.swarmService(service).task_spec.networks_advanced).toEqual(onlyHere);
  }
  expect(system.network).toMatchObject({
    name: 'mt5-net',
    labels: [{ label: 'cdktf-trading-stack.stack', value: 'mt5' }],
  });
});

met(
  'S0-44',
  "the five volumes have these names, prefixed with the stack's; without a driver of their own they are local",
  () => {
    const volumes = Object.assign({}, ...DOCUMENTED.map((name) => volumesOf(system.container(name)))) as object;

    expect(volumes).toEqual({
      '/var/lib/postgresql/data': 'mt5_postgres_data',
      '/data': 'mt5_redis_data',
      '/prometheus': 'mt5_prometheus_data',
      '/var/lib/grafana': 'mt5_grafana_data',
      '/data/logs': 'mt5_logs_volume',
    });
    for (const { terraform } of [system, swarm]) {
      expect(terraform.resource).not.toHaveProperty('docker_volume');
      expect(JSON.stringify(terraform.resource)).not.toContain('"driver_name"');
    }
  },
);

replaced(
  'S0-57',
  'the volumes are named and kept; backup of the database makes backups elsewhere and tries them (backup.e2e.test.ts)',
  'a named volume is not a backup (B-20)',
  () => {
    expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_postgres_data' });
    expect(textOf('examples/mt5/README.md')).toContain('[`db.backup({ … })`](../../docs/guides/backups.md)');
  },
);

met(
  'S0-60',
  'TRADING_ENGINE and LOG_LEVEL select the engine and the log level; nothing else differs but the secrets of a Swarm',
  () => {
    const production = systemIn({ TRADING_ENGINE: 'swarm', LOG_LEVEL: 'WARN' });
    for (const name of ['strategy_runner', 'feature_api']) {
      const variables = production.swarmService(name).task_spec.container_spec.env;
      expect(variables).toEqual({ ...system.environment(name), LOG_LEVEL: 'WARN' });
      expect(system.environment(name).LOG_LEVEL).toBe('INFO');
    }
    for (const name of DOCUMENTED) {
      expect(swarm.swarmService(name).task_spec.container_spec.env ?? {}).toEqual(system.environment(name));
    }
    const secrets = Object.values(swarm.terraform.resource.docker_secret ?? {});
    expect(secrets.map(({ name }) => String(name).split('-')[1])).toEqual(
      expect.arrayContaining(['db_password', 'db_url', 'redis_password', 'redis_url', 'grafana_admin_password']),
    );
    expect(swarm.swarmService('feature_api').task_spec.container_spec.secrets).toMatchObject([
      { file_name: '/run/secrets/db_url' },
      { file_name: '/run/secrets/redis_url' },
    ]);
  },
);
