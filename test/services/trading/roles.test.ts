import {
  AlertSystem,
  AnalyticsService,
  ApiGateway,
  type AppService,
  type AppServiceProps,
  ArbitrageService,
  DataAccessApi,
  MarketDataService,
  MonitoringUi,
  type TradingStack,
  WebSocketService,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, environmentOf } from '../fixtures';

type Role = new (stack: TradingStack, id: string, props: AppServiceProps) => AppService;

/** Each role with the id that the documents of real systems give it, its port and what it shows beside HTTP. */
const ROLES: readonly (readonly [string, Role, number, readonly string[]])[] = [
  ['alert_system', AlertSystem, 8007, ['Alerts']],
  ['analytics_service', AnalyticsService, 8082, []],
  ['api_gateway', ApiGateway, 8080, ['WebSocket clients']],
  ['arbitrage_service', ArbitrageService, 8002, ['Opportunities']],
  ['data_access_api', DataAccessApi, 8005, []],
  ['market_data_service', MarketDataService, 8000, ['Ticks published']],
  ['monitoring_ui', MonitoringUi, 3000, []],
  ['websocket_service', WebSocketService, 8081, ['WebSocket clients']],
];
const HTTP_PANELS = ['Requests', 'Errors', 'Latency (95th percentile)', 'Memory'];

describe.each(ROLES)('a service with the role %s', (id, Role, port, panels) => {
  test.each(ENGINES)('creates one program on $engineName', ({ createEngine }) => {
    const terraform = synthesizeStack((stack) => new Role(stack, id, { image: BOT }), { engine: createEngine() });

    expect(createdBy(terraform)).toMatchSnapshot();
  });

  test(`is probed, scraped and reached on port ${port} unless another is asked for`, () => {
    createStack((stack) => {
      const usual = new Role(stack, id, { image: BOT });
      const other = new Role(stack, `${id}_2`, { image: BOT, port: 9999 });

      expect([usual.endpoint.port, other.endpoint.port]).toEqual([port, 9999]);
      expect([usual.metrics.target.port, other.metrics.target.port]).toEqual([port, 9999]);
      expect(usual.workload.spec.healthCheck?.test.join(' ')).toContain(`127.0.0.1:${port}/health`);
    });
  });

  test('shows what every HTTP service shows, and what the role is about', () => {
    createStack((stack) => {
      const titles = new Role(stack, id, { image: BOT }).metrics.panels.map(({ title }) => title);

      expect(titles).toEqual([...HTTP_PANELS, ...panels]);
    });
  });

  test('gives others its address', () => {
    const terraform = synthesizeStack((stack) => {
      const service = new Role(stack, id, { image: BOT });
      new MonitoringUi(stack, 'consumer', { image: BOT, uses: [service] });
    });

    expect(environmentOf(containerNamed(terraform, 'desk-consumer'))).toEqual({
      PORT: '3000',
      [`${id.toUpperCase()}_URL`]: `http://${id}:${port}`,
    });
  });
});
