import type { Construct } from 'constructs';
import { type MetricsAlert, withRunbooks } from '../../workload/connections/metrics-alert';
import { FAILURES_PANEL, type MetricsPanel } from '../../workload/connections/monitored';
import { UpdatePolicy } from '../../workload/policies/update-policy';
import { Duration } from '../../workload/units/duration';
import { AppService, type AppServiceProps, withRoleDefaults } from '../app/app-service';

/** Properties of an {@link AlertSystem}. */
export interface AlertSystemProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8007
   */
  readonly port?: number;
}

/**
 * Detects events that people must know about, such as refused orders or stalled market data, and records them.
 *
 * @example
 * new AlertSystem(stack, 'alert_system', { image, uses: [database, broker] });
 */
export class AlertSystem extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: AlertSystemProps) {
    super(scope, id, withRoleDefaults(props, 8007, ALERT_PANELS));
  }
}

const ALERT_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Alerts',
    query: 'sum by (severity) (increase(alerts_total{job="$job"}[1h]))',
    legend: '{{severity}}',
    unit: 'short',
    dashboard: 'trading',
  },
  FAILURES_PANEL,
];

/** Properties of an {@link AnalyticsService}. */
export interface AnalyticsServiceProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8082
   */
  readonly port?: number;
}

/**
 * Reports on the past: fills, prices, profit and loss.
 *
 * @example
 * new AnalyticsService(stack, 'analytics_service', { image, uses: [database, prices] });
 */
export class AnalyticsService extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: AnalyticsServiceProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 8082));
  }
}

/** Properties of an {@link ApiGateway}. */
export interface ApiGatewayProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8080
   */
  readonly port?: number;
}

/**
 * The entry point for users and external programs: REST, and WebSockets if the program serves them. Consumers get
 * `<ID>_URL`.
 *
 * @example
 * new ApiGateway(stack, 'api_gateway', { image, uses: [database, executor], ports: [PublishedPort.loopback(8080)] });
 */
export class ApiGateway extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: ApiGatewayProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 8080, API_GATEWAY_PANELS));
  }
}

const API_GATEWAY_PANELS: readonly MetricsPanel[] = [
  {
    title: 'WebSocket clients',
    query: 'sum(websocket_clients{job="$job"})',
    legend: 'connected',
    unit: 'short',
  },
];

/** Properties of an {@link ArbitrageService}. */
export interface ArbitrageServiceProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8002
   */
  readonly port?: number;
}

/**
 * Compares prices that should agree, and records where they do not.
 *
 * @example
 * new ArbitrageService(stack, 'arbitrage_service', { image, uses: [database, broker] });
 */
export class ArbitrageService extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: ArbitrageServiceProps) {
    super(scope, id, withRoleDefaults(props, 8002, ARBITRAGE_PANELS));
  }
}

const ARBITRAGE_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Opportunities',
    query: 'sum(increase(arbitrage_opportunities_total{job="$job"}[1h]))',
    legend: 'in an hour',
    unit: 'short',
    dashboard: 'trading',
  },
  FAILURES_PANEL,
];

/** Properties of a {@link DataAccessApi}. */
export interface DataAccessApiProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8005
   */
  readonly port?: number;
}

/**
 * Reads the database for other services, which then need no connection and no password of their own.
 *
 * @example
 * new DataAccessApi(stack, 'data_access_api', { image, uses: [database] });
 */
export class DataAccessApi extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: DataAccessApiProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 8005));
  }
}

/** Properties of a {@link FeatureApi}. */
export type FeatureApiProps = AppServiceProps;

/**
 * Serves features to strategies over HTTP. Consumers get its address as `<ID>_URL`.
 *
 * @example
 * new FeatureApi(stack, 'feature_api', {
 *   image: Image.fromBuild('services/feature-api'),
 *   uses: [database, cache],
 * });
 */
export class FeatureApi extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: FeatureApiProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 8000, FEATURE_PANELS));
  }
}

const FEATURE_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Features computed',
    query: 'sum(rate(features_computed_total{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
  },
];

/** Properties of a {@link MarketDataService}. */
export type MarketDataServiceProps = AppServiceProps;

/**
 * Brings prices into the system and publishes them: on a ZeroMQ socket, or through a broker in `uses`.
 *
 * @example
 * new MarketDataService(stack, 'market_data_service', {
 *   image,
 *   sockets: [{ name: 'ticks', port: 5555, portVariable: 'ZMQ_MARKET_PORT' }],
 *   uses: [database],
 * });
 */
export class MarketDataService extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: MarketDataServiceProps) {
    super(scope, id, withRoleDefaults(props, 8000, MARKET_DATA_PANELS, MARKET_DATA_ALERTS));
  }
}

const MARKET_DATA_PANELS: readonly MetricsPanel[] = [
  {
    title: 'Ticks published',
    query: 'sum(rate(ticks_published_total{job="$job"}[$__rate_interval]))',
    legend: 'a second',
    unit: 'ops',
    dashboard: 'trading',
  },
  FAILURES_PANEL,
];

const MARKET_DATA_ALERTS: readonly MetricsAlert[] = withRunbooks([
  {
    name: 'MarketDataStopped',
    expr: 'sum(rate(ticks_published_total{job="$job"}[5m])) == 0',
    for: Duration.minutes(1),
    severity: 'warning',
    summary: '$job publishes no prices',
    description:
      'No price was published for 5 minutes. Check whether the market is open, and in the log of $job whether its ' +
      'provider answers.',
  },
]);

/** Properties of a {@link MonitoringUi}. */
export interface MonitoringUiProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 3000
   */
  readonly port?: number;
}

/**
 * The web page on which people watch the system. It reads from other services and stores nothing itself.
 *
 * @example
 * new MonitoringUi(stack, 'monitoring_ui', { image, uses: [gateway, dataAccess] });
 */
export class MonitoringUi extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: MonitoringUiProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 3000));
  }
}

/** Properties of a {@link WebSocketService}. */
export interface WebSocketServiceProps extends AppServiceProps {
  /**
   * Port of the HTTP interface.
   * @default 8081
   */
  readonly port?: number;
}

/**
 * Streams prices and fills to browsers. Each replica follows the feed on its own, so any of them can serve any client.
 *
 * @example
 * new WebSocketService(stack, 'websocket_service', { image, uses: [cache] });
 */
export class WebSocketService extends AppService {
  /** @throws TradingStackError for an option that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: WebSocketServiceProps) {
    super(scope, id, withRoleDefaults(answersRequests(props), 8081, WEB_SOCKET_PANELS));
  }
}

const WEB_SOCKET_PANELS: readonly MetricsPanel[] = [
  {
    title: 'WebSocket clients',
    query: 'sum by (instance) (websocket_clients{job="$job"})',
    legend: '{{instance}}',
    unit: 'short',
  },
];

/** A second instance of a role that only answers requests does no harm. Subscribers of a socket would get everything twice. */
function answersRequests<Props extends AppServiceProps>(props: Props): Props {
  if (props.updatePolicy !== undefined || (props.sockets ?? []).length > 0) return props;
  return { ...props, updatePolicy: UpdatePolicy.startFirstIfPossible() };
}
