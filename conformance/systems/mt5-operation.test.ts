import { parse } from 'yaml';
import { createMt5Stack } from '../../examples/mt5/stack';
import { environmentOf, secretsOf, volumesOf } from '../../test/services/fixtures';
import { documented, met, replaced } from '../requirement';
import { secretFilesOf, textOf } from '../synthesized-system';
import { DOCUMENTED, swarm, system } from './mt5-system';

const README = textOf('examples/mt5/README.md');
const NO_COMPOSE = 'Terraform replaces Compose, and its containers are like any others';
const SCRIPTS = (JSON.parse(textOf('package.json')) as { readonly scripts: Record<string, string> }).scripts;

/** The health check of a container or of a service of a Swarm. */
interface Check {
  readonly test: readonly string[];
}

/** The replacement for a command of Docker Compose in the README. */
function insteadOf(command: string): string {
  const row = README.split('\n').find((line) => line.startsWith(`| ${command} |`));
  return row?.split('|')[2]?.trim() ?? '';
}

documented('S0-1', 'examples/mt5/README.md names the ticket, the protocol and configuration as code', () => {
  expect(README).toContain('(task #022.01, ticket #075, protocol v2.2: configuration as code)');
});

replaced(
  'S0-45',
  'passwords are secret files, LOG_LEVEL is read from the environment, names are in the stack, and addresses follow from them',
  'the compose file reads only the two passwords (B-06), and every docker inspect shows those',
  () => {
    expect(secretsOf(system.container('db'))).toEqual(['/run/secrets/db_password']);
    expect(secretsOf(system.container('grafana'))).toEqual(['/run/secrets/grafana_admin_password']);
    expect(system.environment('db')).toMatchObject({ POSTGRES_USER: 'mt5_user', POSTGRES_DB: 'mt5' });
    expect(system.environment('strategy_runner')).toMatchObject({
      REDIS_URL_FILE: '/run/secrets/redis_url',
      FEATURE_API_URL: 'http://feature-api:8000',
      LOG_LEVEL: 'INFO',
      ZMQ_EXEC_PORT: '5555',
    });
    expect(system.environment('market_data').ZMQ_MARKET_PORT).toBe('5556');
    expect(README).toContain('`LOG_LEVEL=DEBUG npm run deploy -- mt5`');
    const names = system.containers.flatMap((block) => Object.keys(environmentOf(block)));
    for (const unread of ['ZMQ_MARKET_URL', 'ZMQ_EXEC_URL', 'API_PORT', 'DB_USER', 'DB_PASSWORD']) {
      expect(names).not.toContain(unread);
    }
  },
);

replaced(
  'S0-50',
  'npm test synthesizes the system, npm run test:e2e builds and deploys it: test/e2e/examples/mt5-docker.e2e.test.ts',
  'the script searches for output that the builder does not print, and lacks an import (B-17)',
  () => {
    for (const [service, image, dockerfile] of [
      ['strategy_runner', 'mt5-strategy', 'Dockerfile'],
      ['feature_api', 'mt5-api', 'Dockerfile.api'],
    ] as const) {
      expect(String(system.image(service).name).split(':')[0]).toBe(image);
      expect(system.image(service).build).toMatchObject({ dockerfile });
      expect(system.stages(service).length).toBeGreaterThan(1);
    }
    expect(SCRIPTS).toMatchObject({ test: 'jest --ci', 'test:e2e': expect.stringContaining('test/e2e') as unknown });
    expect(textOf('test/e2e/examples/mt5-docker.e2e.test.ts')).toContain("test('deploys with every service healthy'");
  },
);

replaced(
  'S0-52',
  'npm run deploy starts everything in order and detached; Terraform starts a single service with its dependencies',
  NO_COMPOSE,
  () => {
    expect(insteadOf('`build`, `up -d`')).toContain('`npm run deploy -- mt5`');
    expect(SCRIPTS.deploy).toContain('bin/stack.ts deploy');
    expect(insteadOf('`up -d strategy_runner`')).toContain('-target=docker_container.mt5-strategy-runner');
    expect(system.terraform.resource.docker_container).toHaveProperty(
      ['mt5-strategy-runner', 'depends_on'],
      ['docker_container.mt5-feature-api', 'docker_container.mt5-market-data'],
    );
  },
);

replaced(
  'S0-53',
  'npm run status, logs and exec of this library, and docker stats; every container has a fixed name',
  NO_COMPOSE,
  () => {
    expect(insteadOf('`ps`')).toBe('`npm run status -- mt5`');
    for (const block of system.containers) {
      expect(block.labels).toContainEqual({ label: 'cdktf-trading-stack.stack', value: 'mt5' });
    }
    expect(insteadOf('`logs -f strategy_runner`')).toBe('`npm run logs -- mt5 strategy_runner --follow`');
    expect(insteadOf('`exec strategy_runner bash`')).toBe('`npm run exec -- mt5 strategy_runner -- bash`');
    expect(insteadOf('`stats`')).toContain('`docker stats`');
    expect(system.container('strategy_runner')).toMatchObject({ name: 'mt5-strategy-runner', log_driver: 'json-file' });
  },
);

replaced(
  'S0-54',
  'npm run destroy removes all but images and volumes, and --volumes the data too; test/e2e/examples/mt5-docker.e2e.test.ts runs it',
  NO_COMPOSE,
  () => {
    expect(insteadOf('`down`')).toBe('`npm run destroy -- mt5`');
    expect(insteadOf('`down -v`')).toBe('`npm run destroy -- mt5 --volumes`');
    expect(insteadOf('`rmi`')).toContain('`docker image rm`');
    expect(system.terraform.resource).not.toHaveProperty('docker_volume');
    const volumes = system.containers.flatMap((block) => Object.values(volumesOf(block)));
    expect([...new Set(volumes)].sort()).toEqual([
      'mt5_grafana_data',
      'mt5_logs_volume',
      'mt5_postgres_data',
      'mt5_prometheus_data',
      'mt5_redis_data',
    ]);
    expect(textOf('test/e2e/examples/mt5-docker.e2e.test.ts')).toContain("project.destroy('mt5')");
    expect(textOf('test/e2e/harness/project.ts')).toContain("this.script('destroy', stack, '--yes', '--volumes')");
    for (const image of Object.values(system.terraform.resource.docker_image ?? {}))
      expect(image.keep_locally).toBe(true);
    for (const block of system.containers) {
      expect(block.destroy_grace_seconds).toBe(block.stop_timeout);
    }
  },
);

replaced(
  'S0-55',
  'secrets are written for a deploy, nothing starts before its dependencies, and each container is hardened',
  'secret files replace .env.example, and tests replace the audit script',
  () => {
    const { contents, missing } = secretFilesOf(createMt5Stack);
    expect(missing).toEqual([]);
    expect(Object.keys(contents)).toEqual(expect.arrayContaining(['db_password', 'grafana_admin_password']));
    expect(insteadOf('`.env`')).toBe('`.secrets/mt5/`, written by `npm run synth`');

    const started: string[] = [];
    for (const name of ['db', 'redis', 'market_data', 'feature_api', 'strategy_runner', 'prometheus', 'grafana']) {
      expect([name, system.startsAfter(name).filter((other) => !started.includes(other))]).toEqual([name, []]);
      started.push(name);
    }
    for (const { name, security_opts, capabilities, memory } of system.containers) {
      expect([name, security_opts, capabilities]).toMatchObject([name, ['no-new-privileges:true'], { drop: ['ALL'] }]);
      expect(memory).toBeGreaterThan(0);
    }
    expect(README).toContain('npm run deploy -- mt5');
  },
);

met(
  'S0-58',
  'the runner, the feature API and the market data are restarted when their health checks fail (workloads.e2e.test.ts)',
  () => {
    for (const name of ['strategy_runner', 'feature_api', 'market_data']) {
      const { restart, healthcheck } = system.container(name);
      const { test, retries } = healthcheck as { readonly test: readonly string[]; readonly retries: number };
      expect([name, restart]).toEqual([name, 'unless-stopped']);
      expect(test.slice(4, 6)).toEqual(['restart-when-unhealthy', String(retries)]);
      expect(test.at(-1)).toContain('/health');
    }
  },
);

met(
  'S0-63',
  'the runner follows the enabled strategies of strategies.yaml, each with orders of its own (reference-service/test/listed-strategies.test.ts)',
  () => {
    const { strategies } = parse(textOf('examples/mt5/config/strategies.yaml')) as {
      readonly strategies: readonly { readonly name: string; readonly symbol: string; readonly enabled?: boolean }[];
    };
    expect(strategies.filter(({ enabled = true }) => enabled).map(({ name, symbol }) => [name, symbol])).toEqual([
      ['euro-crossover', 'EURUSD'],
      ['pound-scalper', 'GBPUSD'],
    ]);
    expect(system.environment('strategy_runner').CONFIG_PATH).toBe('/app/config/strategies.yaml');
    expect(system.container('strategy_runner')).toMatchObject({
      read_only: true,
      volumes: expect.arrayContaining([
        expect.objectContaining({
          host_path: expect.stringContaining('examples/mt5/config"') as unknown,
          container_path: '/app/config',
          read_only: true,
        }),
      ]) as unknown,
    });
    const { container_spec } = swarm.swarmService('strategy_runner').task_spec;
    expect(container_spec).toMatchObject({
      read_only: true,
      configs: [expect.objectContaining({ file_name: '/app/config/strategies.yaml' })],
    });
  },
);

replaced(
  'S0-65',
  'every container is probed on both engines but that of the Redis exporter; status exits with 1 if one is not healthy (mt5-docker.e2e.test.ts)',
  'Kubernetes ignores the HEALTHCHECK of an image, and a plain engine does not act on it (B-18)',
  () => {
    const probed = system.containers.filter(({ healthcheck }) => healthcheck !== undefined);
    const probedNames = probed.map(({ name }) => String(name));
    expect(system.names.filter((name) => !probedNames.includes(name))).toEqual(['mt5-redis-exporter']);
    for (const { name, healthcheck } of probed) {
      const service = system.serviceOf(String(name));
      const { healthcheck: onSwarm } = swarm.swarmService(service).task_spec.container_spec;
      // On one host, some of them have a part before the command that restarts the container.
      expect((onSwarm as Check).test.at(-1)).toBe((healthcheck as Check).test.at(-1));
    }
  },
);

documented(
  'S0-67',
  'the README of the example says why the repository of the desk needs its own script and review',
  () => {
    expect(README).toContain('They are about the repository of the desk');
  },
);

replaced(
  'S0-61',
  'both images build, and six services, mt5-net and the mounts are in the output; test/e2e/examples/mt5-docker.e2e.test.ts deploys it',
  'compose file, script and audit are tests here, and the tags are hashes (B-12, B-17)',
  () => {
    const ids = system.names.map((name) => system.serviceOf(name));
    expect(ids).toEqual(expect.arrayContaining([...DOCUMENTED]));
    for (const [name, image] of [
      ['strategy_runner', /^mt5-strategy:[0-9a-f]{16}$/],
      ['feature_api', /^mt5-api:[0-9a-f]{16}$/],
    ] as const) {
      expect(system.image(name).name).toMatch(image);
      expect(volumesOf(system.container(name))).toEqual({ '/data/logs': 'mt5_logs_volume' });
    }
    expect(system.network.name).toBe('mt5-net');
    for (const test of ['deploys with every service healthy', 'plans no change after that']) {
      expect(textOf('test/e2e/examples/mt5-docker.e2e.test.ts')).toContain(`test('${test}'`);
    }
  },
);
