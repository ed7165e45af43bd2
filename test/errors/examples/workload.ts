import {
  BindMount,
  ConfigFile,
  Engine,
  type ErrorCode,
  ExternalEndpoint,
  HealthCheck,
  Image,
  PostgresDb,
  PublishedPort,
  Secret,
  SecretDelivery,
  Size,
  TradingStack,
  UpdatePolicy,
  Volume,
  Workload,
  type WorkloadProps,
} from '../../../lib';
import type { ErrorExample } from './example';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** The errors of `lib/workload`. */
export const WORKLOAD_ERRORS = {
  // Options of a workload, images, health, storage and policies
  'ambiguous-resource': ({ stack }) => new Workload(stack, 'bot', { image, replicas: 2 }).resource,
  'build-folder-invalid': ({ stack }) =>
    new Workload(stack, 'bot', { image: Image.fromBuild('examples/reference-service', { target: 'worker' }) }),
  'config-file-invalid': ({ stack }) =>
    new Workload(stack, 'bot', { image, files: [ConfigFile.fromYaml('/app/bot.yaml', { start: new Date() })] }),
  'health-check-missing': ({ stack }) =>
    new Workload(stack, 'bot', { image: Image.fromRegistry('python:3.13-slim'), healthCheck: HealthCheck.ofImage() }),
  'image-not-pinned': ({ stack }) => new Workload(stack, 'redis', { image: Image.fromRegistry('redis:latest') }),
  'invalid-value': () => PublishedPort.loopback(80_000),
  'memory-too-small': ({ stack }) => new PostgresDb(stack, 'db', { resources: { memory: Size.mebibytes(16) } }),
  'missing-option': ({ stack }) => new Workload(stack, 'bot', {} as WorkloadProps),
  'mount-conflict': ({ stack }) =>
    new Workload(stack, 'bot', {
      image,
      volumes: [Volume.retained('data').mountAt('/data'), Volume.retained('logs').mountAt('/data')],
    }),
  'path-missing': ({ stack }) =>
    new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('confg', '/app/config')] }),
  'port-not-served': ({ stack }) => new PostgresDb(stack, 'db', { ports: [PublishedPort.loopback(5433)] }),
  'probe-program-missing': ({ stack }) =>
    new Workload(stack, 'bot', {
      image: Image.fromRegistry('python:3.13-slim'),
      healthCheck: HealthCheck.http(8000, { via: 'curl' }),
    }),
  'unknown-option': ({ stack }) => new Workload(stack, 'bot', { image, mem_limit: '512m' } as WorkloadProps),
  'wrong-type': ({ stack }) =>
    new Workload(stack, 'bot', { image, command: 'python -m bot' } as unknown as WorkloadProps),
  // Connections, secrets and policies of replicas and updates.
  'command-missing': ({ stack }) => {
    const key = Secret.provided(stack, 'api_key', { description: 'the API key of the paper account' });
    return new Workload(stack, 'bot', { image, secrets: { API_KEY: key.deliveredAs(SecretDelivery.EXPORTED) } });
  },
  'entrypoint-unknown': ({ stack }) => {
    const key = Secret.provided(stack, 'api_key', { description: 'the API key of the paper account' });
    const secrets = { API_KEY: key.deliveredAs(SecretDelivery.EXPORTED) };
    return new Workload(stack, 'bot', { image, command: ['trade', '--config', 'config.json'], secrets });
  },
  'secret-not-read': ({ stack }) => {
    const password = Secret.generated(stack, 'clickhouse_password');
    const image = Image.fromRegistry('clickhouse/clickhouse-server:23.8');
    return new Workload(stack, 'clickhouse', { image, secrets: { CLICKHOUSE_PASSWORD: password } });
  },
  'invalid-host': ({ stack }) =>
    new ExternalEndpoint(stack, 'broker', { host: 'https://paper-api.alpaca.markets/v2', port: 443 }),
  'invalid-path': ({ stack }) => new Workload(stack, 'bot', { image, workingDirectory: 'app' }),
  'private-file-exposed': ({ stack }) =>
    new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('.', '/app')] }),
  'replicas-conflict': ({ stack }) =>
    new Workload(stack, 'api', { image, replicas: 2, ports: [PublishedPort.loopback(8000)] }),
  'secret-file-invalid': {
    command: 'npm run deploy -- desk',
    output:
      'desk/api_key: .secrets/desk/api_key starts with a byte-order mark. ' +
      'Save it as UTF-8 without a byte-order mark; encode binary content as base64. [secret-file-invalid]',
  },
  'update-conflict': ({ app }) => {
    const cluster = new TradingStack(app, 'cluster', { engine: Engine.swarm() });
    const ports = [PublishedPort.allInterfaces(8000)];
    return new Workload(cluster, 'api', { image, ports, updatePolicy: UpdatePolicy.startFirst() });
  },
  'variable-set-twice': ({ stack }) => {
    const database = new PostgresDb(stack, 'db');
    const audit = new PostgresDb(stack, 'audit');
    return new Workload(stack, 'bot', { image, uses: [database, audit] });
  },
  'dependency-not-reachable': ({ app, stack }) => {
    const database = new PostgresDb(stack, 'db');
    const research = new TradingStack(app, 'research');
    return new Workload(research, 'notebook', { image, uses: [database] });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
