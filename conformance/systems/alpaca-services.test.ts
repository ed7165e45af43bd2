import { createApp as createTradingApp } from '../../bin/trading';
import { createAlpacaStack } from '../../examples/alpaca/stack';
import { Engine } from '../../lib';
import { fileOf, volumesOf } from '../../test/services/fixtures';
import { createApp } from '../../test/setup/synthesize';
import { TemporaryProject } from '../../test/workload/temporary-project';
import { met, replaced } from '../requirement';
import { SynthesizedSystem, textOf } from '../synthesized-system';

const SERVICES = ['db', 'redis', 'backend', 'frontend'] as const;

const system = new SynthesizedSystem(createAlpacaStack(createApp()));
const onSwarm = new SynthesizedSystem(createAlpacaStack(createApp(), { engine: Engine.swarm() }));
const project = TemporaryProject.forEveryTest();

/** The configuration of nginx for requests to a path. */
function locationOf(path: string): string {
  const configuration = fileOf(system.container('frontend'), '/etc/nginx/nginx.conf');
  const start = configuration.indexOf(`location ${path} {`);
  expect(start).toBeGreaterThan(-1);
  return configuration.slice(start, configuration.indexOf('\n        }\n', start));
}

describe('the system', () => {
  met('S2-1', 'npm run deploy -- alpaca brings up database, cache, backend and frontend, and runs a migration', () => {
    expect(system.names).toEqual([...SERVICES, 'migration'].map((service) => `alpaca-${service}`).sort());
    for (const service of SERVICES) expect(system.container(service).wait).toBe(true);
    expect(Object.values(onSwarm.terraform.resource.docker_service ?? {})).toHaveLength(SERVICES.length);
    // The app in which the command looks for the stack.
    const app = createTradingApp({ outdir: project.locate('cdktf.out') });
    expect(app.node.children.map(({ node }) => node.id)).toContain('alpaca');
    expect(textOf('bin/stack.ts')).toContain('void runCommandLine(createApp);');
    expect(JSON.parse(textOf('package.json'))).toMatchObject({
      scripts: { deploy: expect.stringMatching(/bin\/stack\.ts deploy$/) as unknown },
    });
  });

  met('S2-19', 'every container is on one bridge network, trading-net', () => {
    const networks = Object.entries(system.terraform.resource.docker_network ?? {});
    expect(networks).toMatchObject([[expect.any(String), { name: 'trading-net', driver: 'bridge' }]]);
    for (const { networks_advanced } of system.containers) {
      expect(networks_advanced).toMatchObject([{ name: `\${docker_network.${networks[0]?.[0] ?? ''}.id}` }]);
    }
  });

  met('S2-31', 'the database is db on the network, the cache redis', () => {
    expect(system.aliases('db')).toEqual(['db']);
    expect(system.aliases('redis')).toEqual(['redis']);
  });

  met(
    'S2-18',
    "postgres_data and redis_data, prefixed with the stack's name, are retained when it is destroyed",
    () => {
      expect(volumesOf(system.container('db'))).toEqual({ '/var/lib/postgresql/data': 'alpaca_postgres_data' });
      expect(volumesOf(system.container('redis'))).toEqual({ '/data': 'alpaca_redis_data' });
      // Without a resource, so that no destroy removes them.
      expect(system.terraform.resource).not.toHaveProperty('docker_volume');
    },
  );

  met('S2-33', 'all four ports of the document are on 127.0.0.1', () => {
    expect(system.published()).toEqual([
      '127.0.0.1:3000 -> alpaca-frontend:8080',
      '127.0.0.1:5432 -> alpaca-db:5432',
      '127.0.0.1:6379 -> alpaca-redis:6379',
      '127.0.0.1:8000 -> alpaca-backend:8000',
    ]);
  });
});

describe('the data stores', () => {
  met('S2-14', 'db is postgres:16-alpine, on 127.0.0.1:5432', () => {
    expect(system.image('db').name).toBe('postgres:16-alpine');
    expect(system.ports('db')).toEqual(['127.0.0.1:5432:5432']);
  });

  met('S2-15', 'redis is redis:7-alpine, on 127.0.0.1:6379', () => {
    expect(system.image('redis').name).toBe('redis:7-alpine');
    expect(system.ports('redis')).toEqual(['127.0.0.1:6379:6379']);
  });
});

describe('the start order', () => {
  replaced(
    'S2-7',
    'a healthy database, then alembic upgrade head in a job that has to exit with 0, then Uvicorn in the backend',
    'migrations in the entrypoint of every backend race, and one that fails looks like a crash loop (B-26)',
    () => {
      expect(system.container('db')).toMatchObject({ wait: true });
      expect(system.startsAfter('migration')).toEqual(['db']);
      expect(system.container('migration')).toMatchObject({
        command: ['alembic', 'upgrade', 'head'],
        attach: true,
        must_run: false,
        lifecycle: { postcondition: [{ condition: '${self.exit_code == 0}' }] },
      });
      expect(system.startsAfter('backend')).toEqual(['db', 'migration', 'redis']);
      expect(system.stages('backend').at(-1)?.at(-1)).toMatch(
        /^CMD \["uvicorn", "app\.main:app", "--host", "0\.0\.0\.0", "--port", "8000", /,
      );
      expect(textOf('examples/alpaca/backend/alembic/versions/0001_tables.py')).toMatch(/\ndef downgrade\(\) -> None:/);
    },
  );

  met('S2-16', 'the backend is built from the folder backend, and starts after db and redis, on 127.0.0.1:8000', () => {
    expect(system.image('backend').build).toMatchObject({
      context: expect.stringMatching(/\/examples\/alpaca\/backend$/) as unknown,
    });
    expect(system.environment('backend').PORT).toBe('8000');
    expect(system.container('backend').ports).toMatchObject([{ ip: '127.0.0.1', external: 8000, internal: 8000 }]);
    expect(system.startsAfter('backend')).toEqual(expect.arrayContaining(['db', 'redis']));
  });

  replaced(
    'S2-17',
    'the frontend is built from its folder and starts after the backend; its 8080 is host port 3000',
    'nginx runs without root, and the image for that listens on 8080',
    () => {
      expect(system.image('frontend').build).toMatchObject({
        context: expect.stringMatching(/\/examples\/alpaca\/frontend$/) as unknown,
      });
      expect(system.startsAfter('frontend')).toEqual(['backend']);
      expect(system.container('frontend').ports).toMatchObject([{ ip: '127.0.0.1', external: 3000, internal: 8080 }]);
    },
  );

  met('S2-35', 'the migration starts after the database is healthy, and also retries for 30 seconds', () => {
    expect(system.startsAfter('migration')).toEqual(['db']);
    expect(system.container('db')).toMatchObject({ wait: true, healthcheck: { interval: '5s', retries: 5 } });
    const source = textOf('examples/alpaca/backend/alembic/env.py');
    expect(source).toContain('\nSECONDS_TO_RETRY = 30\n');
    expect(source).toMatch(
      /while True:\n +try:[^]*except \(OSError, CannotConnectNowError\)[^]*if monotonic\(\) > deadline:\n +raise\n/,
    );
  });

  met('S2-36', 'POSTGRES_DB creates the database, and no container that uses it starts before it is healthy', () => {
    expect(system.environment('db').POSTGRES_DB).toBe('trading_bot');
    expect(system.probe('db')).toContain('-d trading_bot');
    const users = system.containers.filter(({ env }) => (env as string[]).some((line) => /^DATABASE_URL/.test(line)));
    expect(users.map(({ name }) => name)).toEqual(expect.arrayContaining(['alpaca-migration', 'alpaca-backend']));
    for (const { depends_on } of users) expect(depends_on).toContain('docker_container.alpaca-db');
  });
});

describe('the probes', () => {
  met(
    'S2-3',
    'the backend answers GET /api/health (alpaca.e2e.test.ts); it is probed there, and a deploy waits for it',
    () => {
      expect(system.probe('backend')).toContain('"http://$1:8000/api/health"');
      expect(system.container('backend')).toMatchObject({ wait: true, wait_timeout: 120 });
      expect(textOf('examples/alpaca/backend/app/api.py')).toContain('@api.get("/api/health")\n');
    },
  );

  replaced(
    'S2-20',
    'PostgreSQL is probed over TCP with its database, Redis with its password, both pages with a program that the image has',
    'pg_isready alone succeeds before the server accepts connections (B-03); the images have no curl (B-10)',
    () => {
      expect(system.probe('db')).toBe('CMD pg_isready -q -h 127.0.0.1 -U trading_bot_user -d trading_bot');
      expect(system.probe('redis')).toMatch(/^CMD-SHELL REDISCLI_AUTH=.* redis-cli ping \| grep -qE 'PONG\|MISCONF'$/);
      expect(system.probe('backend')).toMatch(/curl .*"http:\/\/\$1:8000\/api\/health"; elif .*wget .*node /);
      expect(system.probe('frontend')).toMatch(/curl .*"http:\/\/\$1:8080\/healthz"; elif .*wget /);
      expect(locationOf('= /healthz')).toContain('try_files /index.html =404;');
    },
  );
});

describe('nginx', () => {
  met(
    'S2-11',
    'the page is at /, backend:8000 at /api/ and, for Socket.IO, at /ws/, where page and server expect it',
    () => {
      expect(locationOf('/')).toContain('root /usr/share/nginx/html;');
      expect(locationOf('/api/')).toMatch(/set \$backend "backend:8000";\s+proxy_pass http:\/\/\$backend;/);
      expect(locationOf('/ws/')).toContain('proxy_pass http://replica_of_backend_8000;');
      expect(fileOf(system.container('frontend'), '/etc/nginx/nginx.conf')).toMatch(
        /upstream replica_of_backend_8000 \{[^}]*server backend:8000 /,
      );
      expect(system.environment('backend').SOCKET_IO_PATH).toBe('/ws/socket.io');
      expect(textOf('examples/alpaca/frontend/src/app.js')).toContain('io({ path: `${SOCKETS}/socket.io` })');
    },
  );

  met('S2-12', 'a path without a file is answered with index.html (frontend.e2e.test.ts)', () => {
    expect(locationOf('/')).toContain('try_files $uri /index.html;');
  });

  met(
    'S2-13',
    'Upgrade and Connection: upgrade are forwarded to the backend when a browser sends them (frontend.e2e.test.ts)',
    () => {
      expect(locationOf('/ws/')).toContain('proxy_set_header Upgrade $websocket;');
      expect(locationOf('/ws/')).toContain('proxy_set_header Connection $connection_to_backend;');
      const configuration = fileOf(system.container('frontend'), '/etc/nginx/nginx.conf');
      expect(configuration).toMatch(/map \$http_upgrade \$websocket \{[^}]*"~\*\^websocket\$" websocket;/);
      expect(configuration).toMatch(/map \$websocket \$connection_to_backend \{[^}]*websocket upgrade;/);
      expect(configuration).toContain('proxy_http_version 1.1;');
    },
  );
});
