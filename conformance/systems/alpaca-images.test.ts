import { createAlpacaStack } from '../../examples/alpaca/stack';
import { fileOf, warningsOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';
import { copySources, createStackFromSources } from './alpaca-sources';

const system = new SynthesizedSystem(createAlpacaStack(createApp()));
const [BUILDER = [], RUNTIME = []] = system.stages('backend');
const FRONTEND = system.stages('frontend').map((stage) => `${stage.join('\n')}\n`);
const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  copySources(project);
});

/** The base image of each stage, and the name of the stage. */
function basesOf(stages: readonly (readonly string[])[]): string[] {
  return stages.map(([from = '']) => from.slice('FROM '.length));
}

/** The patterns of a `.dockerignore`, sorted. */
function ignoredBy(path: string): string[] {
  return textOf(path)
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Name of a service's image before and after a file of the project is written. */
function namesAround(service: string, path: string): unknown[] {
  const name = () => new SynthesizedSystem(createStackFromSources()).image(service).name;
  const before = name();
  project.write(path, 'another content');
  return [before, name()];
}

/** Expects that all of these files are excluded from the build, and that one is included. */
function expectLeftOut(service: string, files: readonly string[], source: string): void {
  for (const file of files) {
    const [before, after] = namesAround(service, file);
    expect([file, after]).toEqual([file, before]);
  }
  const [before, after] = namesAround(service, source);
  expect(after).not.toBe(before);
}

describe('the image of the backend', () => {
  met('S2-2', 'the two-stage backend on python:3.12-slim is built without a warning and runs as appuser', () => {
    expect(basesOf(system.stages('backend'))).toEqual(['python:3.12-slim AS builder', 'python:3.12-slim AS runtime']);
    expect(system.image('backend')).toMatchObject({
      name: expect.stringMatching(/^alpaca-backend:[0-9a-f]{16}$/) as unknown,
      build: { context: expect.stringMatching(/\/examples\/alpaca\/backend$/) as unknown, dockerfile: 'Dockerfile' },
    });
    expect(warningsOf(system.stack)).toEqual([]);
    expect(system.users.backend).toBe('appuser');
  });

  met('S2-4', 'the second stage installs only the wheels of the first, and runs Uvicorn', () => {
    expect(BUILDER).toEqual([
      'FROM python:3.12-slim AS builder',
      'WORKDIR /build',
      'COPY requirements.txt .',
      'RUN pip wheel --no-cache-dir --require-hashes --wheel-dir /wheels -r requirements.txt',
    ]);
    expect(RUNTIME).toEqual(
      expect.arrayContaining([
        'COPY --from=builder /wheels /wheels',
        'RUN python3 -m venv /opt/venv && /opt/venv/bin/pip install --no-cache-dir --no-index /wheels/*',
      ]),
    );
    expect(RUNTIME.filter((line) => line.includes('pip '))).toHaveLength(1);
    expect(RUNTIME.at(-1)).toMatch(/^CMD \["uvicorn", "app\.main:app", /);
    expect(system.container('backend')).not.toHaveProperty('command');
    expect(textOf('examples/alpaca/backend/requirements.txt')).toMatch(/^uvicorn==\d\S* \\\n +--hash=sha256:/m);
  });

  met('S2-5', 'appuser is user 1000 of the image; backend and migration run as it', () => {
    expect(RUNTIME).toContain('RUN useradd --uid 1000 appuser');
    expect(RUNTIME.filter((line) => line.startsWith('USER'))).toEqual(['USER appuser']);
    expect([system.users.backend, system.users.migration]).toEqual(['appuser', 'appuser']);
  });

  met('S2-6', 'requirements.txt is installed before any source is copied, and 8000 is exposed', () => {
    expect(BUILDER.filter((line) => line.startsWith('COPY'))).toEqual(['COPY requirements.txt .']);
    const steps = [...RUNTIME.entries()].filter(([, line]) => /^(COPY|RUN python3|EXPOSE)/.test(line));
    expect(steps.map(([, line]) => line)).toEqual([
      'COPY --from=builder /wheels /wheels',
      expect.stringContaining('install') as unknown,
      'COPY alembic.ini .',
      'COPY alembic ./alembic',
      'COPY app ./app',
      'EXPOSE 8000',
    ]);
  });

  met('S2-22', 'nothing that the eight patterns match is sent to the build, in any folder', () => {
    expectLeftOut(
      'backend',
      [
        '__pycache__/main.pyc',
        'app/__pycache__/main.cpython-312.pyc',
        'app/old.pyc',
        '.venv/bin/python',
        'venv/bin/python',
        '.env',
        'tests/test_api.py',
        'README.md',
        '.git/HEAD',
      ].map((file) => `backend/${file}`),
      'backend/app/main.py',
    );
  });
});

describe('the image of the frontend', () => {
  replaced(
    'S2-8',
    'the stage build is node:22-alpine with npm ci and npm run build, the stage runtime an Alpine nginx with the result',
    'nginx:alpine is another version tomorrow (B-12), and starts as root, which the document avoids where possible',
    () => {
      expect(basesOf(system.stages('frontend'))).toEqual([
        'node:22-alpine AS build',
        'nginxinc/nginx-unprivileged:1.30-alpine-slim AS runtime',
      ]);
      const [build = '', runtime = ''] = FRONTEND;
      expect(build).toMatch(/\nRUN npm ci --ignore-scripts\n[^]*\nRUN npm run build\n/);
      expect(runtime).toContain('\nCOPY --from=build /app/dist /usr/share/nginx/html\n');
    },
  );

  met(
    'S2-9',
    'both are build arguments that become variables of the build and end up in the script of the page',
    () => {
      const { build } = system.image('frontend') as { readonly build: { readonly build_args: Record<string, string> } };
      const [stage = ''] = FRONTEND;
      for (const name of ['VITE_API_URL', 'VITE_WS_URL']) {
        expect(Object.keys(build.build_args)).toContain(name);
        expect(stage).toMatch(new RegExp(`\\nARG ${name}\\n[^]*\\b${name}=\\$${name}\\b[^]*\\nRUN npm run build`));
        expect(textOf('examples/alpaca/frontend/src/app.js')).toContain(`= import.meta.env.${name};`);
      }
      expect(Object.keys(system.environment('frontend'))).toEqual([]);
    },
  );

  met('S2-30', 'the page is built for /api and /ws', () => {
    expect(system.image('frontend').build).toMatchObject({ build_args: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' } });
  });

  replaced('S2-10', 'the image exposes 8080', 'nginx runs without root, and the image for that listens there', () => {
    expect(FRONTEND.at(-1)).toMatch(/\nEXPOSE 8080\n$/);
    expect(system.container('frontend')).toMatchObject({
      user: '101:101',
      capabilities: { drop: ['ALL'] },
      ports: [{ internal: 8080 }],
    });
  });

  met('S2-23', 'nothing that the five patterns match is sent to the build', () => {
    expect(ignoredBy('examples/alpaca/frontend/.dockerignore')).toEqual(
      ['node_modules', 'dist', '.env', '*.md', '.git'].sort(),
    );
    expectLeftOut(
      'frontend',
      ['node_modules/react/index.js', 'dist/index.html', '.env', 'README.md', '.git/HEAD'].map(
        (file) => `frontend/${file}`,
      ),
      'frontend/src/app.js',
    );
  });
});

replaced(
  'S2-40',
  'each image has a Dockerfile and a .dockerignore; stack.ts has the rest, and nginx.conf is generated from its routes',
  'migrations in an entrypoint race (B-26), and one file with all secrets gives every service those of the others (B-35)',
  () => {
    for (const service of ['backend', 'frontend']) {
      const { context = '', dockerfile = '' } = system.image(service).build as Record<string, string>;
      const folder = context.slice(context.indexOf('examples/'));
      expect(textOf(`${folder}/${dockerfile}`)).toMatch(/^FROM /m);
      expect(ignoredBy(`${folder}/.dockerignore`)).toContain('.env');
    }
    expect(fileOf(system.container('frontend'), '/etc/nginx/nginx.conf')).toContain('location /api/ {');
    expect(system.container('migration')).toMatchObject({ must_run: false });
  },
);

met(
  'S2-41',
  'both images are built in stages without what a .dockerignore lists, and all servers and nginx are on Alpine',
  () => {
    for (const service of ['backend', 'frontend']) {
      const stages = system.stages(service);
      expect(stages.length).toBeGreaterThan(1);
      expect(stages.at(-1)?.filter((line) => line.startsWith('COPY --from=')).length).toBeGreaterThan(0);
    }
    const pulled = system.images.filter((name) => !name.startsWith('alpaca-'));
    expect(pulled).toHaveLength(2);
    for (const name of [...pulled, ...basesOf(system.stages('frontend')).slice(-1)]) expect(name).toMatch(/-alpine\b/);
  },
);

met('S2-37', '.env is excluded from both builds, and both Dockerfiles copy only the files that they name', () => {
  for (const folder of ['examples/alpaca/backend', 'examples/alpaca/frontend']) {
    expect(ignoredBy(`${folder}/.dockerignore`)).toContain('.env');
    for (const [copy] of textOf(`${folder}/Dockerfile`).matchAll(/^(?:COPY|ADD) .*$/gm)) {
      expect(copy).toMatch(
        /^COPY (requirements\.txt|alembic\.ini|alembic|app|package\.json package-lock\.json|build\.mjs index\.html|src|--from=builder \/wheels|--from=build \/app\/dist) \S+$/,
      );
    }
  }
});
