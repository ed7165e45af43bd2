import {
  FeatureApi,
  type IMonitored,
  InfluxDb,
  MonitoringStack,
  OrderExecutor,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  RedisPurpose,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  Route,
  StrategyRunner,
  type TradingStack,
} from '../../lib';
import { BOT } from '../services/fixtures';
import { synthesizeStack } from '../setup/synthesize';
import { type DashboardModel, type DashboardPanel, deployedAs } from './fixtures';

/** The servers, and the roles of the path of an order. */
function orderPath(stack: TradingStack): IMonitored[] {
  const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
  const features = new FeatureApi(stack, 'features', { image: BOT });
  const riskManager = new RiskManager(stack, 'risk', { image: BOT, limits });
  return [
    new PostgresDb(stack, 'db', { database: 'desk' }),
    new RedisCache(stack, 'redis', { purpose: RedisPurpose.CACHE }),
    new RabbitMqBroker(stack, 'rabbitmq'),
    new InfluxDb(stack, 'influxdb'),
    new QuestDb(stack, 'questdb'),
    new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', features)] }),
    new StrategyRunner(stack, 'strategy', { image: BOT }),
    riskManager,
    new OrderExecutor(stack, 'executor', { image: BOT, riskManager }),
  ];
}

test('the dashboards show the metrics of servers and of the path of an order', () => {
  const terraform = synthesizeStack((stack) => new MonitoringStack(stack, 'monitoring', { watch: orderPath(stack) }));
  const models = Object.entries(deployedAs(terraform, 'desk-grafana').files)
    .filter(([path]) => path.startsWith('/etc/grafana/dashboards/'))
    .map(([, content]) => JSON.parse(content) as DashboardModel);

  // One line for each query, which is what there is to review: tests of the dashboards check the rest.
  expect(Object.fromEntries(models.map(({ title, panels }) => [title, panels.flatMap(linesOf)]))).toMatchSnapshot();
});

function linesOf({ title, fieldConfig, targets }: DashboardPanel): string[] {
  if (targets === undefined) return [title];
  const unit = fieldConfig?.defaults.unit ?? 'none';
  return targets.map(({ expr, legendFormat }) => `  ${title} (${unit}): ${legendFormat} = ${expr}`);
}
