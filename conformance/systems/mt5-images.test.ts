import { Image, Workload } from '../../lib';
import { volumesOf, warningsOf } from '../../test/services/fixtures';
import { synthesizeStack, type TerraformBlock } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';
import { createDeskStack, writeDesk } from './mt5-desk';
import { swarm, system } from './mt5-system';

const REFERENCE_SERVICE = 'examples/reference-service';
const IN_TYPESCRIPT = 'the reference service is written in TypeScript, and Python 3.9 no longer gets fixes (B-15)';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  writeDesk(project);
});

/** The system from the document's own Dockerfiles. */
function desk(): SynthesizedSystem {
  return new SynthesizedSystem(createDeskStack());
}

/** The last stage of the Dockerfile that a service of the document is built from. */
function builtFrom(service: string): string[] {
  return desk().stages(service).at(-1) ?? [];
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

const [BUILD = [], RUNTIME = [], ...OTHERS] = system.stages('strategy_runner');

replaced(
  'S0-3',
  'one Dockerfile for both programs, a TypeScript stack instead of the compose file, and tests instead of the script',
  'the stack is the definition, and one program plays all roles; two Dockerfiles work too (S0-59)',
  () => {
    expect(OTHERS).toEqual([]);
    for (const name of ['strategy_runner', 'feature_api']) {
      const { build } = system.image(name);
      expect(build).toEqual({
        context: expect.stringContaining(REFERENCE_SERVICE) as unknown,
        dockerfile: 'Dockerfile',
      });
    }
    for (const file of ['examples/mt5/stack.ts', 'test/examples/mt5.test.ts', 'test/e2e/mt5-docker.e2e.test.ts']) {
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
  "a build stage with its own tools, and dependencies before sources; the document's own stage builds, with a warning",
  IN_TYPESCRIPT,
  () => {
    expect(BUILD).toEqual([
      'FROM node:24-slim AS build',
      'WORKDIR /app',
      'COPY package.json package-lock.json ./',
      'RUN npm ci --ignore-scripts',
      'COPY tsconfig.json tsconfig.build.json ./',
      'COPY src ./src',
      'RUN npm run build',
    ]);
    expect(warningsOf(createDeskStack())).toContain('python:3.9-slim since 2025-10-31 [image-end-of-life]');
  },
);

replaced(
  'S0-12',
  'a slim last stage in /app that copies the result from the build stage and runs as a user of its own',
  `${IN_TYPESCRIPT}; only root can read packages below /root (B-16)`,
  () => {
    expect(RUNTIME).toEqual(
      expect.arrayContaining([
        'FROM node:24-slim',
        'WORKDIR /app',
        'RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force',
        'COPY --from=build /app/dist ./dist',
        'USER node',
      ]),
    );
    expect(RUNTIME.join('\n')).not.toMatch(/apt-get|\/root/);
  },
);

met('S0-13', 'Dockerfile.strategy of the document builds unchanged, with its three folders and four new ones', () => {
  expect(builtFrom('strategy_runner')).toEqual(
    expect.arrayContaining([
      'COPY src/ /app/src/',
      'COPY config/ /app/config/',
      'COPY models/ /app/models/',
      'RUN mkdir -p /app/logs /data/logs /data/models /data/config',
    ]),
  );
  for (const file of ['src/main/runner.py', 'config/strategies.yaml', 'models/model.bin']) {
    const before = desk().image('strategy_runner').name;
    project.write(file, 'another content');
    expect([file, desk().image('strategy_runner').name]).not.toEqual([file, before]);
  }
});

met('S0-15', 'the runner of Dockerfile.strategy starts as its image specifies: no stack overrides it', () => {
  expect(builtFrom('strategy_runner').slice(-2)).toEqual(['ENTRYPOINT ["python3"]', 'CMD ["-m", "src.main.runner"]']);
  expectOwnStart(desk().container('strategy_runner'));
  expectOwnStart(system.container('strategy_runner'));
  expect(swarm.swarmService('strategy_runner').task_spec.container_spec).not.toHaveProperty('command');
});

met('S0-16', "a runner is built from the project's folder with Dockerfile.strategy", () => {
  const fromSources = desk();

  expect(fromSources.image('strategy_runner').build).toEqual({
    context: '../../..',
    dockerfile: 'Dockerfile.strategy',
  });
});

replaced(
  'S0-17',
  'the container is mt5-strategy-runner; its image is mt5-strategy, tagged with a hash of its sources',
  'latest is a different image tomorrow (B-12), and a container would not follow it',
  () => {
    const fromSources = desk();

    expect(fromSources.image('strategy_runner').name).toMatch(/^mt5-strategy:[0-9a-f]{16}$/);
    expect(system.container('strategy_runner').name).toBe('mt5-strategy-runner');
    const latest = Image.fromRegistry('mt5-strategy:latest');
    expect(() => synthesizeStack((stack) => new Workload(stack, 'runner', { image: latest }))).toThrowCode(
      'image-not-pinned',
      'mt5-strategy:latest',
    );
  },
);

met('S0-18', "the desk's own runner gets all five variables; the example sets those that its program reads", () => {
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
    FEATURE_API_URL: 'http://feature-api:8000',
    ZMQ_EXEC_PORT: '5555',
  });
});

met('S0-19', "the desk's own runner has config and models read-only, and logs writable", () => {
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
    const fromSources = desk();
    const image = fromSources.image('feature_api');

    expect(image.build).toEqual({ context: '../../..', dockerfile: 'Dockerfile.api' });
    expect(image.name).toMatch(/^mt5-api:[0-9a-f]{16}$/);
    expect(system.container('feature_api').name).toBe('mt5-feature-api');
  },
);

met('S0-27', "the desk's own API reads the models and shares the log volume with the runner", () => {
  const logs = { '/data/logs': 'mt5_logs_volume' };

  expect(mountsOf('feature_api')).toEqual(['./models:/app/models:ro']);
  expect(volumesOf(desk().container('feature_api'))).toEqual(logs);
  expect(volumesOf(system.container('feature_api'))).toEqual(logs);
  expect(volumesOf(system.container('strategy_runner'))).toEqual(logs);
});

met('S0-47', 'both Dockerfiles build with their labels, and no build changes them', () => {
  for (const [service, description] of [
    ['strategy_runner', 'Multi-Strategy Runner for MT5 Trading System'],
    ['feature_api', 'Feature Serving API for MT5 Trading System'],
  ] as const) {
    expect(builtFrom(service)).toEqual(
      expect.arrayContaining([
        'LABEL maintainer="MT5 Trading Team"',
        'LABEL version="1.0"',
        `LABEL description="${description}"`,
      ]),
    );
    expect(Object.keys(desk().image(service).build as object).sort()).toEqual(['context', 'dockerfile']);
  }
});

met('S0-49', 'the API of Dockerfile.api starts Uvicorn on port 8000, where it is probed and scraped', () => {
  expect(builtFrom('feature_api').slice(-2)).toEqual([
    'ENTRYPOINT ["python3"]',
    'CMD ["-m", "uvicorn", "src.api.feature_server:app", "--host", "0.0.0.0", "--port", "8000"]',
  ]);
  expectOwnStart(desk().container('feature_api'));
  expect(desk().probe('feature_api')).toContain('http://$1:8000/health');
  expect(system.environment('feature_api').PORT).toBe('8000');
  expectOwnStart(system.container('feature_api'));
});

replaced(
  'S0-51',
  'a deploy builds only what changed; docker build does the rest, as the README shows',
  'an image is tagged with a hash of its sources, so there is no build to forget',
  () => {
    const tags = (): unknown[] =>
      Object.values(desk().terraform.resource.docker_image ?? {}).map(({ triggers }) => triggers);
    const before = tags();

    expect(tags()).toEqual(before);
    project.write('src/main/runner.py', 'class MultiStrategyRunner: ...\n');
    for (const [at, tag] of tags().entries()) expect(tag).not.toEqual(before[at]);
    expect(textOf('examples/mt5/README.md')).toContain(`docker build --no-cache ${REFERENCE_SERVICE}`);
  },
);

met('S0-56', 'the last stage has no sources, no compiler and no development dependencies', () => {
  const { devDependencies } = JSON.parse(textOf(`${REFERENCE_SERVICE}/package.json`)) as Record<string, object>;

  expect(devDependencies).toHaveProperty('typescript');
  expect(BUILD).toContain('RUN npm run build');
  expect(RUNTIME).toContain('RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force');
  expect(RUNTIME.join('\n')).not.toMatch(/\bsrc\b|npm run build/);
});

met('S0-59', 'one Dockerfile for each service works, and so does a single Dockerfile with build arguments', () => {
  const builds = Object.values(desk().terraform.resource.docker_image ?? {}).map(({ build }) => build);
  expect(builds).toMatchObject([{ dockerfile: 'Dockerfile.api' }, { dockerfile: 'Dockerfile.strategy' }]);

  project.write('Dockerfile', 'ARG SERVICE\nFROM python:3.13-slim\nCOPY src/$SERVICE /app\n');
  const { resource } = synthesizeStack((stack) => {
    for (const SERVICE of ['api', 'main']) {
      const image = Image.fromBuild('.', { name: `mt5-${SERVICE}`, buildArgs: { SERVICE } });
      new Workload(stack, SERVICE, { image });
    }
  });
  expect(Object.values(resource.docker_image ?? {}).map(({ build }) => build)).toEqual(
    ['api', 'main'].map((name) => ({ context: '../../..', dockerfile: 'Dockerfile', build_args: { SERVICE: name } })),
  );
});
