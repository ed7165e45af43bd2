import { createAlpacaStack } from '../../../examples/alpaca/stack';
import { warningsOf } from '../../services/fixtures';
import { createApp } from '../../setup/synthesize';
import { TemporaryProject } from '../../workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';
import { createStackFromSources, writeSources } from './alpaca-sources';

const NO_SOURCES = 'the document does not have the sources: the reference service, in TypeScript, plays the backend';
const BACKEND = stagesOf(textOf('examples/reference-service/Dockerfile'));
const FRONTEND = stagesOf(textOf('examples/alpaca/frontend/Dockerfile'));

const system = new SynthesizedSystem(createAlpacaStack(createApp()));
const project = TemporaryProject.forEveryTest();

beforeEach(() => {
  writeSources(project);
});

function fromSources(): SynthesizedSystem {
  return new SynthesizedSystem(createStackFromSources());
}

/** The stages of a Dockerfile, without what stands before the first. */
function stagesOf(dockerfile: string): string[] {
  return dockerfile.split(/^(?=FROM )/m).filter((stage) => stage.startsWith('FROM '));
}

/** The base of each stage, and the name that it has. */
function basesOf(stages: readonly string[]): string[] {
  return stages.map((stage) => stage.slice('FROM '.length, stage.indexOf('\n')));
}

/** The patterns of a `.dockerignore`, in the order of the alphabet. */
function ignoredBy(path: string): string[] {
  return textOf(path)
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** Name of a service's image before and after a file of the project was written. */
function namesAround(service: string, path: string): unknown[] {
  const before = fromSources().image(service).name;
  project.write(path, 'another content');
  return [before, fromSources().image(service).name];
}

/** That every one of the files is out of the build, and that one is in it. */
function expectLeftOut(service: string, files: readonly string[], source: string): void {
  for (const file of files) {
    const [before, after] = namesAround(service, file);
    expect([file, after]).toEqual([file, before]);
  }
  const [before, after] = namesAround(service, source);
  expect(after).not.toBe(before);
}

describe('the image of the backend', () => {
  replaced(
    'S2-2',
    "two stages on Node's slim Debian image, as user 1000; a backend in Python 3.12 builds as well, without a warning",
    NO_SOURCES,
    () => {
      expect(basesOf(BACKEND)).toEqual(['node:24-slim AS build', 'node:24-slim']);
      expect(system.container('backend').user).toBe('1000:1000');
      const python = fromSources();
      expect(python.image('backend')).toMatchObject({
        name: expect.stringMatching(/^bot-backend:[0-9a-f]{16}$/) as unknown,
        build: { context: expect.stringMatching(/\/backend$/) as unknown, dockerfile: 'Dockerfile' },
      });
      expect(warningsOf(python.stack)).toEqual([]);
    },
  );

  replaced(
    'S2-4',
    'the first stage installs dependencies and compiles, the second copies the program alone; uvicorn is a command',
    NO_SOURCES,
    () => {
      const [build = '', runtime = ''] = BACKEND;
      expect(build).toMatch(/\nRUN npm ci [^]*\nRUN npm run build\n/);
      expect(runtime).toContain('\nCOPY --from=build /app/dist ./dist\n');
      expect(runtime).toMatch(/^RUN npm ci --omit=dev /m);
      expect(fromSources().container('backend').command).toEqual(expect.arrayContaining(['uvicorn', 'app.main:app']));
    },
  );

  replaced(
    'S2-5',
    "the image's own user and the container's are user 1000, which `useradd --uid 1000 appuser` gives that name",
    "Node's image has that user under the name of node",
    () => {
      expect(BACKEND.at(-1)).toMatch(/\nUSER node\n/);
      for (const service of ['backend', 'migration']) {
        expect(system.container(service).user).toBe('1000:1000');
        expect(fromSources().container(service).user).toBe('1000:1000');
      }
      expect(textOf('examples/alpaca/README.md')).toContain('`RUN useradd --uid 1000 appuser`');
    },
  );

  replaced(
    'S2-6',
    'dependencies are installed before the sources are copied, and 8000 is the port that the image exposes',
    'dependencies of a TypeScript program are in package.json and its lock file',
    () => {
      const [build = '', runtime = ''] = BACKEND;
      const steps = ['COPY package.json package-lock.json ./', 'RUN npm ci', 'COPY src ./src', 'RUN npm run build'];
      const places = steps.map((step) => build.indexOf(step));
      expect(places).not.toContain(-1);
      expect(places).toEqual([...places].sort((one, other) => one - other));
      expect(runtime).toMatch(/\nEXPOSE 8000\n/);
    },
  );

  met('S2-22', 'what all eight patterns name is not sent to the build of a backend in Python, in any folder', () => {
    expectLeftOut(
      'backend',
      [
        '__pycache__/main.pyc',
        'app/__pycache__/main.cpython-312.pyc',
        'app/old.pyc',
        '.venv/bin/python',
        'venv/bin/python',
        '.env',
        'tests/test_main.py',
        'README.md',
        '.git/HEAD',
      ].map((file) => `backend/${file}`),
      'backend/app/main.py',
    );
    expect(ignoredBy('examples/reference-service/.dockerignore')).toEqual(
      expect.arrayContaining(['*.md', '.env', '.git', 'node_modules', 'test']),
    );
  });
});

describe('the image of the frontend', () => {
  replaced(
    'S2-8',
    'stage build is Node with npm ci and npm run build, stage runtime an nginx of Alpine with what was built',
    'Node 24 is what all of this repository runs on, and nginx is the one that needs no root; others build as well',
    () => {
      expect(basesOf(FRONTEND)).toEqual([
        'node:24-slim AS build',
        'nginxinc/nginx-unprivileged:1.30-alpine-slim AS runtime',
      ]);
      const [build = '', runtime = ''] = FRONTEND;
      expect(build).toMatch(/\nRUN npm ci --ignore-scripts\n[^]*\nRUN npm run build\n/);
      expect(runtime).toContain('\nCOPY --from=build /app/dist /usr/share/nginx/html\n');
      expect(fromSources().image('frontend').name).toMatch(/^bot-frontend:[0-9a-f]{16}$/);
    },
  );

  met('S2-9', 'both are arguments of the build that become its variables, and go into the script of the page', () => {
    const { build } = system.image('frontend') as { readonly build: { readonly build_args: Record<string, string> } };
    const [stage = ''] = FRONTEND;
    for (const name of ['VITE_API_URL', 'VITE_WS_URL']) {
      expect(Object.keys(build.build_args)).toContain(name);
      expect(stage).toMatch(new RegExp(`\\nARG ${name}\\n[^]*\\b${name}=\\$${name}\\b[^]*\\nRUN npm run build`));
      expect(textOf('examples/alpaca/frontend/src/app.js')).toContain(`= import.meta.env.${name};`);
    }
    expect(Object.keys(system.environment('frontend'))).toEqual([]);
  });

  met('S2-30', 'the page is built for /api and /ws', () => {
    expect(system.image('frontend').build).toMatchObject({ build_args: { VITE_API_URL: '/api', VITE_WS_URL: '/ws' } });
  });

  replaced('S2-10', 'the image exposes 8080', 'port 80 is for root, and nginx runs without', () => {
    expect(FRONTEND.at(-1)).toMatch(/\nEXPOSE 8080\n$/);
    expect(system.container('frontend')).toMatchObject({
      user: '101:101',
      capabilities: { drop: ['ALL'] },
      ports: [{ internal: 8080 }],
    });
  });

  met('S2-23', 'what all five patterns name is not sent to the build', () => {
    expect(ignoredBy('examples/alpaca/frontend/.dockerignore')).toEqual(
      ['node_modules', 'dist', '.env', '*.md', '.git'].sort(),
    );
    expectLeftOut(
      'frontend',
      ['node_modules/react/index.js', 'dist/index.html', '.env', 'README.md', '.git/HEAD'].map(
        (file) => `frontend/${file}`,
      ),
      'frontend/src/main.tsx',
    );
  });
});

met('S2-37', '.env is out of both builds, and neither Dockerfile copies more than the files that it names', () => {
  for (const folder of ['examples/reference-service', 'examples/alpaca/frontend']) {
    expect(ignoredBy(`${folder}/.dockerignore`)).toContain('.env');
    for (const [copy] of textOf(`${folder}/Dockerfile`).matchAll(/^(?:COPY|ADD) .*$/gm)) {
      expect(copy).toMatch(
        /^COPY (package\.json package-lock\.json|tsconfig\.json tsconfig\.build\.json|build\.mjs index\.html|src|--from=build \/app\/dist) \S+$/,
      );
    }
  }
});
