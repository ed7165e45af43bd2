import { createPlatformStack } from '../../../examples/platform/stack';
import { Engine } from '../../../lib';
import { createApp } from '../../setup/synthesize';
import { met, replaced } from '../requirement';
import { SynthesizedSystem } from '../synthesized-system';
import { JOBS, running, USERS } from './platform-system';

const system = new SynthesizedSystem(createPlatformStack(createApp()));
const swarm = new SynthesizedSystem(createPlatformStack(createApp(), { engine: Engine.swarm() }));

describe('security', () => {
  replaced(
    'S4-28',
    'the services and the schema run as 1000, each server as the user of its image, and nobody as root',
    'the files of PostgreSQL, Redis and InfluxDB belong to the users of their images (B-44)',
    () => {
      expect(
        Object.fromEntries(system.containers.map(({ name, user }) => [system.serviceOf(String(name)), user])),
      ).toEqual(USERS);
    },
  );

  met('S4-29', 'every secret is a read-only file, and on a Swarm a Docker secret; no variable holds one', () => {
    for (const { name, env } of system.containers) {
      const lines = (env as readonly string[] | undefined) ?? [];
      const suspicious = lines.filter((line) => /^[A-Z_]*(PASSWORD|TOKEN|SECRET|KEY|URL)[A-Z_]*=/.test(line));
      for (const line of suspicious) {
        expect([name, line]).toEqual([
          name,
          expect.stringMatching(/_FILE=\/run\/|^INFLUXDB_URL=http:\/\/influxdb:8086$|^TOKEN=token-[0-9a-f]{16}$/),
        ]);
      }
    }
    for (const { volumes } of system.containers) {
      for (const mount of volumes as readonly Record<string, unknown>[]) {
        if (String(mount.container_path).startsWith('/run/secrets/')) expect(mount.read_only).toBe(true);
      }
    }
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
  });

  met('S4-30', 'all containers are on one network of their own, and only nginx is published, on 127.0.0.1', () => {
    const [[id, network] = ['', {}], ...others] = Object.entries(system.terraform.resource.docker_network ?? {});
    expect(others).toEqual([]);
    expect(network).toMatchObject({ name: 'platform', driver: 'bridge' });
    for (const { networks_advanced } of system.containers) {
      expect(networks_advanced).toMatchObject([{ name: `\${docker_network.${id}.id}` }]);
    }
    expect(system.published()).toEqual(['127.0.0.1:8083 -> platform-proxy:8080']);
  });

  met(
    'S4-31',
    'everything that runs has a probe, the two workers too, and is waited for; jobs have to end with 0',
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
    'every container has limits of CPU and memory; images are Alpine, and a slim one for the services',
    () => {
      for (const { cpu_quota, memory, memory_swap } of system.containers) {
        expect(cpu_quota).toBeGreaterThan(0);
        expect(memory).toBeGreaterThan(0);
        expect(memory_swap).toBe(memory);
      }
      const pulled = system.images.filter((name) => !name.startsWith('platform-'));
      expect(pulled).toHaveLength(4);
      for (const name of pulled) expect(name).toMatch(/-alpine(-slim)?$/);
      expect(system.stages('api_gateway_1').at(-1)?.[0]).toBe('FROM node:24-slim');
    },
  );
});
