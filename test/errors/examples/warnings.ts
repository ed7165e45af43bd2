import {
  BackgroundWorker,
  BindMount,
  Cpu,
  Engine,
  Image,
  PostgresDb,
  PublishedPort,
  RedisCache,
  ReverseProxy,
  Route,
  Secret,
  SecretDelivery,
  Size,
  StrategyRunner,
  TradingStack,
  type WarningCode,
  Workload,
} from '../../../lib';
import type { ErrorExample } from './example';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** One example for each warning code. */
export const WARNING_EXAMPLES = {
  'cache-evicts': ({ stack }) =>
    new BackgroundWorker(stack, 'orders', { image, uses: [new RedisCache(stack, 'redis')] }),
  'command-replaced': ({ stack }) => new PostgresDb(stack, 'db', { command: ['postgres', '-c', 'work_mem=64MB'] }),
  'data-not-kept': ({ stack }) => new Workload(stack, 'ticks', { image: Image.fromRegistry('questdb/questdb:9.3.4') }),
  'data-port-public': ({ stack }) => new PostgresDb(stack, 'db', { ports: [PublishedPort.allInterfaces(5432)] }),
  'docker-socket-mounted': ({ stack }) => {
    const bindMounts = [BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock')];
    return new BackgroundWorker(stack, 'agent', { image, bindMounts });
  },
  'engine-unencrypted': {
    command: 'DOCKER_HOST=tcp://10.0.0.7:2375 npm run synth -- desk',
    output: 'desk: tcp://10.0.0.7:2375',
  },
  'folder-not-writable': ({ stack }) => {
    const bindMounts = [BindMount.writable('/srv/desk/data', '/data', { ifMissing: 'create' })];
    return new BackgroundWorker(stack, 'recorder', { image, bindMounts });
  },
  'host-root-writable': ({ stack }) =>
    new Workload(stack, 'agent', { image, bindMounts: [BindMount.writable('/', '/rootfs')] }),
  'ignore-file-unread': {
    command: 'npm run synth -- desk',
    output: 'desk: /srv/desk/bot/Dockerfile.dockerignore; the builder reads /srv/desk/bot/.dockerignore',
  },
  'image-end-of-life': ({ stack }) => new PostgresDb(stack, 'db', { image: Image.fromRegistry('postgres:12-alpine') }),
  'machine-too-small': ({ app }) => {
    const machine = { cpus: Cpu.cores(2), memory: Size.gibibytes(1) };
    const server = new TradingStack(app, 'server', { machine });
    return new PostgresDb(server, 'db', { resources: { memory: Size.gibibytes(2) } });
  },
  'memory-low': ({ stack }) =>
    new Workload(stack, 'ib_gateway', { image: Image.fromRegistry('ghcr.io/gnzsnz/ib-gateway:10.37.1l') }),
  'plain-secret': ({ stack }) =>
    new Workload(stack, 'bot', { image, environment: { API_KEY: 'PK5ZT0A1', API_SECRET: 'x7Gh2kQp' } }),
  'port-unknown': ({ stack }) => new StrategyRunner(stack, 'runner', { image, ports: [PublishedPort.loopback(8000)] }),
  privileged: ({ stack }) => new Workload(stack, 'agent', { image, privileged: true }),
  'provider-untested': ({ app }) =>
    new TradingStack(app, 'server', { engine: Engine.docker({ providerVersion: '4.1.0' }) }),
  'runs-as-root': ({ stack }) => new Workload(stack, 'bot', { image, runAs: '0' }),
  'secret-delivery-unknown': ({ stack }) => {
    const key = Secret.provided(stack, 'api_key', { description: 'the key of the paper account' });
    return new Workload(stack, 'bot', { image, secrets: { API_KEY: key } });
  },
  'secret-in-environment': ({ stack }) => {
    const key = Secret.provided(stack, 'api_key', { description: 'the key of the paper account' });
    return new Workload(stack, 'bot', { image, secrets: { API_KEY: key.deliveredAs(SecretDelivery.ENVIRONMENT) } });
  },
  'secret-unused': ({ stack }) => Secret.provided(stack, 'old_key', { description: 'the key of the last broker' }),
  'security-profile-off': ({ stack }) =>
    new Workload(stack, 'agent', { image, securityOptions: ['seccomp=unconfined'] }),
  'signal-not-delivered': ({ stack }) =>
    new Workload(stack, 'bot', { image, command: ['sh', '-c', 'cd /app && python bot.py'] }),
  'subnet-public': ({ app }) => new TradingStack(app, 'server', { network: { subnet: '8.8.8.0/24' } }),
  'websocket-blocked': ({ stack }) => {
    const feed = new StrategyRunner(stack, 'feed', { image });
    const inner = new ReverseProxy(stack, 'inner', { routes: [Route.webSocket('/ws', feed)] });
    return new ReverseProxy(stack, 'edge', { routes: [Route.http('/', inner)] });
  },
} satisfies Readonly<Record<WarningCode, ErrorExample>>;
