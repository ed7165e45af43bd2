import { createBinanceStack } from '../../examples/binance/stack';
import { Engine, Image, Logging, MarketDataService } from '../../lib';
import { reportServices } from '../../lib/command-line/output/report';
import { fileOf, volumesOf } from '../../test/services/fixtures';
import { createApp, synthesizeStack } from '../../test/setup/synthesize';
import { documented, met, replaced } from '../requirement';
import { namesOf, SynthesizedSystem, secretFilesOf, textOf } from '../synthesized-system';

const MICROSERVICES = [
  'market_data_service',
  'order_execution_service',
  'risk_management_service',
  'strategy_engine',
  'api_gateway',
] as const;

const NO_COMPOSE = 'Terraform replaces Compose, and its containers are like any others';

const system = new SynthesizedSystem(createBinanceStack(createApp()));
const cluster = new SynthesizedSystem(
  createBinanceStack(createApp(), {
    engine: Engine.swarm({ cluster: { dataNode: { 'trading.data': 'true' }, registry: 'registry.desk.example' } }),
    exchangeKeys: true,
    apiGateways: 3,
  }),
);
const readme = textOf('examples/binance/README.md');

/** Expects that `docker ps --filter label=…` finds every container. */
function expectLabelled(): void {
  for (const { labels } of system.containers) {
    expect(labels).toContainEqual({ label: 'cdktf-trading-stack.stack', value: 'binance' });
  }
}

describe('daily operation', () => {
  replaced(
    'S1-2',
    'Docker 25.0, or 24.0 if the engine is declared as that, and Terraform 1.5; the limits of all containers add up to 4 GB',
    'Compose is not needed; there is no `.env`, because secrets are files',
    () => {
      const older = new SynthesizedSystem(
        createBinanceStack(createApp(), { engine: Engine.docker({ engineVersion: '24.0' }) }),
      );
      expect(older.names).toEqual(system.names);
      // Docker 24.0 refuses a container with a start interval.
      expect(JSON.stringify(older.terraform)).not.toContain('start_interval');
      expect(JSON.stringify(system.terraform)).toContain('start_interval');
      expect(textOf('README.md')).toContain('With Terraform (1.5 or newer) and Docker (25.0 or newer)');
      const services = system.containers.map(({ name }) => system.serviceOf(String(name)));
      expect(system.memoryOf(services)).toBe(4096);
    },
  );

  replaced('S1-3', 'npm run deploy, status, logs of all or one, and destroy', NO_COMPOSE, () => {
    expect(JSON.parse(textOf('package.json'))).toMatchObject({
      scripts: {
        deploy: expect.stringMatching(/ deploy$/) as unknown,
        destroy: expect.stringMatching(/ destroy$/) as unknown,
      },
    });
    expectLabelled();
    for (const { name, log_driver } of system.containers) expect([name, log_driver]).toEqual([name, 'json-file']);
    for (const command of [
      'npm run deploy -- binance',
      'npm run status -- binance',
      'npm run logs -- binance --follow',
      'npm run logs -- binance market_data_service --follow',
      'npm run destroy -- binance',
    ]) {
      expect(readme).toContain(command);
    }
  });

  replaced(
    'S1-31',
    'docker inspect with the name of the document, which names the container for docker logs, too',
    NO_COMPOSE,
    () => {
      expect(system.container('market_data_service')).toMatchObject({
        name: 'trading_market_data',
        healthcheck: { test: expect.any(Array) as unknown },
      });
      expect(readme).toContain("docker inspect trading_market_data --format='{{.State.Health.Status}}'");
      expect(readme).toContain('npm run logs -- binance market_data_service --follow');
    },
  );

  replaced(
    'S1-32',
    'docker network inspect trading_network; the gateway tries the port with Node',
    'the network has a fixed name, whatever the folder (B-23); the image has no nc (B-10)',
    () => {
      expect(Object.values(system.terraform.resource.docker_network ?? {})).toMatchObject([
        { name: 'trading_network' },
      ]);
      expect(system.container('api_gateway').name).toBe('trading_api_gateway');
      expect(system.aliases('market_data_service')).toEqual(namesOf('market_data_service'));
      expect(readme).toContain('`docker network inspect trading_network`');
      expect(readme).toContain(
        `docker exec trading_api_gateway node -e "require('net').connect(5555, 'market_data_service', process.exit)"`,
      );
    },
  );

  replaced('S1-33', 'npm run synth shows the limits of each service; docker stats is unchanged', NO_COMPOSE, () => {
    const reported = reportServices(system.stack);
    expect(reported).toHaveLength(system.containers.length);
    expect(reported).toContainEqual(
      expect.objectContaining({ name: 'trading_strategy_engine', cpus: 1, memoryBytes: 512 * 1024 ** 2 }),
    );
    expect(readme).toContain('| `config` | `npm run synth -- binance`: images, ports, order and limits |');
  });

  replaced(
    'S1-45',
    '`deploy --pull` pulls the tags and the base images again, deploy builds, destroy removes, with --volumes the data',
    NO_COMPOSE,
    () => {
      const images = system.stack.platform.images.all.map(({ spec }) => spec);
      expect(images.flatMap(({ build }) => build?.usedImages ?? [])).toContain('node:24-slim');
      expect(images.filter(({ build }) => build === null).map(({ name }) => name)).toContain('postgres:17-alpine');
      expect(readme).toContain('| `pull` | `npm run deploy -- binance --pull`, also for the base images of builds |');
      expect(readme).toContain('`npm run destroy -- binance');
    },
  );

  documented('S1-46', 'the README of the example says where to look: the output of the deploy, logs, Grafana', () => {
    expect(readme).toContain(
      '`npm run deploy` shows the last log lines of a failed service and the command that shows the output of a failed build. Next, check the log of the service',
    );
    expect(readme).toContain('and the dashboards in Grafana, which show');
  });
});

describe('data', () => {
  replaced(
    'S1-25',
    'the order history is in PostgreSQL; logs of market data, metrics and dashboards are in retained volumes',
    'risk management and gateway need the history as well, and cannot read the volume of another service',
    () => {
      expect(volumesOf(system.container('market_data_service'))).toEqual({ '/data/logs': 'binance_market_data_logs' });
      expect(system.environment('market_data_service').LOG_FILE).toBe('/data/logs/market_data.log');
      expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'binance_db_data' });
      expect(volumesOf(system.container('prometheus'))).toEqual({ '/prometheus': 'binance_prometheus_data' });
      expect(volumesOf(system.container('grafana'))).toEqual({ '/var/lib/grafana': 'binance_grafana_data' });
      // Without a resource, so that no destroy removes them.
      expect(system.terraform.resource).not.toHaveProperty('docker_volume');
      for (const service of ['order_execution_service', 'risk_management_service', 'api_gateway']) {
        expect(system.environment(service).DATABASE_URL_FILE).toBe('/run/secrets/db_url');
      }
      expect(system.container('market_data_service').log_opts).toEqual({ 'max-size': '10m', 'max-file': '3' });
    },
  );

  documented('S1-26', 'the README of the example has the command with the name of the volume here', () => {
    expect(readme).toContain('-v binance_prometheus_data:/data -v "$PWD":/backup alpine:3.22 tar czf');
    expect(volumesOf(system.container('prometheus'))).toEqual({ '/prometheus': 'binance_prometheus_data' });
  });

  documented('S1-27', 'the README of the example has the command, and stops Prometheus meanwhile', () => {
    expect(readme).toMatch(/docker stop binance-prometheus.*tar xzf \/backup\/prometheus-backup.tar.gz -C \//);
  });
});

describe('monitoring', () => {
  replaced(
    'S1-28',
    'Prometheus scrapes all five; the dashboards have all four queries, with memory in bytes, which Grafana scales',
    'the window of a rate follows the scrape interval and the zoom of the graph, which a fixed one of 5 minutes does not',
    () => {
      const queries = system.panels.map(({ query, unit }) => `${query} in ${unit ?? 'itself'}`);
      const targets = fileOf(system.container('prometheus'), '/etc/prometheus/prometheus.yml');
      for (const [service, port] of Object.entries({
        market_data_service: 8000,
        order_execution_service: 8081,
        risk_management_service: 8080,
        strategy_engine: 9090,
        api_gateway: 8080,
      })) {
        expect(targets).toContain(`- ${service.replace(/_/g, '-')}:${port}\n`);
        const http = (more = '') => `http_requests_total{job="${service}"${more}}[$__rate_interval]`;
        expect(queries).toEqual(
          expect.arrayContaining([
            `up{job="${service}"} in itself`,
            `sum by (route) (rate(${http()})) in reqps`,
            expect.stringContaining(`sum(rate(${http(',status=~"5.."')})) / sum(rate(${http()}))`),
            `process_resident_memory_bytes{job="${service}"} in bytes`,
          ]),
        );
      }
    },
  );

  replaced(
    'S1-29',
    'the user is admin, and the password is a generated file that the README names',
    'a password in `.env` is chosen by a person (B-12)',
    () => {
      expect(system.environment('grafana')).toMatchObject({
        GF_SECURITY_ADMIN_USER: 'admin',
        GF_SECURITY_ADMIN_PASSWORD__FILE: '/run/secrets/grafana_admin_password',
      });
      expect(Object.keys(secretFilesOf(createBinanceStack).contents)).toContain('grafana_admin_password');
      expect(readme).toContain('user `admin`, password in `.secrets/binance/grafana_admin_password`');
    },
  );

  met('S1-30', 'Grafana has the four dashboards with these titles, each with panels of all five services', () => {
    for (const dashboard of ['Trading System Overview', 'Service Performance', 'Error Rates', 'Resource Usage']) {
      const shown = system.panels.filter((panel) => panel.dashboard === dashboard).map(({ query }) => query);
      for (const service of MICROSERVICES) {
        const ofService = shown.filter((query) => query.includes(`job="${service}"`));
        expect([dashboard, service, ofService.length > 0]).toEqual([dashboard, service, true]);
      }
    }
  });
});

describe('production', () => {
  replaced(
    'S1-35',
    'on a Swarm binance_api_key is a Swarm secret, which the deploy creates from its file',
    'there is nothing to create by hand, and new content becomes a new secret',
    () => {
      const secrets = Object.entries(cluster.terraform.resource.docker_secret ?? {});
      const [id = ''] = secrets.find(([, { name }]) => String(name).startsWith('binance-binance_api_key-')) ?? [];
      expect(cluster.swarmService('order_execution_service').task_spec.container_spec.secrets).toContainEqual(
        expect.objectContaining({ file_name: '/run/secrets/binance_api_key', secret_id: `\${docker_secret.${id}.id}` }),
      );
    },
  );

  met(
    'S1-38',
    'no new privileges for every container on one host, and a read-only root file system for the five services',
    () => {
      for (const { security_opts } of system.containers) expect(security_opts).toContain('no-new-privileges:true');
      for (const service of MICROSERVICES) {
        expect(system.container(service).read_only).toBe(true);
        expect(cluster.swarmService(service).task_spec.container_spec.read_only).toBe(true);
      }
    },
  );

  const failover =
    'on a Swarm three gateways behind nginx are probed, replaced and rolled back (cluster.e2e.test.ts), and every service is restarted';
  replaced('S1-39', failover, 'two executors would trade twice, and a second PostgreSQL would have other data', () => {
    for (const service of MICROSERVICES) {
      expect(cluster.swarmService(service).task_spec.restart_policy).toMatchObject({ condition: 'any' });
    }
    expect(cluster.swarmService('api_gateway')).toMatchObject({
      mode: { replicated: { replicas: 3 } },
      update_config: { order: 'start-first', failure_action: 'rollback' },
      task_spec: {
        container_spec: {
          healthcheck: { test: expect.arrayContaining([expect.stringContaining('/health')]) as unknown },
        },
        restart_policy: { condition: 'any' },
      },
    });
    const [, nginx] =
      Object.entries(cluster.terraform.locals ?? {}).find(([id]) => id.startsWith('binance-proxy_')) ?? [];
    expect(nginx).toContain('"api-gateway:8080"');
  });

  met('S1-40', 'json-file with three files of 10 MB for every container; syslog, fluentd and others by name', () => {
    for (const { log_driver, log_opts } of system.containers) {
      expect([log_driver, log_opts]).toEqual(['json-file', { 'max-size': '10m', 'max-file': '3' }]);
    }
    const image = Image.fromRegistry('trading/market_data:1.0');
    const drivers = { syslog: { 'syslog-address': 'udp://logs:514' }, fluentd: { 'fluentd-address': 'logs:24224' } };
    for (const [name, options] of Object.entries(drivers)) {
      const { resource } = synthesizeStack((stack) => new MarketDataService(stack, 'market_data_service', { image }), {
        logging: Logging.driver(name, options),
      });
      expect(Object.values(resource.docker_container ?? {})).toMatchObject([{ log_driver: name, log_opts: options }]);
    }
  });

  met('S1-44', '/tmp in memory, limits of each service in stack.ts, a connection pool, ZeroMQ settings in code', () => {
    for (const service of MICROSERVICES) {
      expect(system.container(service)).toMatchObject({ tmpfs: { '/tmp': '' }, memory: 512 });
    }
    expect(textOf('examples/reference-service/src/database.ts')).toMatch(/new Pool\(\{[^}]*\bmax: 4,/);
    expect(textOf('examples/reference-service/src/transports/zeromq.ts')).toMatch(/reconnectInterval: \d+/);
  });
});
