import {
  type ErrorCode,
  Image,
  Platform,
  PostgresDb,
  PublishedPort,
  Secret,
  TradingStack,
  Volume,
  Workload,
} from '../../../lib';
import type { ErrorExample } from './example';

const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

/** The errors of `lib/platform` and `lib/options`. */
export const PLATFORM_ERRORS = {
  'alias-taken': ({ stack }) => {
    new Workload(stack, 'bot', { image, aliases: ['trader'] });
    new Workload(stack, 'robot', { image, aliases: ['trader'] });
  },
  'duplicate-platform': ({ stack }) =>
    new Platform(stack, 'second', {
      engine: stack.engine,
      prefix: 'second',
      network: {},
      machine: null,
      defaults: stack.platform.defaults,
      projectDirectory: '../../..',
    }),
  'image-name-taken': ({ stack }) => {
    const folder = 'examples/reference-service';
    new Workload(stack, 'bot', { image: Image.fromBuild(folder, { name: 'desk-bot' }) });
    new Workload(stack, 'robot', {
      image: Image.fromBuild(folder, { name: 'desk-bot', platform: 'linux/arm64' }),
    });
  },
  'invalid-subnet': ({ app }) => new TradingStack(app, 'trading', { network: { subnet: '172.28.0.5/24' } }),
  'name-taken': ({ stack }) => {
    new Workload(stack, 'bot', { image, name: 'trader' });
    new Workload(stack, 'robot', { image, name: 'trader' });
  },
  'network-full': ({ app }) => {
    const stack = new TradingStack(app, 'small', { network: { subnet: '10.0.0.0/30' } });
    new Workload(stack, 'bot', { image });
    new Workload(stack, 'robot', { image });
  },
  'network-taken': ({ app }) => {
    new TradingStack(app, 'paper', { network: { name: 'trading' } });
    new TradingStack(app, 'live', { network: { name: 'trading' } });
  },
  'outside-stack': ({ app }) => new PostgresDb(app, 'db'),
  'port-taken': ({ stack }) => {
    new Workload(stack, 'api', { image, ports: [PublishedPort.loopback(8000)] });
    new Workload(stack, 'ui', { image, ports: [PublishedPort.loopback(8000)] });
  },
  'secret-taken': ({ stack }) => {
    Secret.generated(stack, 'first', { name: 'api_key' });
    Secret.generated(stack, 'second', { name: 'api_key' });
  },
  'stack-taken': ({ app }) => {
    new TradingStack(app, 'paper', { name: 'trading' });
    new TradingStack(app, 'live', { name: 'trading' });
  },
  'subnet-taken': ({ app }) => {
    new TradingStack(app, 'paper', { network: { subnet: '172.28.0.0/16' } });
    new TradingStack(app, 'live', { network: { subnet: '172.28.5.0/24' } });
  },
  'volume-taken': ({ stack }) => {
    const volume = Volume.retained('data');
    new PostgresDb(stack, 'db', { volume });
    new PostgresDb(stack, 'quotes', { volume });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
