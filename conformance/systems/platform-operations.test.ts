import { createPlatformStack } from '../../examples/platform/stack';
import { Engine, type IMonitored, MonitoringStack } from '../../lib';
import { fileOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { documented, met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';
import { OWN, running } from './platform-system';

const NO_COMPOSE = 'Terraform replaces Compose, and its containers are like any others';

const system = new SynthesizedSystem(createPlatformStack(createApp()));
const small = new SynthesizedSystem(createPlatformStack(createApp(), { apiGateways: 1, webSocketServices: 1 }));
const swarm = new SynthesizedSystem(createPlatformStack(createApp(), { engine: Engine.swarm() }));
const readme = textOf('examples/platform/README.md');

function expectInReadme(...sentences: readonly string[]): void {
  for (const sentence of sentences) expect(readme).toContain(sentence);
}

describe('images', () => {
  replaced(
    'S4-7',
    'the deploy builds the five images from the sources, for all eight services and the schema',
    'the deploy builds what changed: there is no script to forget',
    () => {
      const built = Object.values(system.terraform.resource.docker_image ?? {}).filter(
        ({ build }) => build !== undefined,
      );
      expect(built).toHaveLength(5);
      for (const service of OWN) {
        expect(system.image(service)).toMatchObject({
          build: { context: '../../../examples/reference-service', dockerfile: 'Dockerfile' },
        });
      }
    },
  );

  met('S4-8', 'DOCKER_REGISTRY and VERSION name the five images, which a deploy pushes and destroy keeps', () => {
    const release = { registry: 'gcr.io/your-project-id', version: 'v1.0.0' };
    const pushed = new SynthesizedSystem(createPlatformStack(createApp(), { release })).terraform.resource;
    const names = ['analytics-service', 'api-gateway', 'order-service', 'strategy-service', 'websocket-service'];
    const built = Object.values(pushed.docker_image ?? {}).filter(({ build }) => build !== undefined);
    expect(built.map(({ name }) => name).sort()).toEqual(names.map((one) => `gcr.io/your-project-id/${one}:v1.0.0`));
    expect(Object.values(pushed.docker_registry_image ?? {})).toEqual(
      names.map(() => expect.objectContaining({ keep_remotely: true }) as unknown),
    );
    expect(textOf('examples/platform/app.ts')).toContain(
      '{ DOCKER_REGISTRY: registry, VERSION: version } = process.env',
    );
  });

  replaced(
    'S4-15',
    'without a registry the name is the one on this engine; no image is `latest`',
    '`latest` is a different image tomorrow, and for InfluxDB a different product (B-12)',
    () => {
      const built = ['analytics-service', 'api-gateway', 'order-service', 'strategy-service', 'websocket-service'];
      expect(system.images).toEqual([
        'influxdb:2.9-alpine',
        'nginxinc/nginx-unprivileged:1.30-alpine-slim',
        'postgres:17-alpine',
        'redis:7.4-alpine',
        ...built.map((name) => expect.stringMatching(new RegExp(`^trading-platform/${name}:[0-9a-f]{16}$`)) as unknown),
      ]);
    },
  );

  replaced(
    'S4-9',
    'a second stage without the compiler, the sources and what only builds need (mt5-docker.e2e.test.ts)',
    'the share of the whole image depends on its base (B-22): most of this one is Node',
    () => {
      const stages = system.stages('api_gateway_1');
      const runtime = stages.at(-1)?.join('\n') ?? '';
      expect(stages).toHaveLength(2);
      expect(runtime).toContain('npm ci --omit=dev');
      expect(runtime).not.toMatch(/COPY .*src/);
      expect(JSON.parse(textOf('examples/reference-service/package.json'))).toMatchObject({
        devDependencies: { typescript: expect.any(String) as unknown },
      });
    },
  );
});

describe('daily operation', () => {
  replaced(
    'S4-6',
    'Docker 25.0, or 20.10 if the engine is declared as that, and Terraform 1.5; all limits add up to 16 GB, and to 10 GB with one of each service',
    'Compose is not needed; limits of 8 GB for the services leave nothing of 8 GB for their servers (B-46)',
    () => {
      expect(textOf('README.md')).toContain('With Terraform (1.5 or newer) and Docker (25.0 or newer)');
      const older = new SynthesizedSystem(
        createPlatformStack(createApp(), { engine: Engine.docker({ engineVersion: '20.10' }) }),
      );
      expect(older.names).toEqual(system.names);
      expect(JSON.stringify(older.terraform)).not.toContain('start_interval');
      expect(system.memoryOf(running(system))).toBe(14 * 1024 + 2048);
      expect(small.memoryOf(running(small))).toBe(8 * 1024 + 2048);
      expectInReadme('10 GB with one of each, 16 GB with three gateways and two WebSocket services');
    },
  );

  replaced(
    'S4-10',
    'one description: fewer replicas for development, another engine for production, and generated secrets',
    'two files drift apart; there is no `.env`, because secrets are files that the app writes',
    () => {
      expect(
        running(small)
          .filter((name) => /gateway|websocket_service/.test(name))
          .sort(),
      ).toEqual(['api_gateway', 'websocket_service']);
      expect(swarm.swarmService('api_gateway').mode).toEqual({ replicated: { replicas: 3 } });
      expectInReadme(
        '`createPlatformStack(app, { apiGateways: 1, webSocketServices: 1 })` for a laptop',
        '| `.env`, made from `.env.example` | `.secrets/platform/`, written by `npm run synth` |',
      );
    },
  );

  replaced(
    'S4-34',
    'npm run deploy for both, with other options; npm run status shows both servers',
    NO_COMPOSE,
    () => {
      expect(system.names).toEqual(expect.arrayContaining(['platform-postgres', 'platform-redis']));
      expect(system.serviceOf('platform-redis')).toBe('redis');
      expectInReadme(
        '| `./build-images.sh`, `up -d` | `npm run deploy -- platform`',
        '| `ps`, `ps -a` | `npm run status -- platform` |',
        '`createPlatformStack(app, { apiGateways: 1, webSocketServices: 1 })` for a laptop',
      );
    },
  );

  replaced('S4-21', 'npm run logs of all services or one, with --follow and --tail 100', NO_COMPOSE, () => {
    for (const { name, log_driver } of system.containers) expect([name, log_driver]).toEqual([name, 'json-file']);
    expectInReadme(
      'npm run logs -- platform api-gateway --follow',
      'npm run logs -- platform websocket-service --tail 100',
    );
  });

  replaced(
    'S4-22',
    'each is probed at /health, and answers there on 127.0.0.1:8080, 8081 and 8082, the replicated ones through nginx',
    'replicas cannot share a port, so nginx has 8080 and 8081',
    () => {
      for (const [service, port] of Object.entries({
        api_gateway_1: 8080,
        websocket_service_1: 8081,
        analytics_service: 8082,
      })) {
        expect(system.probe(service)).toContain(`"http://$1:${port}/health"`);
      }
      expect(system.published()).toEqual([
        '127.0.0.1:8080 -> platform-proxy:8080',
        '127.0.0.1:8081 -> platform-websocket-proxy:8080',
        '127.0.0.1:8082 -> platform-analytics-service:8082',
      ]);
      for (const [proxy, backend] of [
        ['proxy', 'api-gateway:8080'],
        ['websocket_proxy', 'websocket-service:8081'],
      ] as const) {
        const [, location = ''] = fileOf(system.container(proxy), '/etc/nginx/nginx.conf').split(
          /location (?:= )?\/health \{/,
        );
        expect(location.split('}')[0]).toContain(`"${backend}"`);
      }
      expectInReadme('| `curl http://localhost:8080/health`, `…8081/health`, `…8082/health` | the same |');
    },
  );

  replaced(
    'S4-23',
    'docker stats; a single gateway has the name of the document, and three have numbers',
    'three gateways (S4-24) cannot have one name',
    () => {
      expect(small.container('api_gateway').name).toBe('trading_api_gateway');
      expect(system.container('api_gateway_1').name).toBe('platform-api-gateway-1');
      expectInReadme('`docker stats platform-api-gateway-1`; a single gateway is `trading_api_gateway`');
    },
  );

  replaced(
    'S4-26',
    'logs, status, inspect; console for psql as the user that exists and redis-cli with its password; limits in code',
    'Redis has a password (B-11), and there is no compose file',
    () => {
      for (const { labels } of system.containers) {
        expect(labels).toContainEqual({ label: 'cdktf-trading-stack.stack', value: 'platform' });
      }
      expect(system.environment('postgres')).toMatchObject({
        POSTGRES_USER: 'postgres',
        POSTGRES_DB: 'trading_platform',
      });
      expect(system.probe('redis')).toContain('REDISCLI_AUTH="$(cat /run/secrets/redis_password)" redis-cli ping');
      expectInReadme(
        'npm run status -- platform',
        'npm run console -- platform postgres',
        'npm run console -- platform redis -- PING',
        'A container that reaches its memory limit is killed and restarted',
      );
    },
  );

  replaced(
    'S4-27',
    'npm run destroy, with --volumes for the data; all five images have trading-platform in their names, so the last command works',
    NO_COMPOSE,
    () => {
      for (const service of OWN) expect(system.image(service).name).toMatch(/trading-platform/);
      for (const image of Object.values(system.terraform.resource.docker_image ?? {})) {
        expect(image.keep_locally).toBe(true);
      }
      expectInReadme(
        '| `down` | `npm run destroy -- platform` |',
        '| `down -v` | `npm run destroy -- platform --volumes` |',
        "| `docker rmi $(docker images \\| grep 'trading-platform' …)` | the same |",
      );
    },
  );

  documented(
    'S4-33',
    'the README of the example says what comes later; the line that it has for monitoring works',
    () => {
      expectInReadme(
        'Cloud Run, which is not a Docker engine; CI/CD; a load test; and monitoring',
        "new MonitoringStack(stack, 'monitoring', { watch: [database, queue, prices, gateway, webSockets, analytics] })",
      );
      const stack = createPlatformStack(createApp());
      const watch = ['postgres', 'redis', 'influxdb', 'api_gateway', 'websocket_service', 'analytics_service'].map(
        (id) => stack.node.findChild(id) as unknown as IMonitored,
      );
      new MonitoringStack(stack, 'monitoring', { watch });
      const targets = fileOf(new SynthesizedSystem(stack).container('prometheus'), '/etc/prometheus/prometheus.yml');
      for (const { metrics } of watch) expect(targets).toContain(`job_name: ${metrics.job}\n`);
    },
  );
});
