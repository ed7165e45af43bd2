import { Engine, type ErrorCode, Image, PublishedPort, TradingStack, Volume, Workload } from '../../../lib';
import type { ErrorExample } from './example';

const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

/** The errors of `lib/engines`. */
export const ENGINES_ERRORS = {
  'placement-missing': ({ app }) => {
    const stack = new TradingStack(app, 'trading', { engine: Engine.swarm({ cluster: {} }) });
    new Workload(stack, 'bot', { image, volumes: [Volume.retained('models').mountAt('/models')] });
  },
  'unsupported-by-engine': ({ app }) => {
    const stack = new TradingStack(app, 'trading', { engine: Engine.swarm() });
    new Workload(stack, 'api', { image, ports: [PublishedPort.loopback(8000)] });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
