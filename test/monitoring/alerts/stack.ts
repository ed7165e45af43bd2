import { parse } from 'yaml';
import {
  AlertChannel,
  BackupRetention,
  BackupSchedule,
  BackupTarget,
  Duration,
  type IMonitored,
  Image,
  InfluxDb,
  Logging,
  MarketDataService,
  type MetricsAlert,
  MonitoringStack,
  type MonitoringStackProps,
  OrderExecutor,
  PostgresDb,
  type PrometheusRuleGroup,
  QuestDb,
  RabbitMqBroker,
  RedisCache,
  ReverseProxy,
  RiskLimits,
  RiskManager,
  Route,
  Secret,
  StrategyRunner,
  type TradingStack,
} from '../../../lib';
import { alertsOf } from '../../../lib/monitoring/alerts/general-alerts';
import { hostMetrics } from '../../../lib/monitoring/hosts/host-metrics';
import { synthesizeStack } from '../../setup/synthesize';
import { deployedAs } from '../fixtures';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** The options of a stack with {@link watchEverything}. */
export const WITH_LOG_STORE = { logging: Logging.logStore() };

/** Every service that has alerts of its own, watched. */
export function watchEverything(stack: TradingStack, props: Omit<MonitoringStackProps, 'watch'> = {}): void {
  const database = new PostgresDb(stack, 'db', { database: 'desk' });
  const backup = database.backup({
    to: BackupTarget.hostFolder('/srv/backups'),
    schedule: BackupSchedule.every(Duration.hours(1)),
    retention: BackupRetention.of({ daily: 7 }),
    verifyEvery: Duration.hours(1),
    recoveryPointEvery: Duration.minutes(1),
  });
  const market = new MarketDataService(stack, 'market_data', { image });
  const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
  const riskManager = new RiskManager(stack, 'risk_manager', { image, limits });
  new MonitoringStack(stack, 'monitoring', {
    alertmanager: {
      channels: { critical: everyChannel(stack) },
      watchdog: AlertChannel.webhook({
        url: Secret.provided(stack, 'watchdog_url', { description: 'the URL of the check' }),
      }),
    },
    host: {},
    logs: {},
    ...props,
    watch: [
      database,
      backup,
      new RedisCache(stack, 'queue'),
      new RabbitMqBroker(stack, 'broker'),
      new QuestDb(stack, 'prices'),
      new InfluxDb(stack, 'history'),
      new ReverseProxy(stack, 'proxy', { routes: [Route.http('/', market)] }),
      market,
      riskManager,
      new OrderExecutor(stack, 'executor', { image, riskManager }),
      new StrategyRunner(stack, 'runner', { image }),
    ],
  });
}

/** One channel of each kind, with all its options. */
export function everyChannel(stack: TradingStack): readonly AlertChannel[] {
  const secret = (id: string): Secret => Secret.provided(stack, id, { description: id });
  return [
    AlertChannel.email({
      to: 'desk@desk.example, pager@desk.example',
      from: 'alerts@desk.example',
      server: 'smtp.desk.example:587',
      username: 'alerts',
      password: secret('smtp_password'),
    }),
    AlertChannel.slack({ webhookUrl: secret('slack_webhook'), channel: '#desk' }),
    AlertChannel.telegram({ botToken: secret('telegram_token'), chatId: -1001234567890 }),
    AlertChannel.discord({ webhookUrl: secret('discord_webhook') }),
    AlertChannel.webhook({ url: 'http://pager:8080/alerts', bearerToken: secret('pager_token') }),
    AlertChannel.webhook({ url: secret('pager_url') }),
  ];
}

/** The alerts that the watched services and the machine define, by job and name. */
export function alertsOfStack(stack: TradingStack): ReadonlyMap<string, MetricsAlert> {
  const sources = stack.node
    .findAll()
    .flatMap((construct) => ('metrics' in construct ? (construct as IMonitored) : []));
  const all = [...sources.map(({ metrics }) => metrics), hostMetrics(stack, {})].flatMap((source) =>
    alertsOf(source).map((alert): [string, MetricsAlert] => [`${source.job}/${alert.name}`, alert]),
  );
  return new Map(all);
}

/** The rule file of the alerts. */
export function alertGroups(build: (stack: TradingStack) => void): readonly PrometheusRuleGroup[] {
  const { files } = deployedAs(synthesizeStack(build, WITH_LOG_STORE), 'desk-prometheus');
  return (parse(files['/etc/prometheus/rules/desk-alerts.yml'] ?? '') as { groups: PrometheusRuleGroup[] }).groups;
}
