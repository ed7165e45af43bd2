import { createPlatformStack } from '../../examples/platform/stack';
import { Engine } from '../../lib';
import { createApp, type TerraformBlock } from '../../test/setup/synthesize';
import { met, replaced } from '../requirement';
import { type SwarmService, SynthesizedSystem } from '../synthesized-system';
import { JOBS, running, USERS } from './platform-system';

const system = new SynthesizedSystem(createPlatformStack(createApp()));
const swarm = new SynthesizedSystem(createPlatformStack(createApp(), { engine: Engine.swarm() }));

describe('security', () => {
  replaced(
    'S4-28',
    'the services and the schema run as 1000, each server as the user of its image, and nothing as root',
    'the files of PostgreSQL, Redis and InfluxDB belong to the users of their images (B-44)',
    () => {
      expect(system.users).toEqual(USERS);
    },
  );

  met(
    'S4-29',
    'secrets are read-only files, and Docker secrets on a Swarm; two tokens that InfluxDB creates are in volumes; no variable holds one',
    () => {
      expect([...system.openSecrets, ...swarm.openSecrets]).toEqual([]);

      const mounts = [...system.containers, ...swarm.containers].flatMap(({ volumes }) => volumes as TerraformBlock[]);
      const files = mounts.filter(({ container_path }) => String(container_path).startsWith('/run/'));
      expect(files).not.toEqual([]);
      for (const file of files) expect(file.read_only).toBe(true);
      const secretFiles = system.containers.flatMap(({ mounts = [] }) => mounts as TerraformBlock[]);
      expect(secretFiles).not.toEqual([]);
      for (const file of secretFiles) expect([file.target, file.read_only]).toEqual([file.target, true]);

      const services = swarm.swarmServices.map(({ name }) => swarm.serviceOf(String(name)));
      const given = services.flatMap((service) => secretsOf(swarm.swarmService(service)));
      expect(given).not.toEqual([]);
      for (const { file_name, file_mode } of given) {
        expect([file_name, file_mode]).toEqual([expect.stringMatching(/^\/run\/secrets\//), 0o444]);
      }
      const mounted = services.flatMap((service) => mountsOf(swarm.swarmService(service)));
      expect(mounted.filter(({ type }) => type === 'bind')).toEqual([]);
      const tokens = mounted.filter(({ target }) => String(target).startsWith('/run/'));
      expect(tokens.map(({ target, type, read_only }) => [target, type, read_only])).toEqual([
        ['/run/influxdb/analytics_service', 'volume', true],
        ['/run/influxdb/strategy_service', 'volume', true],
      ]);

      const names = Object.values(swarm.terraform.resource.docker_secret ?? {}).map(
        ({ name }) => String(name).split('-')[1],
      );
      expect(names.sort()).toEqual([
        'influxdb_operator_token',
        'influxdb_password',
        'jwt_secret_key',
        'postgres_password',
        'postgres_url',
        'redis_auth.conf',
        'redis_password',
      ]);
    },
  );

  met(
    'S4-30',
    'all containers are on a network of their own, and published are only nginx and reports, on 127.0.0.1',
    () => {
      const [[id, network] = ['', {}], ...others] = Object.entries(system.terraform.resource.docker_network ?? {});
      expect(others).toEqual([]);
      expect(network).toMatchObject({ name: 'platform', driver: 'bridge' });
      for (const { networks_advanced } of system.containers) {
        expect(networks_advanced).toMatchObject([{ name: `\${docker_network.${id}.id}` }]);
      }
      for (const line of system.published()) expect(line).toMatch(/^127\.0\.0\.1:808[0-2] -> /);
    },
  );

  met(
    'S4-31',
    'everything that runs has a probe, including the two workers, and is waited for; jobs have to exit with 0',
    () => {
      for (const service of running(system)) {
        expect(system.probe(service)).toMatch(/^CMD(-SHELL)? ./);
        expect(system.container(service).wait).toBe(true);
      }
      for (const worker of ['strategy_service', 'order_service']) {
        expect(system.environment(worker).HEARTBEAT_FILE).toBe('/tmp/heartbeat');
        expect(system.probe(worker)).toMatch(/\$\(stat -c %Y \/tmp\/heartbeat\) \)\) -le 60$/);
      }
      for (const job of JOBS) {
        expect(system.container(job).lifecycle).toMatchObject({
          postcondition: [{ condition: '${self.exit_code == 0}' }],
        });
      }
    },
  );

  met(
    'S4-32',
    'every container has CPU and memory limits; images are Alpine, and a slim one without build tools for the services',
    () => {
      for (const { cpu_quota, memory, memory_swap } of system.containers) {
        expect(cpu_quota).toBeGreaterThan(0);
        expect(memory).toBeGreaterThan(0);
        expect(memory_swap).toBe(memory);
      }
      const pulled = system.images.filter((name) => !name.startsWith('trading-platform/'));
      expect(pulled).toHaveLength(4);
      for (const name of pulled) expect(name).toMatch(/-alpine(-slim)?$/);
      const runtime = system.stages('api_gateway_1').at(-1) ?? [];
      expect(runtime[0]).toBe('FROM node:24-slim');
      expect(runtime.filter((line) => /^(COPY|ADD) /.test(line))).toEqual([
        'COPY package.json package-lock.json ./',
        'COPY --from=build /app/dist ./dist',
      ]);
      expect(runtime.join('\n')).not.toMatch(/apt-get|apk add/);
    },
  );
});

function secretsOf(service: SwarmService): readonly TerraformBlock[] {
  return (service.task_spec.container_spec.secrets ?? []) as readonly TerraformBlock[];
}

function mountsOf(service: SwarmService): readonly TerraformBlock[] {
  return (service.task_spec.container_spec.mounts ?? []) as readonly TerraformBlock[];
}
