import { Image, Workload } from '../../lib';
import { volumesOf, warningsOf } from '../../test/services/fixtures';
import { synthesizeStack, type TerraformBlock } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';
import { createDeskStack, writeDesk } from './mt5-desk';
import { swarm, system } from './mt5-system';

const REFERENCE_SERVICE = 'examples/reference-service';
/** The document contains neither strategies nor models, so nothing can be built from its folders. */
const NO_STRATEGIES = 'the document contains no strategies and no models, so the runner is the reference service';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  writeDesk(project);
});

/** The system from the document's own Dockerfiles. */
function desk(): SynthesizedSystem {
  return new SynthesizedSystem(createDeskStack());
}

/** Expects a container to start exactly what its image specifies. */
function expectOwnStart(container: TerraformBlock): void {
  for (const override of ['entrypoint', 'command', 'working_dir']) expect(container).not.toHaveProperty(override);
}

/** The bind mounts of a container in the notation of Compose. */
function mountsOf(name: string): string[] {
  const { volumes } = desk().container(name);
  return (volumes as readonly Readonly<Record<string, unknown>>[])
    .filter(({ host_path: host }) => host !== undefined)
    .map((mount) => {
      const from = /\/\.\.\/\.\.\/\.\.\/(.+)"\)\}$/.exec(String(mount.host_path))?.[1] ?? '';
      return `./${from}:${String(mount.container_path)}${mount.read_only === true ? ':ro' : ''}`;
    });
}

const [BUILD = [], RUNTIME = []] = system.stages('strategy_runner');
/** Of the feature API, which is written in Python; the stage of its tests is in between. */
const API_STAGES = system.stages('feature_api');
const [API_BUILD = []] = API_STAGES;
const API_RUNTIME = API_STAGES.at(-1) ?? [];

replaced(
  'S0-3',
  'a Dockerfile for each of the two programs, a TypeScript stack instead of the compose file, and tests instead of the script',
  'a compose file would be a second definition of the services, and the script cannot run (B-17)',
  () => {
    expect(system.image('feature_api').build).toMatchObject({
      context: expect.stringContaining('examples/mt5/feature-api') as unknown,
      dockerfile: 'Dockerfile.api',
    });
    expect(system.image('strategy_runner').build).toMatchObject({
      context: expect.stringContaining(REFERENCE_SERVICE) as unknown,
      dockerfile: 'Dockerfile',
    });
    for (const file of [
      'examples/mt5/stack.ts',
      'test/examples/mt5.test.ts',
      'test/e2e/examples/mt5-docker.e2e.test.ts',
    ]) {
      expect(textOf(file)).toContain('mt5');
    }
  },
);

replaced(
  'S0-5',
  'logs, PostgreSQL and Redis have volumes; an image with models and configuration mounts both read-only under /app',
  'the document mounts nothing at /data/models or /data/config, and its programs read /app (B-08)',
  () => {
    expect(volumesOf(system.container('strategy_runner'))).toEqual({ '/data/logs': 'mt5_logs_volume' });
    expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_postgres_data' });
    expect(volumesOf(system.container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(mountsOf('strategy_runner')).toEqual(
      expect.arrayContaining(['./config:/app/config:ro', './models:/app/models:ro']),
    );
  },
);

replaced(
  'S0-11',
  'a build stage installs pinned requirements with pip on Python 3.14; the stage of the document builds, with a warning',
  'Python 3.9 no longer gets fixes (B-15); every requirement has a wheel, so there is nothing to compile',
  () => {
    expect(API_BUILD).toEqual([
      'FROM python:3.14-slim AS builder',
      'WORKDIR /tmp',
      'RUN python3 -m venv /opt/venv',
      'ENV PATH=/opt/venv/bin:$PATH',
      'COPY requirements.txt .',
      'RUN pip install --no-cache-dir --require-hashes -r requirements.txt',
    ]);
    expect(textOf('examples/mt5/feature-api/requirements.txt')).toMatch(/^fastapi==\d\S* \\\n +--hash=sha256:/m);
    expect(warningsOf(createDeskStack())).toContain('python:3.9-slim since 2025-10-31 [image-end-of-life]');
  },
);

replaced(
  'S0-12',
  'a slim last stage in /app copies the packages from the build stage, puts them on the PATH, and runs as user 1000',
  'only root can read packages below /root (B-16), and Python 3.9 no longer gets fixes (B-15)',
  () => {
    expect(API_RUNTIME).toEqual(
      expect.arrayContaining([
        'FROM python:3.14-slim',
        'WORKDIR /app',
        'COPY --from=builder /opt/venv /opt/venv',
        'COPY src/ /app/src/',
        'USER 1000:1000',
      ]),
    );
    expect(API_RUNTIME.join('\n')).toContain('ENV PATH=/opt/venv/bin:$PATH');
    expect(API_RUNTIME.join('\n')).not.toMatch(/apt-get|\/root/);
    expect(system.users.feature_api).toBe('1000:1000');
  },
);

replaced(
  'S0-13',
  'a build of Dockerfile.strategy gets its three folders: a change in any of them results in another image',
  NO_STRATEGIES,
  () => {
    for (const file of ['src/main/runner.py', 'config/strategies.yaml', 'models/model.bin']) {
      const before = desk().image('strategy_runner').name;
      project.write(file, 'another content');
      expect([file, desk().image('strategy_runner').name]).not.toEqual([file, before]);
    }
  },
);

replaced('S0-15', 'the runner starts as its image specifies: no stack overrides it', NO_STRATEGIES, () => {
  expect(RUNTIME.at(-1)).toBe('CMD ["node", "dist/main.js"]');
  expectOwnStart(desk().container('strategy_runner'));
  expectOwnStart(system.container('strategy_runner'));
  expect(swarm.swarmService('strategy_runner').task_spec.container_spec).not.toHaveProperty('command');
});

replaced('S0-16', "a runner can be built from the project's folder with Dockerfile.strategy", NO_STRATEGIES, () => {
  const build = { context: '../../..', dockerfile: 'Dockerfile.strategy' };
  expect(desk().image('strategy_runner').build).toMatchObject(build);
});

replaced(
  'S0-17',
  'the container is mt5-strategy-runner; its image is mt5-strategy, tagged with a hash of its sources',
  'latest is a different image tomorrow (B-12), and a container would not follow it',
  () => {
    const fromSources = desk();

    expect(fromSources.image('strategy_runner').name).toMatch(/^mt5-strategy:[0-9a-f]{16}$/);
    expect(system.image('strategy_runner').name).toMatch(/^mt5-strategy:[0-9a-f]{16}$/);
    expect(system.container('strategy_runner').name).toBe('mt5-strategy-runner');
    const latest = Image.fromRegistry('mt5-strategy:latest');
    expect(() => synthesizeStack((stack) => new Workload(stack, 'runner', { image: latest }))).toThrowCode(
      'image-not-pinned',
      'mt5-strategy:latest',
    );
  },
);

replaced(
  'S0-18',
  "a desk's own runner gets all five variables; the example sets those that its program reads",
  NO_STRATEGIES,
  () => {
    expect(desk().environment('strategy_runner')).toEqual({
      PORT: '9090',
      LOG_LEVEL: 'INFO',
      CONFIG_PATH: '/app/config/strategies.yaml',
      FEATURE_API_URL: 'http://feature-api:8000',
      ZMQ_MARKET_PORT: '5556',
      ZMQ_EXEC_PORT: '5555',
    });
    expect(system.environment('strategy_runner')).toMatchObject({
      LOG_LEVEL: 'INFO',
      CONFIG_PATH: '/app/config/strategies.yaml',
      FEATURE_API_URL: 'http://feature-api:8000',
      ZMQ_EXEC_PORT: '5555',
    });
  },
);

replaced('S0-19', "a desk's own runner has config and models read-only, and logs writable", NO_STRATEGIES, () => {
  expect(mountsOf('strategy_runner')).toEqual([
    './config:/app/config:ro',
    './models:/app/models:ro',
    './logs:/app/logs',
  ]);
});

replaced(
  'S0-25',
  'the container is mt5-feature-api; Dockerfile.api builds the image mt5-api, tagged with a hash of its sources',
  'latest is a different image tomorrow (B-12)',
  () => {
    expect(system.image('feature_api').build).toMatchObject({ dockerfile: 'Dockerfile.api' });
    expect(system.image('feature_api').name).toMatch(/^mt5-api:[0-9a-f]{16}$/);
    expect(system.container('feature_api').name).toBe('mt5-feature-api');
  },
);

replaced(
  'S0-27',
  'the API shares the log volume with the runner and writes its log there; an API of a desk mounts its models read-only',
  'the document contains no models',
  () => {
    const logs = { '/data/logs': 'mt5_logs_volume' };

    expect(mountsOf('feature_api')).toEqual(['./models:/app/models:ro']);
    expect(volumesOf(system.container('feature_api'))).toEqual(logs);
    expect(volumesOf(system.container('strategy_runner'))).toEqual(logs);
    for (const service of ['feature_api', 'strategy_runner']) {
      expect(system.environment(service).LOG_FILE).toBe(`/data/logs/${service}.log`);
    }
  },
);

replaced(
  'S0-47',
  'Dockerfile.api has its three labels; the image of the runner has a title, a description and a licence',
  'the runner is the reference service, which the MT5 Trading Team does not maintain',
  () => {
    expect(API_RUNTIME).toEqual(
      expect.arrayContaining([
        'LABEL maintainer="MT5 Trading Team"',
        'LABEL version="1.0"',
        'LABEL description="Feature Serving API for MT5 Trading System"',
      ]),
    );
    const labels = RUNTIME.find((line) => line.startsWith('LABEL')) ?? '';
    for (const label of ['title', 'description', 'licenses'])
      expect(labels).toContain(`org.opencontainers.image.${label}=`);
  },
);

met('S0-49', 'the API starts Uvicorn on port 8000 as its image specifies, where it is probed and scraped', () => {
  expect(API_RUNTIME.slice(-2)).toEqual([
    'ENTRYPOINT ["python3"]',
    'CMD ["-m", "uvicorn", "src.api.feature_server:app", "--host", "0.0.0.0", "--port", "8000"]',
  ]);
  expectOwnStart(system.container('feature_api'));
  expect(system.probe('feature_api')).toContain('http://$1:8000/health');
  expect(system.environment('feature_api').PORT).toBe('8000');
});

replaced(
  'S0-51',
  'a deploy builds the images whose files changed, and `deploy --no-cache` builds all of them without the cache',
  'Terraform replaces Compose',
  () => {
    const images = Object.values(system.terraform.resource.docker_image ?? {});
    const built = images.filter(({ build }) => build !== undefined);
    expect(built).toHaveLength(2);
    for (const image of built) {
      expect(image).toMatchObject({
        triggers: { content: expect.stringMatching(/^[0-9a-f]{16}$/) as unknown },
        build: { no_cache: '${var.cdktf_trading_stack_no_cache}' },
      });
    }
    expect(textOf('examples/mt5/README.md')).toContain('`npm run deploy -- mt5 --no-cache`');
  },
);

met(
  'S0-56',
  'both images are on slim bases and have no compiler, development packages or sources of the build (mt5-docker.e2e.test.ts)',
  () => {
    const { devDependencies } = JSON.parse(textOf(`${REFERENCE_SERVICE}/package.json`)) as Record<string, object>;

    expect(devDependencies).toHaveProperty('typescript');
    expect(BUILD).toContain('RUN npm run build');
    expect([RUNTIME[0], API_RUNTIME[0]]).toEqual(['FROM node:24-slim', 'FROM python:3.14-slim']);
    expect(API_RUNTIME.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY --from=builder /opt/venv /opt/venv',
      'COPY src/ /app/src/',
    ]);
    expect(RUNTIME).toContain('RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force');
    expect(RUNTIME.join('\n')).not.toMatch(/\bsrc\b|npm run build/);
    expect(RUNTIME.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY package.json package-lock.json ./',
      'COPY --from=build /app/dist ./dist',
    ]);
  },
);

met(
  'S0-59',
  'each program has a Dockerfile and an image of its own; one Dockerfile with build arguments works, too',
  () => {
    const own = ['feature_api', 'strategy_runner'].map((name) => system.image(name));
    expect(new Set(own.map(({ name }) => name)).size).toBe(2);
    expect(new Set(own.map(({ build }) => JSON.stringify(build))).size).toBe(2);

    project.write('Dockerfile', 'ARG SERVICE\nFROM python:3.13-slim\nCOPY src/$SERVICE /app\n');
    const { resource } = synthesizeStack((stack) => {
      for (const SERVICE of ['api', 'main']) {
        const image = Image.fromBuild('.', { name: `mt5-${SERVICE}`, buildArgs: { SERVICE } });
        new Workload(stack, SERVICE, { image });
      }
    });
    expect(Object.values(resource.docker_image ?? {}).map(({ build }) => build)).toMatchObject(
      ['api', 'main'].map((name) => ({ context: '../../..', dockerfile: 'Dockerfile', build_args: { SERVICE: name } })),
    );
  },
);

replaced(
  'S0-62',
  'Dockerfile.api copies the packages of its builder, puts them on the PATH, and copies src/ and no other folder',
  'only root can read packages below /root (B-16), Python 3.9 no longer gets fixes (B-15), and the document contains no models',
  () => {
    expect(API_BUILD[0]).toBe('FROM python:3.14-slim AS builder');
    expect(API_RUNTIME[0]).toBe('FROM python:3.14-slim');
    expect(API_RUNTIME.join('\n')).toContain('ENV PATH=/opt/venv/bin:$PATH');
    expect(API_RUNTIME.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY --from=builder /opt/venv /opt/venv',
      'COPY src/ /app/src/',
    ]);
  },
);

replaced(
  'S0-64',
  'both images have a tag with the hash of their sources, and labels (mt5-docker.e2e.test.ts)',
  'latest is a different image tomorrow (B-12)',
  () => {
    expect(system.image('strategy_runner').name).toMatch(/^mt5-strategy:[0-9a-f]{16}$/);
    expect(system.image('feature_api').name).toMatch(/^mt5-api:[0-9a-f]{16}$/);
    for (const stage of [RUNTIME, API_RUNTIME]) expect(stage.join('\n')).toMatch(/^LABEL .*description=/m);
  },
);

met(
  'S0-66',
  'the images have bases, packages and sources of their own; an update of one replaces only its containers (mt5-docker.e2e.test.ts)',
  () => {
    const contextOf = (service: string) => String((system.image(service).build as TerraformBlock).context);

    expect(contextOf('feature_api')).toMatch(/examples\/mt5\/feature-api$/);
    expect(contextOf('strategy_runner')).toMatch(/examples\/reference-service$/);
    expect([RUNTIME[0], API_RUNTIME[0]]).toEqual(['FROM node:24-slim', 'FROM python:3.14-slim']);
    expect(RUNTIME).toContain('COPY package.json package-lock.json ./');
    expect(API_BUILD).toContain('COPY requirements.txt .');
  },
);
