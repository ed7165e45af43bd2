import { readdirSync, readFileSync } from 'node:fs';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { Engine, writeSecretFiles } from '../../lib';
import { secretsOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { documented, met, replaced } from '../requirement';
import { secretFilesOf, SynthesizedSystem, textOf } from '../synthesized-system';
import { createStackFromSources, writeSources } from './alpaca-sources';

const README = textOf('examples/alpaca/README.md');
const IN_A_FILE = 'a password in a document is no secret (B-12): it is generated, and in a file';

const system = new SynthesizedSystem(createAlpacaStack(createApp()));
const onSwarm = new SynthesizedSystem(createAlpacaStack(createApp(), { engine: Engine.swarm() }));
const withKeys = new SynthesizedSystem(createAlpacaStack(createApp(), { accountKeys: true }));
const project = TemporaryProject.forEveryTest();

/** The replacement for a command of Docker Compose in the README. */
function insteadOf(command: string): string {
  const row = README.split('\n').find((line) => line.startsWith(`| ${command} |`));
  return row?.split('|')[2]?.trim() ?? '';
}

/** The bot built from its own sources, and the contents of its secret files. */
function fromSources() {
  writeSources(project);
  const sources = new SynthesizedSystem(createStackFromSources());
  writeSecretFiles(sources.stack);
  const folder = project.locate('.secrets/bot');
  const files = readdirSync(folder).map((file) => [file, readFileSync(`${folder}/${file}`, 'utf8')] as const);
  return { sources, secrets: Object.fromEntries(files) };
}

describe('the configuration', () => {
  replaced(
    'S2-21',
    'settings are in stack.ts and secrets are generated: nothing has to be written before a deploy',
    'a `.env` passes every secret to every service (B-35); here each has its own',
    () => {
      const { contents, missing } = secretFilesOf(createAlpacaStack);
      expect(missing).toEqual([]);
      expect(Object.keys(contents).sort()).toEqual(
        ['db_password', 'db_url', 'redis_auth.conf', 'redis_password', 'redis_url'].sort(),
      );
      expect(system.environment('frontend')).toEqual({});
      expect(system.environment('migration')).toEqual({
        ROLE: 'migration',
        DATABASE_URL_FILE: '/run/secrets/db_url',
      });
    },
  );

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

  replaced(
    'S2-25',
    'the URL has user, host, port and database of the document; a Python program gets postgresql+asyncpg',
    IN_A_FILE,
    () => {
      const { db_url, db_password } = secretFilesOf(createAlpacaStack).contents;
      expect(system.environment('backend').DATABASE_URL_FILE).toBe('/run/secrets/db_url');
      expect(db_url).toMatch(/^postgresql:\/\/trading_bot_user:[^@]+@db:5432\/trading_bot$/);
      expect(db_url).toContain(`:${String(db_password)}@`);

      const { sources, secrets } = fromSources();
      expect(secrets.db_url_asyncpg).toBe(
        `postgresql+asyncpg://trading_bot_user:${String(secrets.db_password)}@db:5432/trading_bot`,
      );
      for (const service of ['backend', 'migration']) {
        const [, , line] = sources.container(service).entrypoint as readonly string[];
        expect(line).toMatch(/^DATABASE_URL="\$\(cat \/run\/secrets\/db_url_asyncpg\)" .*export DATABASE_URL;/);
      }
    },
  );

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
        backend: 'node',
        db: 'postgres',
        frontend: '101:101',
        migration: 'node',
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
      expect(textOf('test/e2e/alpaca.e2e.test.ts')).toContain('http://127.0.0.1:3200');
    },
  );

  replaced(
    'S2-34',
    'in containers nothing reloads, the page is built and the migration runs by itself; programs on the host reach both stores',
    'secret files replace `.env`, and the password in one of them serves programs on the host too',
    () => {
      expect(textOf('examples/reference-service/Dockerfile')).toMatch(/\nCMD \["node", "dist\/main\.js"\]\n$/);
      expect(textOf('examples/alpaca/frontend/Dockerfile')).toMatch(
        /\nRUN npm run build\n[^]*COPY --from=build \/app\/dist /,
      );
      expect(system.startsAfter('backend')).toContain('migration');
      const { sources, secrets } = fromSources();
      expect(sources.container('backend').command).not.toContain('--reload');
      expect(sources.published()).toEqual(
        expect.arrayContaining(['127.0.0.1:5432 -> bot-db:5432', '127.0.0.1:6379 -> bot-redis:6379']),
      );
      expect(Object.keys(secrets)).toEqual(expect.arrayContaining(['db_password', 'redis_password']));
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

  documented('S2-39', 'the README of the example says where each of the three is in the reference service', () => {
    expect(README).toContain('`test/api-gateway.test.ts`, JSON logs, and answers with the reason of each failure');
    const tests = textOf('examples/reference-service/test/api-gateway.test.ts');
    for (const status of [201, 400, 409, 503, 504]) expect(tests).toContain(`status, ${status})`);
    // Fastify logs with pino, which writes JSON.
    expect(textOf('examples/reference-service/src/service.ts')).toMatch(
      /fastify\(\{[^]*?logger: \{\s+name: this\.name/,
    );
    expect(textOf('examples/reference-service/src/order-desk.ts')).toMatch(/status: .*'failed', reason \}/);
  });
});
