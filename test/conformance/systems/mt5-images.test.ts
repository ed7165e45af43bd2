import { DockerfileParser } from 'dockerfile-ast';
import { Image, Workload } from '../../../lib';
import { environmentOf, volumesOf, warningsOf } from '../../services/fixtures';
import { containerNamed, synthesize, synthesizeStack, type Terraform } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { met, replaced } from '../requirement';
import { createDeskStack, writeDesk } from './mt5-desk';
import { container, imageOf, MT5, service, textOf } from './mt5-system';

const REFERENCE_SERVICE = 'examples/reference-service';
const IN_TYPESCRIPT = 'the reference service is written in TypeScript, and Python 3.9 gets no more fixes (B-15)';

const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  writeDesk(project);
});

function desk(): Terraform {
  return synthesize(createDeskStack());
}

/** Folders of the host in a container, as compose writes them. */
function mountsOf(name: string): string[] {
  const { volumes } = containerNamed(desk(), name);
  return (volumes as readonly Readonly<Record<string, unknown>>[])
    .filter(({ host_path: host }) => host !== undefined)
    .map((mount) => {
      const from = /\/\.\.\/\.\.\/\.\.\/(.+)"\)\}$/.exec(String(mount.host_path))?.[1] ?? '';
      return `./${from}:${String(mount.container_path)}${mount.read_only === true ? ':ro' : ''}`;
    });
}

/** The stages of the reference service's Dockerfile, an instruction a line. */
function stagesOf(dockerfile: string): string[][] {
  const stages: string[][] = [];
  for (const instruction of DockerfileParser.parse(dockerfile).getInstructions()) {
    if (instruction.getKeyword() === 'FROM') stages.push([]);
    stages.at(-1)?.push(instruction.toString());
  }
  return stages;
}

const [BUILD = [], RUNTIME = [], ...OTHERS] = stagesOf(textOf(`${REFERENCE_SERVICE}/Dockerfile`));

replaced(
  'S0-3',
  'one Dockerfile that plays both, a stack in TypeScript in place of the compose file, tests in place of the script',
  'the stack is the definition, and one program plays all roles; two Dockerfiles work too (S0-59)',
  () => {
    expect(OTHERS).toEqual([]);
    for (const name of ['strategy-runner', 'feature-api']) {
      const { build } = imageOf(MT5, container(name));
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
  'logs, PostgreSQL and Redis have volumes; an image with models and a configuration mounts both read-only in /app',
  'nothing in the document mounts /data/models or /data/config, and its programs read /app (B-08)',
  () => {
    expect(volumesOf(container('strategy-runner'))).toEqual({ '/data/logs': 'mt5_logs' });
    expect(volumesOf(container('db'))).toEqual({ '/var/lib/postgresql/data': 'mt5_db_data' });
    expect(volumesOf(container('redis'))).toEqual({ '/data': 'mt5_redis_data' });
    expect(mountsOf('mt5-strategy-runner')).toEqual(
      expect.arrayContaining(['./config:/app/config:ro', './models:/app/models:ro']),
    );
  },
);

replaced(
  'S0-11',
  'a build stage with the tools of its own, dependencies before sources; the document’s own stage builds, and is warned of',
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
    expect(warningsOf(createDeskStack())).toContain(
      'mt5/strategy_runner: python:3.9-slim gets no more fixes since 2025-10-31: move to a supported version',
    );
  },
);

replaced(
  'S0-12',
  'a slim last stage in /app with what runs, copied from the build stage, as a user of its own',
  `${IN_TYPESCRIPT}; packages below /root are for root only (B-16)`,
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

replaced(
  'S0-13',
  'the image has the code alone; /data/logs is a volume, and an image of the desk’s own gets config and models mounted',
  'the reference service has neither models nor a strategy file, and baked-in folders are hidden by the mounts (B-08)',
  () => {
    expect(RUNTIME.filter((line) => line.startsWith('COPY'))).toEqual([
      'COPY package.json package-lock.json ./',
      'COPY --from=build /app/dist ./dist',
    ]);
    expect(Object.keys(volumesOf(container('strategy-runner')))).toEqual(['/data/logs']);
    expect(mountsOf('mt5-strategy-runner')).toHaveLength(3);
  },
);

replaced(
  'S0-15',
  'the image says what starts, node dist/main.js, and ROLE what that plays; no stack overrides an image’s own entry point',
  IN_TYPESCRIPT,
  () => {
    expect(RUNTIME.at(-1)).toBe('CMD ["node", "dist/main.js"]');
    for (const block of [container('strategy-runner'), containerNamed(desk(), 'mt5-strategy-runner')]) {
      expect(block).not.toHaveProperty('entrypoint');
      expect(block).not.toHaveProperty('command');
    }
    expect(service('strategy-runner').task_spec.container_spec).not.toHaveProperty('command');
  },
);

met('S0-16', 'a runner is built in the project’s folder with Dockerfile.strategy', () => {
  const terraform = desk();

  expect(imageOf(terraform, containerNamed(terraform, 'mt5-strategy-runner')).build).toEqual({
    context: '../../..',
    dockerfile: 'Dockerfile.strategy',
  });
});

replaced(
  'S0-17',
  'the container is mt5-strategy-runner, its image mt5-strategy with a tag made of what it is built from',
  'latest is another image tomorrow (B-12), and a container would not follow it',
  () => {
    const terraform = desk();

    expect(imageOf(terraform, containerNamed(terraform, 'mt5-strategy-runner')).name).toMatch(
      /^mt5-strategy:[0-9a-f]{16}$/,
    );
    expect(container('strategy-runner').name).toBe('mt5-strategy-runner');
    const latest = Image.fromRegistry('mt5-strategy:latest');
    expect(() => synthesizeStack((stack) => new Workload(stack, 'runner', { image: latest }))).toThrow(
      "the image 'mt5-strategy:latest' is whatever its publisher moved it to last",
    );
  },
);

met('S0-18', 'a runner of the desk’s own gets all five variables; the example has those that its program reads', () => {
  expect(environmentOf(containerNamed(desk(), 'mt5-strategy-runner'))).toEqual({
    PORT: '9090',
    LOG_LEVEL: 'INFO',
    CONFIG_PATH: '/app/config/strategies.yaml',
    FEATURE_API_URL: 'http://feature_api:8000',
    ZMQ_MARKET_PORT: '5556',
    ZMQ_EXEC_PORT: '5555',
  });
  expect(environmentOf(container('strategy-runner'))).toMatchObject({
    LOG_LEVEL: 'INFO',
    FEATURE_API_URL: 'http://feature_api:8000',
    ZMQ_EXEC_PORT: '5555',
  });
});

met('S0-19', 'a runner of the desk’s own has config and models to read and logs to write', () => {
  expect(mountsOf('mt5-strategy-runner')).toEqual([
    './config:/app/config:ro',
    './models:/app/models:ro',
    './logs:/app/logs',
  ]);
});

replaced(
  'S0-25',
  'the container is mt5-feature-api; an image mt5-api is built with Dockerfile.api, its tag made of what it is built from',
  'latest is another image tomorrow (B-12)',
  () => {
    const terraform = desk();
    const image = imageOf(terraform, containerNamed(terraform, 'mt5-feature-api'));

    expect(image.build).toEqual({ context: '../../..', dockerfile: 'Dockerfile.api' });
    expect(image.name).toMatch(/^mt5-api:[0-9a-f]{16}$/);
    expect(container('feature-api').name).toBe('mt5-feature-api');
  },
);

met('S0-27', 'an API of the desk’s own reads the models, and shares the volume of logs with the runner', () => {
  const logs = { '/data/logs': 'mt5_logs' };

  expect(mountsOf('mt5-feature-api')).toEqual(['./models:/app/models:ro']);
  expect(volumesOf(containerNamed(desk(), 'mt5-feature-api'))).toEqual(logs);
  expect(volumesOf(container('feature-api'))).toEqual(logs);
  expect(volumesOf(container('strategy-runner'))).toEqual(logs);
});

replaced(
  'S0-47',
  'the image names itself with the labels of the Open Container Initiative; its version is its tag',
  'these are the labels that tools read, and a version by hand says 1.0 of every build',
  () => {
    expect(RUNTIME.join('\n')).toContain('org.opencontainers.image.title="reference-service"');
    expect(RUNTIME.join('\n')).toMatch(/org\.opencontainers\.image\.description="[^"]+"/);
    expect(imageOf(MT5, container('feature-api')).name).toMatch(/^mt5-reference-service:[0-9a-f]{16}$/);
  },
);

replaced(
  'S0-49',
  'the API of the reference service listens on port 8000, where it is probed and scraped; the image says how it starts',
  IN_TYPESCRIPT,
  () => {
    expect(environmentOf(container('feature-api')).PORT).toBe('8000');
    expect(textOf(`${REFERENCE_SERVICE}/src/service.ts`)).toContain(
      "wholeNumber('PORT', { min: 1, max: 65_535, default: 8_000 })",
    );
    expect(container('feature-api')).not.toHaveProperty('command');
    expect(JSON.stringify(container('feature-api').healthcheck)).toContain('http://127.0.0.1:8000/health');
  },
);

replaced(
  'S0-51',
  'a deploy builds what changed and nothing else; docker build does the rest, and the README says how',
  'no command has to remember what to build: the tag of an image is a hash of its sources',
  () => {
    const tags = (): unknown[] => Object.values(desk().resource.docker_image ?? {}).map(({ triggers }) => triggers);
    const before = tags();

    expect(tags()).toEqual(before);
    project.write('src/main/runner.py', 'class MultiStrategyRunner: ...\n');
    for (const [at, tag] of tags().entries()) expect(tag).not.toEqual(before[at]);
    expect(textOf('examples/mt5/README.md')).toContain(`docker build --no-cache ${REFERENCE_SERVICE}`);
  },
);

met('S0-56', 'the last stage has neither sources nor the compiler, and no development dependencies', () => {
  const { devDependencies } = JSON.parse(textOf(`${REFERENCE_SERVICE}/package.json`)) as Record<string, object>;

  expect(devDependencies).toHaveProperty('typescript');
  expect(BUILD).toContain('RUN npm run build');
  expect(RUNTIME).toContain('RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force');
  expect(RUNTIME.join('\n')).not.toMatch(/\bsrc\b|npm run build/);
});

met('S0-59', 'a Dockerfile for each service works, and one Dockerfile with build arguments does too', () => {
  const builds = Object.values(desk().resource.docker_image ?? {}).map(({ build }) => build);
  expect(builds).toMatchObject([{ dockerfile: 'Dockerfile.api' }, { dockerfile: 'Dockerfile.strategy' }]);

  project.write('Dockerfile', 'ARG SERVICE\nFROM python:3.13-slim\nCOPY src/$SERVICE /app\n');
  const { resource } = synthesizeStack((stack) => {
    for (const SERVICE of ['api', 'main']) {
      const image = Image.fromBuild('.', { name: `mt5-${SERVICE}`, arguments: { SERVICE } });
      new Workload(stack, SERVICE, { image });
    }
  });
  expect(Object.values(resource.docker_image ?? {}).map(({ build }) => build)).toEqual(
    ['api', 'main'].map((name) => ({ context: '../../..', dockerfile: 'Dockerfile', build_args: { SERVICE: name } })),
  );
});
