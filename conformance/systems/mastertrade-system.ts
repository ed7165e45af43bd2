import { createMasterTradeStack, type MasterTradeOptions } from '../../examples/mastertrade/stack';
import { createApp } from '../../test/setup/synthesize';
import { type SecretFiles, SynthesizedSystem, secretFilesOf } from '../synthesized-system';

/** Container names of the document by service. The gateway, the data API and arbitrage have none. */
export const NAMES = {
  postgres: 'mastertrade_postgres',
  rabbitmq: 'mastertrade_rabbitmq',
  redis: 'mastertrade_redis',
  market_data_service: 'mastertrade_market_data',
  strategy_service: 'mastertrade_strategy',
  order_executor: 'mastertrade_executor',
  risk_manager: 'mastertrade_risk',
  alert_system: 'mastertrade_alerts',
  api_gateway: 'mastertrade_api_gateway',
  data_access_api: 'mastertrade_data_access_api',
  arbitrage_service: 'mastertrade_arbitrage_service',
  prometheus: 'mastertrade_prometheus',
  grafana: 'mastertrade_grafana',
  monitoring_ui: 'mastertrade_ui',
} as const;

/** The 14 services that the document names. */
export const SERVICES = Object.keys(NAMES) as (keyof typeof NAMES)[];

/** Timings of the probes of the services. */
export const SERVICE_PROBE = { interval: '30s', timeout: '10s', retries: 3, start_period: '1m0s' };

/** MasterTrade, synthesized. */
export function masterTrade(options: MasterTradeOptions = {}): SynthesizedSystem {
  return new SynthesizedSystem(createMasterTradeStack(createApp(), options));
}

/** The secrets of MasterTrade: those that are written, and those that are missing. */
export function secretsOf(options: MasterTradeOptions = {}): SecretFiles {
  return secretFilesOf((app) => createMasterTradeStack(app, options));
}
