import { readFileSync } from 'node:fs';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { Engine, writeSecretFiles } from '../../lib';
import { secretsOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { documented, met, replaced } from '../requirement';
import { secretFilesOf, SynthesizedSystem, textOf } from '../synthesized-system';

const README = textOf('examples/alpaca/README.md');
const IN_A_FILE = 'a password in a document is no secret (B-12): it is generated, and in a file';

const system = new SynthesizedSystem(createAlpacaStack(createApp()));
const onSwarm = new SynthesizedSystem(createAlpacaStack(createApp(), { engine: Engine.swarm() }));
const withKeys = new SynthesizedSystem(createAlpacaStack(createApp(), { accountKeys: true }));

// Secret files are written into it.
TemporaryProject.forEveryTest();

/** The replacement for a command of Docker Compose in the README. */
function insteadOf(command: string): string {
  const row = README.split('\n').find((line) => line.startsWith(`| ${command} |`));
  return row?.split('|')[2]?.trim() ?? '';
}

/** Names and values in a file of settings. */
function settingsIn(path: string): [name: string, value: string][] {
  return textOf(path)
    .split('\n')
    .filter((line) => /^\w+=/.test(line))
    .map((line) => {
      const [name = '', value = ''] = line.split('=');
      return [name, value];
    });
}

/** The variables of all containers if a deploy has these settings in its environment. */
function variablesWith(settings: readonly (readonly [string, string])[]): string {
  const before = { ...process.env };
  Object.assign(process.env, Object.fromEntries(settings));
  try {
    const { containers } = new SynthesizedSystem(createAlpacaStack(createApp()));
    return JSON.stringify(containers.map(({ name, env }) => [name, env]));
  } finally {
    process.env = before;
  }
}

describe('the configuration', () => {
  met('S2-21', 'settings come from the environment, with the defaults of .env.example; secrets are generated', () => {
    const defaults = settingsIn('examples/alpaca/.env.example');
    expect(defaults.map(([name]) => name)).toEqual([
      'POSTGRES_USER',
      'POSTGRES_DB',
      'ENVIRONMENT',
      'LOG_LEVEL',
      'DEBUG',
    ]);
    expect(variablesWith(defaults)).toBe(variablesWith([]));
    const names = [...defaults.map(([name]) => name), 'POSTGRES_PASSWORD'];
    const changed = variablesWith(names.map((name) => [name, 'changed'] as const));
    for (const [name] of defaults) expect(changed).toContain(`"${name}=changed"`);
    expect(changed).not.toContain('POSTGRES_PASSWORD=changed');
    const { contents, missing } = secretFilesOf(createAlpacaStack);
    expect(missing).toEqual([]);
    expect(Object.keys(contents).sort()).toEqual(
      ['db_password', 'db_url_asyncpg', 'redis_auth.conf', 'redis_password', 'redis_url'].sort(),
    );
    expect(system.environment('migration')).toEqual({ DATABASE_URL_FILE: '/run/secrets/db_url_asyncpg' });
  });

  replaced(
    'S2-24',
    'user and database have these names, and the password is a file of random characters',
    IN_A_FILE,
    () => {
      expect(system.environment('db')).toEqual({
        POSTGRES_USER: 'trading_bot_user',
        POSTGRES_DB: 'trading_bot',
        POSTGRES_PASSWORD_FILE: '/run/secrets/db_password',
      });
      expect(secretFilesOf(createAlpacaStack).contents.db_password).toMatch(/^[\w-]{32,}$/);
      expect(JSON.stringify(system.terraform)).not.toContain('trading_bot_pass');
    },
  );

  replaced('S2-25', 'the URL has driver, user, host, port and database of the document', IN_A_FILE, () => {
    const { db_url_asyncpg, db_password } = secretFilesOf(createAlpacaStack).contents;
    expect(db_url_asyncpg).toBe(`postgresql+asyncpg://trading_bot_user:${String(db_password)}@db:5432/trading_bot`);
    for (const service of ['backend', 'migration']) {
      expect(system.environment(service).DATABASE_URL_FILE).toBe('/run/secrets/db_url_asyncpg');
    }
  });

  replaced(
    'S2-26',
    'the URL has this host and port, and a password',
    'a Redis without a password is open to everyone (B-11)',
    () => {
      const { redis_url, redis_password } = secretFilesOf(createAlpacaStack).contents;
      expect(system.environment('backend').REDIS_URL_FILE).toBe('/run/secrets/redis_url');
      expect(redis_url).toBe(`redis://:${String(redis_password)}@redis:6379`);
    },
  );

  met('S2-27', 'with accountKeys only the backend gets both, in files that the plan requires', () => {
    expect(withKeys.environment('backend')).toMatchObject({
      ALPACA_API_KEY_FILE: '/run/secrets/alpaca_api_key',
      ALPACA_SECRET_KEY_FILE: '/run/secrets/alpaca_secret_key',
    });
    expect(secretsOf(withKeys.container('backend'))).toEqual(
      expect.arrayContaining(['/run/secrets/alpaca_api_key', '/run/secrets/alpaca_secret_key']),
    );
    const others = withKeys.containers.filter(({ name }) => name !== 'alpaca-backend');
    expect(JSON.stringify(others)).not.toMatch(/alpaca_(api|secret)_key/i);
    expect(secretFilesOf((app) => createAlpacaStack(app, { accountKeys: true })).missing).toEqual([
      '.secrets/alpaca/alpaca_api_key',
      '.secrets/alpaca/alpaca_secret_key',
    ]);
    expect(JSON.stringify(system.terraform)).not.toMatch(/alpaca_(api|secret)_key/i);
  });

  met('S2-28', 'the backend gets this address, and orders are filled on paper in any case', () => {
    const { ALPACA_BASE_URL, TRADING_ENVIRONMENT } = system.environment('backend');
    expect(ALPACA_BASE_URL).toBe('https://paper-api.alpaca.markets');
    expect(TRADING_ENVIRONMENT).toBe('paper');
  });

  met('S2-29', 'the backend gets all three, on one host and on a Swarm', () => {
    const values = { ENVIRONMENT: 'production', LOG_LEVEL: 'INFO', DEBUG: 'false' };
    expect(system.environment('backend')).toMatchObject(values);
    expect(onSwarm.swarmService('backend').task_spec.container_spec.env).toMatchObject(values);
  });
});

describe('acceptance', () => {
  replaced(
    'S2-32',
    'builds, starts, migrates, answers, trades and is removed (systems, frontend and alpaca.e2e.test.ts); no root, no secrets',
    'the data is retained without --volumes, and the base images determine the sizes (B-22)',
    () => {
      expect(system.images.filter((name) => name.startsWith('alpaca-'))).toHaveLength(2);
      expect(system.startsAfter('backend')).toContain('migration');
      expect(system.published()).toHaveLength(4);
      expect(system.users).toEqual({
        backend: 'appuser',
        db: 'postgres',
        frontend: '101:101',
        migration: 'appuser',
        redis: 'redis',
      });
      const stack = createAlpacaStack(createApp());
      const secrets = writeSecretFiles(stack).written.map((file) => readFileSync(file, 'utf8'));
      expect(secrets).toHaveLength(5);
      const output = JSON.stringify(new SynthesizedSystem(stack).terraform);
      for (const secret of secrets) expect(output).not.toContain(secret);
      for (const { build } of Object.values(system.terraform.resource.docker_image ?? {})) {
        const given = (build as { readonly build_args?: object } | undefined)?.build_args ?? {};
        expect(Object.keys(given).filter((name) => !name.startsWith('VITE_'))).toEqual([]);
      }
      expect(insteadOf('`down -v`')).toContain('`npm run destroy -- alpaca --volumes`');
      expect(textOf('test/e2e/examples/alpaca.e2e.test.ts')).toContain('http://127.0.0.1:3200');
    },
  );

  replaced(
    'S2-34',
    'in containers nothing reloads, the page is built and the migration runs by itself; programs on the host reach both stores',
    'secret files replace `.env`, and the password in one of them serves programs on the host too',
    () => {
      expect(textOf('examples/alpaca/backend/Dockerfile')).toMatch(/\nCMD \["uvicorn", [^\n]*\]\n$/);
      expect(textOf('examples/alpaca/backend/Dockerfile')).not.toContain('--reload');
      expect(textOf('examples/alpaca/frontend/Dockerfile')).toMatch(
        /\nRUN npm run build\n[^]*COPY --from=build \/app\/dist /,
      );
      expect(system.startsAfter('backend')).toContain('migration');
      expect(system.published()).toEqual(
        expect.arrayContaining(['127.0.0.1:5432 -> alpaca-db:5432', '127.0.0.1:6379 -> alpaca-redis:6379']),
      );
      expect(Object.keys(secretFilesOf(createAlpacaStack).contents)).toEqual(
        expect.arrayContaining(['db_password', 'redis_password']),
      );
      expect(README).toContain('`uvicorn --reload` and Vite run on the host as before');
    },
  );
});

describe('daily operation', () => {
  replaced(
    'S2-38',
    'deploy builds, starts and replaces what changed; status, and logs of all services or one; destroy, with --volumes for the data',
    'Terraform replaces Compose, and its containers are like any others',
    () => {
      expect(insteadOf('`build`, `up -d`')).toBe('`npm run deploy -- alpaca`');
      expect(insteadOf('`build backend`, `up -d backend`')).toContain('only what changed is built and replaced');
      expect(insteadOf('`ps`')).toBe('`npm run status -- alpaca`');
      expect(insteadOf('`logs -f`, `logs -f backend`')).toBe(
        '`npm run logs -- alpaca --follow`, `npm run logs -- alpaca backend --follow`',
      );
      expect(insteadOf('`exec backend alembic upgrade head`')).toContain('`docker start --attach alpaca-migration`');
      expect(insteadOf('`down`')).toContain('`npm run destroy -- alpaca`');
      expect(insteadOf('`down -v`')).toBe('`npm run destroy -- alpaca --volumes`');
      for (const { name, labels, log_driver } of system.containers) {
        expect(labels).toContainEqual({ label: 'cdktf-trading-stack.stack', value: 'alpaca' });
        expect([name, log_driver]).toEqual([name, 'json-file']);
      }
      const [backend, frontend] = ['backend', 'frontend'].map((service) => system.image(service));
      for (const image of [backend, frontend]) {
        expect(image?.triggers).toEqual({ content: String(image?.name).split(':')[1] });
      }
      expect(backend?.name).not.toBe(frontend?.name);
    },
  );

  documented('S2-39', 'the README of the example says where each of the three is in the backend', () => {
    expect(README).toContain('`tests/test_api.py`, JSON logs, and answers with the reason of each failure');
    const tests = textOf('examples/alpaca/backend/tests/test_api.py');
    for (const status of [201, 400, 409, 503]) expect(tests).toContain(`.status_code == ${status}`);
    expect(textOf('examples/alpaca/backend/app/observed.py')).toContain('return json.dumps(line)');
    expect(textOf('examples/alpaca/backend/app/api.py')).toContain('@api.exception_handler(Exception)');
  });
});
