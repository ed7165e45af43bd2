import { AppService, BackgroundWorker, HealthCheck, OrderExecutor, RiskLimits, RiskManager, Secret } from '../../lib';
import { textOf } from '../synthesized-system';
import type { Bug } from './bug';
import { createRiskManager, image } from './shared';

export const MONEY = {
  'B-21': {
    title: 'Orders without a risk check',
    byDefault: {
      stack: (stack) => new OrderExecutor(stack, 'executor', { image, riskManager: createRiskManager(stack) }),
      shows: /"depends_on":\["docker_container\.desk-risk-manager"\]/,
    },
    forms: [
      {
        written: 'an OrderExecutor without riskManager',
        compiles: false,
        // @ts-expect-error -- riskManager is missing
        stack: (stack) => new OrderExecutor(stack, 'executor', { image }),
      },
      {
        written: 'an OrderExecutor with the name of a service as its risk manager',
        compiles: false,
        // @ts-expect-error -- riskManager takes a RiskManager
        stack: (stack) => new OrderExecutor(stack, 'executor', { image, riskManager: 'risk_manager' }),
      },
      {
        written: 'an AppService or BackgroundWorker that executes orders',
        stack: (stack) =>
          new BackgroundWorker(stack, 'order_service', { image, environment: { ROLE: 'order-executor' } }),
        shows: /ROLE=order-executor/,
      },
      {
        written: 'a RiskManager without a health check: the executor waits for its start only',
        stack: (stack) => {
          const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
          const riskManager = new RiskManager(stack, 'risk_manager', {
            image,
            limits,
            healthCheck: HealthCheck.none(),
          });
          return new OrderExecutor(stack, 'executor', { image, riskManager });
        },
        shows: /"NONE"/,
      },
    ],
  },
  'B-28': {
    title: '"Production" with a paper account',
    byDefault: {
      stack: (stack) => new OrderExecutor(stack, 'executor', { image, riskManager: createRiskManager(stack) }),
      shows: /TRADING_ENVIRONMENT=paper/,
    },
    forms: [
      {
        written: 'TRADING_ENVIRONMENT=live on an OrderExecutor',
        stack: (stack) =>
          new OrderExecutor(stack, 'executor', {
            image,
            riskManager: createRiskManager(stack),
            environment: { TRADING_ENVIRONMENT: 'live' },
          }),
      },
      {
        written: 'the address of the live account in a variable of an OrderExecutor',
        stack: (stack) =>
          new OrderExecutor(stack, 'executor', {
            image,
            riskManager: createRiskManager(stack),
            environment: { ENVIRONMENT: 'production', ALPACA_BASE_URL: 'https://api.alpaca.markets' },
          }),
        shows: /https:\/\/api\.alpaca\.markets/,
      },
      {
        written: 'TRADING_MODE=live on an OrderExecutor',
        stack: (stack) =>
          new OrderExecutor(stack, 'executor', {
            image,
            riskManager: createRiskManager(stack),
            environment: { TRADING_MODE: 'live', ALPACA_PAPER: 'false' },
          }),
        shows: /TRADING_MODE=live/,
      },
      {
        written: 'TRADING_ENVIRONMENT=live on another service',
        stack: (stack) =>
          new AppService(stack, 'backend', { image, port: 8000, environment: { TRADING_ENVIRONMENT: 'live' } }),
        shows: /TRADING_ENVIRONMENT=live/,
      },
    ],
  },
  'B-47': {
    title: 'Two kinds of limits, and neither is checked',
    forms: [
      {
        written: 'a fraction of 20',
        stack: () => RiskLimits.relative({ maxPositionSize: 20, maxDrawdown: 0.15 }),
      },
      {
        written: 'a negative amount',
        stack: () => RiskLimits.absolute({ maxPositionSize: -10000, maxDailyLoss: 1000 }),
      },
      {
        written: 'an amount together with a fraction',
        compiles: false,
        // @ts-expect-error -- maxDailyLoss is an amount
        stack: () => RiskLimits.relative({ maxPositionSize: 0.2, maxDailyLoss: 1000 }),
      },
      {
        written: 'MAX_POSITION_SIZE_PCT in `environment` of the RiskManager',
        stack: (stack) => {
          const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
          return new RiskManager(stack, 'risk_manager', {
            image,
            limits,
            environment: { MAX_POSITION_SIZE_PCT: '20' },
          });
        },
      },
    ],
  },
  'B-48': {
    title: 'A trading key for a service that only reads',
    inExamples: () =>
      textOf('examples/mastertrade/provider-keys.ts').includes("secretsFor(stack, EXCHANGE, 'read_only_')"),
    forms: [
      {
        written: 'one secret for market data and for the executor',
        stack: (stack) => {
          const key = Secret.provided(stack, 'binance_api_key', { description: 'Key of the Binance account.' });
          new AppService(stack, 'market_data', { image, port: 8000, secrets: { BINANCE_API_KEY: key } });
          const riskManager = createRiskManager(stack);
          return new OrderExecutor(stack, 'executor', { image, riskManager, secrets: { BINANCE_API_KEY: key } });
        },
        shows: /BINANCE_API_KEY_FILE.*BINANCE_API_KEY_FILE/,
      },
    ],
  },
} satisfies Record<string, Bug>;
