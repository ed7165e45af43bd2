import { mkdirSync, writeFileSync } from 'node:fs';
import {
  BindMount,
  Engine,
  type ErrorCode,
  ExternalEndpoint,
  Image,
  PostgresDb,
  PublishedPort,
  Secret,
  SecretDelivery,
  TradingStack,
  UpdatePolicy,
  Workload,
  writeSecretFiles,
} from '../../../lib';
import type { ErrorExample } from './example';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** The errors of `lib/workload`. */
export const WORKLOAD_ERRORS = {
  // Connections, secrets and policies of replicas and updates.
  'command-missing': ({ stack }) => {
    const key = Secret.provided(stack, 'api_key', { description: 'the API key of the paper account' });
    return new Workload(stack, 'bot', { image, secrets: { API_KEY: key.deliveredAs(SecretDelivery.EXPORTED) } });
  },
  'invalid-host': ({ stack }) =>
    new ExternalEndpoint(stack, 'broker', { host: 'https://paper-api.alpaca.markets/v2', port: 443 }),
  'private-file-exposed': ({ stack }) =>
    new Workload(stack, 'bot', { image, bindMounts: [BindMount.readOnly('.', '/app')] }),
  'replicas-conflict': ({ stack }) =>
    new Workload(stack, 'api', { image, replicas: 2, ports: [PublishedPort.loopback(8000)] }),
  'secret-file-invalid': ({ stack }) => {
    Secret.provided(stack, 'api_key', { description: 'the API key of the paper account' });
    mkdirSync('.secrets/desk', { recursive: true });
    writeFileSync('.secrets/desk/api_key', '\uFEFFk3y');
    return writeSecretFiles(stack);
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
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
