import { Engine } from '../../lib';
import { volumesOf } from '../../test/services/fixtures';
import type { TerraformBlock } from '../../test/setup/synthesize';
import { met, replaced } from '../requirement';
import { namesOf, type SynthesizedSystem, textOf } from '../synthesized-system';
import { masterTrade, NAMES, SERVICES } from './mastertrade-system';

const STORES = ['postgres', 'rabbitmq', 'redis'];
/** The services that run the reference service. */
const PROGRAMS = SERVICES.filter((service) => ![...STORES, 'prometheus', 'grafana'].includes(service));

const system = masterTrade();
const scaled = { strategyServices: 5, marketDataServices: 3 };
const README = textOf('examples/mastertrade/README.md');
const { scripts } = JSON.parse(textOf('package.json')) as { readonly scripts: Readonly<Record<string, string>> };

/** Everything that is up before a service starts. */
function allBefore(service: string): Set<string> {
  const direct = system.startsAfter(service);
  return new Set([...direct, ...direct.flatMap((other) => [...allBefore(other)])]);
}

/** Names of the resources that differ between two descriptions of the system. */
function changed(before: SynthesizedSystem, after: SynthesizedSystem, type = 'docker_container'): string[] {
  const [old, current] = [before, after].map(({ terraform }) => terraform.resource[type] ?? {});
  const names = Object.keys({ ...old, ...current });
  return names.filter((name) => JSON.stringify(old?.[name]) !== JSON.stringify(current?.[name])).sort();
}

/** How a Swarm replaces a task. */
function updateOrder(swarm: SynthesizedSystem, service: string): unknown {
  return (swarm.swarmService(service).update_config as TerraformBlock).order;
}

describe('the deploy of MasterTrade', () => {
  replaced(
    'S3-54',
    'one deploy builds, starts healthy stores, creates the schema, then starts the rest (systems.e2e.test.ts)',
    'half a minute may be too short, and nothing mounts init.sql (B-38)',
    () => {
      for (const store of STORES) expect([store, system.startsAfter(store)]).toEqual([store, []]);
      for (const service of [...STORES, ...PROGRAMS]) expect(system.container(service).wait).toBe(true);
      expect(system.startsAfter('schema')).toEqual(['postgres']);
      expect(system.environment('schema').ROLE).toBe('migration');
      for (const service of PROGRAMS) {
        expect([...allBefore(service)]).toEqual(expect.arrayContaining(['postgres', 'schema']));
        expect(system.image(service).build).toBeDefined();
      }
      expect(scripts.deploy).toMatch(/ deploy$/);
    },
  );

  replaced(
    'S3-55',
    'a deploy checks secrets and Docker first (test/command-line), then starts stores, schema and services',
    '`npm run deploy` replaces start.sh, and works for every stack',
    () => {
      const postgresSecret = 'the secret postgres_url is missing';

      for (const service of PROGRAMS.filter((one) => one !== 'monitoring_ui')) {
        expect(JSON.stringify(system.container(service).lifecycle)).toContain(postgresSecret);
        expect([...allBefore(service)]).toContain('schema');
      }
      expect(system.container('schema')).toMatchObject({
        attach: true,
        lifecycle: { postcondition: [{ condition: '${self.exit_code == 0}' }] },
      });
      for (const service of SERVICES) {
        expect(system.container(service)).toMatchObject({ wait: true, wait_timeout: expect.any(Number) as unknown });
      }
      expect(scripts.deploy).toMatch(/ deploy$/);
    },
  );

  replaced(
    'S3-56',
    'a deploy replaces only what changed, one replica at a time; the new one starts first where two may run at once',
    'Compose stops the old one first (B-39); a strategy, an executor and a risk manager must not run twice (no-downtime.e2e.test.ts and cluster.e2e.test.ts show updates without a gap)',
    () => {
      const swarm = masterTrade({ engine: Engine.swarm() });
      const several = masterTrade({ engine: Engine.swarm(), ...scaled });

      expect(changed(system, masterTrade({ alertChannels: ['slack'] }))).toEqual(['mastertrade_alerts']);
      expect(changed(system, masterTrade({ providerKeys: true }))).toEqual([
        'mastertrade_executor',
        'mastertrade_market_data',
      ]);
      expect(changed(swarm, several, 'docker_service')).toEqual(['mastertrade_market_data', 'mastertrade_strategy']);
      expect(updateOrder(several, 'market_data_service')).toBe('start-first');
      for (const service of ['strategy_service', 'order_executor', 'risk_manager', 'postgres']) {
        expect(updateOrder(several, service)).toBe('stop-first');
      }
    },
  );

  replaced(
    'S3-57',
    '`npm run destroy` and `npm run deploy`; neither touches the five volumes (systems.e2e.test.ts)',
    'Terraform replaces Compose',
    () => {
      expect([scripts.destroy, scripts.deploy]).toEqual([
        expect.stringMatching(/ destroy$/),
        expect.stringMatching(/ deploy$/),
      ]);
      // Without a resource, so that no destroy removes it: only the scratch space of the backup is one.
      expect(Object.keys(system.terraform.resource.docker_volume ?? {})).toEqual([
        'volume_mastertrade_postgres_backup_scratch',
      ]);
      for (const service of [...STORES, 'prometheus', 'grafana']) {
        expect(Object.values(volumesOf(system.container(service)))).toEqual([`mastertrade_${service}_data`]);
      }
    },
  );

  met(
    'S3-58',
    'five replicas of strategy_service and three of market_data_service, each under one name, on either engine',
    () => {
      const docker = masterTrade(scaled);
      const swarm = masterTrade({ engine: Engine.swarm(), ...scaled });

      for (const [service, count] of [
        ['strategy_service', 5],
        ['market_data_service', 3],
      ] as const) {
        const replicas = Array.from({ length: count }, (_, index) => docker.container(`${service}_${index + 1}`));

        const all = docker.names.map((name) => docker.serviceOf(name)).filter((id) => id.startsWith(service));
        expect(all).toHaveLength(count);
        for (const replica of replicas) {
          expect(replica.networks_advanced).toMatchObject([{ aliases: namesOf(service) }]);
          expect(replica.ports).toEqual([]);
        }
        expect(swarm.swarmService(service).mode).toEqual({ replicated: { replicas: count } });
      }
    },
  );
});

describe('backups of MasterTrade', () => {
  replaced(
    'S3-59',
    'npm run backup dumps all databases, encrypted, into a volume of backups, and tries a restore (backup.e2e.test.ts)',
    'a backup that was never restored is not a backup, and nothing mounts /backups into the server',
    () => {
      expect(volumesOf(system.container('postgres_backup'))).toMatchObject({
        '/backup/repository': 'mastertrade_backups',
      });
      expect(README).toContain('`npm run backup -- mastertrade`');
      expect(scripts.backup).toMatch(/ backup$/);
    },
  );

  replaced(
    'S3-60',
    'the backup of PostgreSQL has everything that is in its volume',
    'the files of a server that runs are copied while it changes them, so the copy may not start',
    () => {
      expect(system.environment('postgres_backup').BACKUP_SERVER).toBe('postgres');
      expect(README).toContain('a copy of its files while it runs');
    },
  );

  replaced(
    'S3-62',
    'npm run restore stops what uses PostgreSQL, restores, compares the rows, and starts it again (backup.e2e.test.ts)',
    'the document restores into a container that it has removed before',
    () => {
      expect(README).toContain('`npm run restore -- mastertrade postgres latest`');
      expect(scripts.restore).toMatch(/ restore$/);
    },
  );
});

describe('the inspection of MasterTrade', () => {
  met(
    'S3-49',
    'each service is a container with the name of the document and a probe, as docker ps and docker inspect show',
    () => {
      for (const service of SERVICES) {
        expect(system.container(service).name).toBe(NAMES[service]);
        expect(system.probe(service)).toMatch(/^CMD(-SHELL)? ./);
      }
    },
  );

  replaced(
    'S3-63',
    'status, logs, console for psql and rabbitmqctl, exec for a connection from a service (mt5-docker.e2e.test.ts); inspect, restart, stats, prune as they are',
    'services have no psql, but the driver of their language; docker-compose does not know these containers',
    () => {
      for (const service of SERVICES) {
        expect(system.container(service)).toMatchObject({
          name: NAMES[service],
          log_driver: 'json-file',
          restart: 'always',
          memory: expect.any(Number) as unknown,
        });
        expect(labelsOf(system.container(service))).toMatchObject({
          'cdktf-trading-stack.stack': 'mastertrade',
          'cdktf-trading-stack.service': service,
        });
      }
      expect(system.environment('postgres')).toMatchObject({
        POSTGRES_USER: 'mastertrade',
        POSTGRES_DB: 'mastertrade',
      });
      // rabbitmqctl finds the node by the host name, as the user that owns the cookie.
      expect(system.container('rabbitmq')).toMatchObject({ hostname: 'rabbitmq', user: 'rabbitmq' });
      for (const command of [
        'npm run console -- mastertrade rabbitmq -- status',
        `docker restart ${NAMES.rabbitmq}`,
        "npm run console -- mastertrade postgres -- -c 'SELECT 1'",
        'npm run exec -- mastertrade data_access_api -- node',
        'npm run status -- mastertrade',
        'docker system df',
      ]) {
        expect(README).toContain(command);
      }
    },
  );

  replaced(
    'S3-64',
    'npm run logs for all services or some, with --follow and --tail, into a file with >; three files of 10 MB are kept (mt5-docker.e2e.test.ts)',
    'docker-compose does not know these containers',
    () => {
      for (const { log_driver, log_opts } of system.containers) {
        expect([log_driver, log_opts]).toEqual(['json-file', { 'max-size': '10m', 'max-file': '3' }]);
      }
      expect(README).toContain('npm run logs -- mastertrade strategy_service --follow --tail 100');
    },
  );

  met('S3-65', 'the network and the volume of PostgreSQL have the names of the document, for docker inspect', () => {
    const networks = Object.values(system.terraform.resource.docker_network ?? {});

    expect(networks.map(({ name }) => name)).toEqual(['mastertrade_network']);
    expect(Object.values(volumesOf(system.container('postgres')))).toEqual(['mastertrade_postgres_data']);
    expect(system.container('postgres').name).toBe('mastertrade_postgres');
  });
});

function labelsOf({ labels }: TerraformBlock): Record<string, string> {
  return Object.fromEntries(
    (labels as readonly { readonly label: string; readonly value: string }[]).map(({ label, value }) => [label, value]),
  );
}
