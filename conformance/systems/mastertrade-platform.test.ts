import { Engine } from '../../lib';
import { fileOf, volumesOf } from '../../test/services/fixtures';
import { documented, met, replaced } from '../requirement';
import { namesOf, type SwarmService, textOf } from '../synthesized-system';
import { masterTrade, NAMES, SERVICE_PROBE, SERVICES } from './mastertrade-system';

const system = masterTrade();
const swarm = masterTrade({ engine: Engine.swarm() });
const README = textOf('examples/mastertrade/README.md');
/** The roles of the reference service, and the test that checks the health of each. */
const ROLES = textOf('examples/reference-service/src/roles/index.ts');
const HEALTH_TEST = textOf('examples/reference-service/test/health.test.ts');
const configuration = fileOf(system.container('prometheus'), '/etc/prometheus/prometheus.yml');

/** Cores and GiB in the document: limits, then reservations. */
const RESOURCES: Readonly<Record<string, readonly [number, number, number, number]>> = {
  postgres: [2, 4, 1, 2],
  rabbitmq: [1, 2, 0.5, 1],
  redis: [1, 2, 0.5, 1],
  market_data_service: [2, 4, 1, 2],
  strategy_service: [4, 8, 2, 4],
  order_executor: [1, 2, 0.5, 1],
  risk_manager: [1, 2, 0.5, 1],
  alert_system: [0.5, 1, 0.25, 0.5],
};

/** The services that the reference service plays, with the ports of the document. */
const PROGRAMS = {
  market_data_service: 8000,
  strategy_service: 8006,
  order_executor: 8081,
  risk_manager: 8080,
  alert_system: 8007,
  api_gateway: 8080,
  data_access_api: 8005,
  arbitrage_service: 8002,
} as const;

describe('the services of MasterTrade', () => {
  replaced(
    'S3-1',
    'all 14 services are there, plus an exporter for each of two databases, a backup and the job for the schema',
    'Terraform describes them instead of a compose file',
    () => {
      const added = ['mastertrade-postgres-exporter', 'mastertrade-redis-exporter'];
      added.push('mastertrade_postgres_backup', 'mastertrade_schema');

      expect(system.names).toEqual([...Object.values(NAMES), ...added].sort());
      expect(SERVICES).toHaveLength(14);
    },
  );

  replaced(
    'S3-2',
    'PostgreSQL 15 on 5432, RabbitMQ with management on 5672 and 15672, Redis 7 on 6379',
    'RabbitMQ 3.12 no longer gets fixes (B-15)',
    () => {
      expect(['postgres', 'rabbitmq', 'redis'].map((service) => system.image(service).name)).toEqual([
        'postgres:15-alpine',
        'rabbitmq:4.3-management-alpine',
        'redis:7-alpine',
      ]);
      expect(system.environment('postgres_exporter').DATA_SOURCE_URI).toMatch(/^postgres:5432\//);
      expect(fileOf(system.container('rabbitmq'), '/etc/rabbitmq/conf.d/90-stack.conf')).toMatch(
        /^listeners.tcp.default = 5672$[^]*^management.tcp.port = 15672$/m,
      );
      expect(system.environment('redis_exporter').REDIS_ADDR).toBe('redis://redis:6379');
    },
  );

  replaced(
    'S3-3',
    'the eight services are on 127.0.0.1, each with the port of the document; the gateway on 8090',
    'the document gives 8080 to the gateway and the risk manager, and only one can have it (B-04)',
    () => {
      for (const [service, port] of Object.entries(PROGRAMS)) {
        expect(system.ports(service)).toEqual([`127.0.0.1:${service === 'api_gateway' ? 8090 : port}:${port}`]);
        // 8000 is the default port of the program.
        expect(system.environment(service).PORT ?? '8000').toBe(String(port));
        expect(system.probe(service)).toContain(`http://$1:${port}/health`);
        expect(configuration).toContain(`- ${service.replace(/_/g, '-')}:${port}\n`);
      }
    },
  );

  met('S3-4', 'Prometheus is on 127.0.0.1:9090, Grafana on 3001, and the user interface on 3000', () => {
    expect(system.published()).toEqual(
      expect.arrayContaining([
        '127.0.0.1:9090 -> mastertrade_prometheus:9090',
        '127.0.0.1:3001 -> mastertrade_grafana:3000',
        '127.0.0.1:3000 -> mastertrade_ui:3000',
      ]),
    );
  });

  met(
    'S3-48',
    'each service is a role of the reference service and is probed at /health; health.test.ts there shows its fields and checks',
    () => {
      for (const name of [...Object.keys(PROGRAMS), 'monitoring_ui']) {
        expect(system.probe(name)).toMatch(/\/health"/);
        expect(system.image(name).name).toMatch(/^mastertrade-reference-service:/);
        expect(ROLES).toMatch(new RegExp(`^  '?${system.environment(name).ROLE}'?: `, 'm'));
      }
      expect(HEALTH_TEST).toContain('of Object.entries<RoleConstructor>(roles)');
    },
  );

  met(
    'S3-50',
    'each service is probed every 30 s, with a timeout of 10 s, 3 retries and a start period of 60 s',
    () => {
      for (const service of [...Object.keys(PROGRAMS), 'monitoring_ui']) {
        expect(system.container(service).healthcheck).toMatchObject(SERVICE_PROBE);
      }
    },
  );
});

describe('the network of MasterTrade', () => {
  met('S3-42', 'mastertrade_network is a bridge with 172.20.0.0/16, and each service is found by its name', () => {
    expect(Object.values(system.terraform.resource.docker_network ?? {})).toMatchObject([
      { name: 'mastertrade_network', driver: 'bridge', ipam_config: [{ subnet: '172.20.0.0/16' }] },
    ]);
    for (const service of SERVICES) {
      expect(system.container(service).networks_advanced).toMatchObject([{ aliases: namesOf(service) }]);
    }
  });

  replaced(
    'S3-43',
    'all ports of the document are on 127.0.0.1, and the gateway is on 8090',
    'on all addresses they are open to everyone, past the firewall of the host (B-11); the risk manager has 8080 (B-04)',
    () => {
      const ports = [
        ...[5432, 5672, 15672, 6379, 8000, 8002, 8005, 8006, 8007, 8080, 8081, 8090],
        ...[3000, 3001, 9090],
      ];
      expect(system.published().map((line) => line.split(' ')[0])).toEqual(
        ports.map((port) => `127.0.0.1:${port}`).sort(),
      );
    },
  );
});

describe('the volumes and files of MasterTrade', () => {
  replaced(
    'S3-44',
    'the five volumes have the names of the document and the local driver; Prometheus limits itself to 5 GB',
    'a local volume cannot have a size: growing data has a limit of its own, or is on the dashboard',
    () => {
      const servers = system.containers.filter(({ name }) => name !== 'mastertrade_postgres_backup');
      const volumes = servers.flatMap((container) => Object.values(volumesOf(container)));

      expect(volumes.sort()).toEqual([
        'mastertrade_grafana_data',
        'mastertrade_postgres_data',
        'mastertrade_prometheus_data',
        'mastertrade_rabbitmq_data',
        'mastertrade_redis_data',
      ]);
      expect(JSON.stringify(system.terraform.resource)).not.toContain('driver_opts');
      expect(system.container('prometheus').command).toContain(`--storage.tsdb.retention.size=${5 * 1024 ** 3}B`);
      expect(Number((system.container('redis').command as readonly string[])[3])).toBeLessThan(2 * 1024 ** 3);
    },
  );

  replaced(
    'S3-45',
    'settings and definitions of RabbitMQ, prometheus.yml and the provisioning of Grafana are generated from the code',
    'the document mounts files that it does not contain, and Docker creates a folder for a missing one (B-09)',
    () => {
      const files = ['rabbitmq', 'prometheus', 'grafana'].map((service) =>
        (system.container(service).upload as readonly { readonly file: string }[]).map(({ file }) => file),
      );

      expect(files).toEqual([
        ['/etc/rabbitmq/conf.d/90-stack.conf', '/etc/rabbitmq/enabled_plugins', '/etc/rabbitmq/definitions.json'],
        ['/etc/prometheus/prometheus.yml', '/etc/prometheus/rules/mastertrade-alerts.yml'],
        [
          '/etc/grafana/provisioning/datasources/prometheus.yaml',
          '/etc/grafana/provisioning/dashboards/trading.yaml',
          '/etc/grafana/dashboards/mastertrade-overview.json',
          '/etc/grafana/dashboards/mastertrade-performance.json',
          '/etc/grafana/dashboards/mastertrade-errors.json',
          '/etc/grafana/dashboards/mastertrade-resources.json',
          '/etc/grafana/dashboards/mastertrade-trading.json',
        ],
      ]);
    },
  );
});

describe('the resources of MasterTrade', () => {
  replaced(
    'S3-51',
    'strategy_service has limits of 4 cores and 8 GiB, and half of it is reserved',
    'the document has 2 and 4 in its example, and 4 and 8 in its table (B-37): the larger ones apply',
    () => {
      expect(system.container('strategy_service')).toMatchObject({
        cpu_quota: 400_000,
        cpu_period: 100_000,
        memory: 8192,
        memory_reservation: 4096,
      });
    },
  );

  met('S3-52', 'limits and reserved memory are those of the table, and on a Swarm reserved cores too', () => {
    for (const [service, [cores, gibibytes, reservedCores, reservedGibibytes]] of Object.entries(RESOURCES)) {
      expect(system.container(service)).toMatchObject({
        cpu_quota: cores * 100_000,
        cpu_period: 100_000,
        memory: gibibytes * 1024,
        memory_reservation: reservedGibibytes * 1024,
      });
      expect(swarm.swarmService(service).task_spec.resources).toEqual({
        limits: { nano_cpus: cores * 1e9, memory_bytes: gibibytes * 1024 ** 3 },
        reservation: { nano_cpus: reservedCores * 1e9, memory_bytes: reservedGibibytes * 1024 ** 3 },
      });
    }
  });

  documented(
    'S3-53',
    'the README recommends 16 cores and 32 GB: the memory is enough, and the CPU limits, 21 cores in all, are ceilings',
    () => {
      const sum = (property: string) =>
        system.containers.reduce((total, { [property]: one }) => total + Number(one), 0);
      const gibibytes = sum('memory') / 1024;

      expect(README).toContain('A host with 16 cores and 32 GB is recommended');
      expect(README).toContain(`All memory limits add up to ${gibibytes} GiB`);
      expect(gibibytes).toBeLessThan((32 * 1000 ** 3) / 1024 ** 3);
      // More than the host has: the reservations on a Swarm are lower.
      expect(sum('cpu_quota') / 100_000).toBe(21);
      expect(README).toContain('all CPU limits to 21 cores, which is more than there are');
      const reserved = swarm.swarmServices.reduce((total, { task_spec }) => total + reservedCores(task_spec), 0);
      expect(README).toContain(`On a Swarm ${reserved} cores`);
      expect(reserved).toBeLessThan(16);
    },
  );
});

/** The reserved cores of a Swarm service, which counts in billionths of a core. */
function reservedCores(taskSpec: unknown): number {
  const { resources } = taskSpec as SwarmService['task_spec'];
  const { reservation } = resources as { readonly reservation?: { readonly nano_cpus?: number } };
  return (reservation?.nano_cpus ?? 0) / 1e9;
}
