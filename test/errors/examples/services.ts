import { AppService, type ErrorCode, Image, OrderExecutor, RiskLimits, RiskManager } from '../../../lib';
import type { ErrorExample } from './example';

/** The errors of `lib/services`. */
export const SERVICES_ERRORS = {
  'live-trading': ({ stack }) => {
    const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');
    const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
    const riskManager = new RiskManager(stack, 'risk_manager', { image, limits });
    const environment = { TRADING_ENVIRONMENT: 'live' };
    new OrderExecutor(stack, 'order_executor', { image, riskManager, environment });
  },
  'socket-taken': ({ stack }) => {
    new AppService(stack, 'market_data', {
      image: Image.fromRegistry('ghcr.io/desk/bot:1.4.0'),
      port: 5556,
      sockets: [{ name: 'ticks', port: 5556, portVariable: 'ZMQ_MARKET_PORT' }],
    });
  },
} as const satisfies Partial<Record<ErrorCode, ErrorExample>>;
