import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AlertChannel, RiskLimits } from '../../lib';
import { fileOf, secretsOf as mountedSecrets } from '../../test/services/fixtures';
import { met, open, replaced } from '../requirement';
import { masterTrade, SERVICE_PROBE, secretsOf } from './mastertrade-system';

const system = masterTrade();
const withKeys = masterTrade({
  providerKeys: true,
  alertChannels: ['email', 'telegram', 'discord', 'slack'],
});
const secrets = secretsOf().contents;
const definitions = JSON.parse(fileOf(system.container('rabbitmq'), '/etc/rabbitmq/definitions.json')) as {
  readonly permissions: readonly object[];
};

const ONE_IMAGE =
  'the document does not contain the sources: the reference service of this repository plays each service';
const OWN_PROBE = 'few images have curl (B-10), and "started" is not "healthy" (B-33)';

/** Expects that a service is built here, runs under that name, and is always restarted. */
function expectBuilt(service: string, name: string): void {
  expect(system.image(service)).toMatchObject({
    name: expect.stringMatching(/^mastertrade-reference-service:[0-9a-f]{16}$/) as unknown,
    build: { context: '../../../examples/reference-service', dockerfile: 'Dockerfile' },
  });
  expect(system.container(service)).toMatchObject({ name, restart: 'always' });
}

/** Expects the URLs of a service in files: of the database, of the broker with a user of its own, of the cache. */
function expectUrls(service: string, { cache }: { readonly cache: boolean }): void {
  const { DATABASE_URL_FILE, RABBITMQ_URL_FILE, REDIS_URL_FILE } = system.environment(service);
  const contentOf = (path = '') => secrets[path.replace('/run/secrets/', '')];

  expect(contentOf(DATABASE_URL_FILE)).toMatch(/^postgresql:\/\/mastertrade:[\w-]{30,}@postgres:5432\/mastertrade$/);
  expect(contentOf(RABBITMQ_URL_FILE)).toMatch(new RegExp(`^amqp://${service}:[\\w-]{30,}@rabbitmq:5672/%2F$`));
  expect(contentOf(REDIS_URL_FILE)).toEqual(
    cache ? expect.stringMatching(/^redis:\/\/:[\w-]{30,}@redis:6379$/) : undefined,
  );
}

/** Variables that a source file of the reference service reads. */
function settingsReadBy(source: string): string[] {
  const content = readFileSync(join(__dirname, '../../examples/reference-service/src', source), 'utf8');
  return [...content.matchAll(/configuration\.\w+\('(\w+)'/g)].map(([, name = '']) => name);
}

/** Expects a service to be published on its own port, to wait for others to be healthy, and to be probed on its port. */
function expectReached(service: string, port: number, after: readonly string[], path = '/health'): void {
  expect(system.ports(service)).toEqual([`127.0.0.1:${port}:${port}`]);
  expectProbe(service, port, path);
  expect(system.startsAfter(service).sort()).toEqual([...after].sort());
  for (const other of after.filter((one) => one !== 'schema')) expect(system.container(other).wait).toBe(true);
}

function expectProbe(service: string, port: number, path: string): void {
  expect(system.container(service).healthcheck).toMatchObject(SERVICE_PROBE);
  for (const program of ['curl', 'wget', 'python3', 'node']) {
    expect(system.probe(service)).toMatch(new RegExp(`command -v ${program} .*http://\\$1:${port}${path}["']`));
  }
}

describe('market_data_service', () => {
  replaced(
    'S3-21',
    'market_data_service is built from a Dockerfile, runs as mastertrade_market_data, and is always restarted',
    ONE_IMAGE,
    () => {
      expectBuilt('market_data_service', 'mastertrade_market_data');
    },
  );

  replaced(
    'S3-22',
    'market_data_service gets URLs of the same database, virtual host and cache, in files and with generated passwords',
    'everyone knows mastertrade123 (B-12), and Redis would be open without a password (B-11); a URL without a database means 0',
    () => {
      expectUrls('market_data_service', { cache: true });
      expect(system.environment('market_data_service')).not.toHaveProperty('DATABASE_URL');
    },
  );

  met(
    'S3-23',
    'with providerKeys, market_data_service gets all seven keys in files; those of Binance need no permission to trade',
    () => {
      const files = {
        BINANCE_API_KEY: 'read_only_binance_api_key',
        BINANCE_API_SECRET: 'read_only_binance_api_secret',
        MORALIS_API_KEY: 'moralis_api_key',
        GLASSNODE_API_KEY: 'glassnode_api_key',
        TWITTER_BEARER_TOKEN: 'twitter_bearer_token',
        REDDIT_CLIENT_ID: 'reddit_client_id',
        REDDIT_CLIENT_SECRET: 'reddit_client_secret',
      };

      for (const [variable, file] of Object.entries(files)) {
        expect(withKeys.environment('market_data_service')[`${variable}_FILE`]).toBe(`/run/secrets/${file}`);
        expect(mountedSecrets(withKeys.container('market_data_service'))).toContain(`/run/secrets/${file}`);
        expect(secretsOf({ providerKeys: true }).missing).toContain(`.secrets/mastertrade/${file}`);
      }
    },
  );

  replaced(
    'S3-24',
    'market_data_service is on 127.0.0.1:8000, is probed every 30 s, and starts after PostgreSQL, RabbitMQ and Redis are healthy',
    OWN_PROBE,
    () => {
      expectReached('market_data_service', 8000, ['postgres', 'rabbitmq', 'redis', 'schema']);
    },
  );
});

describe('strategy_service', () => {
  replaced(
    'S3-25',
    'strategy_service runs with the three URLs and the three settings of the document, and does what they say (strategy-generation.test.ts of the reference service)',
    ONE_IMAGE,
    () => {
      const settings = { MAX_ACTIVE_STRATEGIES: '10', DAILY_GENERATION_COUNT: '500', GENERATION_TIME: '03:00' };

      expectBuilt('strategy_service', 'mastertrade_strategy');
      expectUrls('strategy_service', { cache: true });
      expect(system.environment('strategy_service')).toMatchObject(settings);
      expect(settingsReadBy('strategy-generation.ts')).toEqual(expect.arrayContaining(Object.keys(settings)));
    },
  );

  replaced(
    'S3-26',
    'strategy_service is on 127.0.0.1:8006, is probed every 30 s, and starts after the stores and market data are healthy',
    OWN_PROBE,
    () => {
      expectReached('strategy_service', 8006, ['postgres', 'rabbitmq', 'redis', 'market_data_service', 'schema']);
      expect(system.environment('strategy_service').PORT).toBe('8006');
    },
  );
});

describe('order_executor', () => {
  open('S3-27', 'live-trading limits');

  replaced(
    'S3-28',
    'order_executor is on 127.0.0.1:8081, is probed every 30 s, and starts after the stores and the risk manager are healthy',
    `without the risk manager, unchecked orders could go out (B-21); ${OWN_PROBE}`,
    () => {
      expectReached('order_executor', 8081, ['postgres', 'rabbitmq', 'risk_manager', 'schema']);
      expect(system.environment('order_executor').PORT).toBe('8081');
    },
  );
});

describe('risk_manager', () => {
  const limited =
    'risk_manager runs with the two URLs and the three limits of the document, and applies them (risk.test.ts of the reference service)';
  replaced('S3-29', limited, ONE_IMAGE, () => {
    expectBuilt('risk_manager', 'mastertrade_risk');
    expectUrls('risk_manager', { cache: false });
    const { MAX_POSITION_SIZE_PCT, MAX_PORTFOLIO_DRAWDOWN_PCT, CIRCUIT_BREAKER_ENABLED } =
      system.environment('risk_manager');

    expect([Number(MAX_POSITION_SIZE_PCT), Number(MAX_PORTFOLIO_DRAWDOWN_PCT)]).toEqual([0.2, 0.15]);
    expect(CIRCUIT_BREAKER_ENABLED).toBe('true');
  });

  replaced(
    'S3-30',
    'risk_manager is on 127.0.0.1:8080, is probed every 30 s, and starts after the stores and market data are healthy; it is asked before every fill (systems.e2e.test.ts)',
    OWN_PROBE,
    () => {
      expectReached('risk_manager', 8080, ['postgres', 'rabbitmq', 'schema', 'market_data_service']);
      expect(system.environment('risk_manager').PORT).toBe('8080');
      expect(system.startsAfter('order_executor')).toContain('risk_manager');
      expect(RiskLimits.relative.bind(null, { maxPositionSize: 20, maxDrawdown: 0.15 })).toThrowCode(
        'invalid-value',
        'maxPositionSize',
      );
    },
  );
});

describe('alert_system', () => {
  replaced(
    'S3-31',
    'alert_system runs with the two URLs, and with the settings and keys of the channels in alertChannels',
    ONE_IMAGE,
    () => {
      expectBuilt('alert_system', 'mastertrade_alerts');
      expectUrls('alert_system', { cache: false });
      expect(withKeys.environment('alert_system')).toMatchObject({
        EMAIL_HOST: 'smtp.gmail.com',
        EMAIL_PORT: '587',
        EMAIL_USER_FILE: '/run/secrets/email_user',
        EMAIL_PASSWORD_FILE: '/run/secrets/email_password',
        TELEGRAM_BOT_TOKEN_FILE: '/run/secrets/telegram_bot_token',
        DISCORD_WEBHOOK_URL_FILE: '/run/secrets/discord_webhook_url',
        SLACK_WEBHOOK_URL_FILE: '/run/secrets/slack_webhook_url',
      });
    },
  );

  replaced(
    'S3-32',
    'Alertmanager notifies by e-mail, Telegram, Discord, Slack and webhook (alerts.e2e.test.ts); SMS by one of these',
    'the document has credentials of the channels, and no rule that anything is sent for',
    () => {
      const gateway = AlertChannel.webhook({ url: 'http://sms-gateway:8080/alerts' });
      const alerting = masterTrade({ alertmanager: { channels: { critical: [gateway] } } });

      expect(fileOf(alerting.container('alertmanager'), '/etc/alertmanager/alertmanager.yml')).toContain(
        'http://sms-gateway:8080/alerts',
      );
      expect(fileOf(alerting.container('prometheus'), '/etc/prometheus/rules/mastertrade-alerts.yml')).toContain(
        'alert: MarketDataStale',
      );
      for (const channel of ['email', 'telegram', 'discord', 'slack', 'webhook']) {
        expect(AlertChannel).toHaveProperty(channel, expect.any(Function));
      }
    },
  );

  replaced(
    'S3-33',
    'alert_system is on 127.0.0.1:8007, is probed every 30 s, and starts after PostgreSQL and RabbitMQ are healthy',
    OWN_PROBE,
    () => {
      expectReached('alert_system', 8007, ['postgres', 'rabbitmq', 'schema']);
      expect(system.environment('alert_system').PORT).toBe('8007');
    },
  );
});

describe('monitoring_ui', () => {
  replaced(
    'S3-40',
    'monitoring_ui gets the URLs of the gateway and the data API, with hyphens in their host names',
    `RFC 1123 has no underscore, and some frameworks refuse one; it is one page of the reference service instead of a Next.js application; ${ONE_IMAGE}`,
    () => {
      expectBuilt('monitoring_ui', 'mastertrade_ui');
      expect(system.environment('monitoring_ui')).toMatchObject({
        API_GATEWAY_URL: 'http://api-gateway:8080',
        DATA_ACCESS_API_URL: 'http://data-access-api:8005',
      });
    },
  );

  replaced(
    'S3-41',
    'monitoring_ui is on 127.0.0.1:3000, starts after the gateway and the data API are healthy, and is probed at /api/health',
    OWN_PROBE,
    () => {
      expect(system.container('monitoring_ui').ports).toEqual([
        { ip: '127.0.0.1', external: 3000, internal: 3000, protocol: 'tcp' },
      ]);
      expect(system.startsAfter('monitoring_ui')).toEqual(['api_gateway', 'data_access_api']);
      for (const other of ['api_gateway', 'data_access_api']) expect(system.container(other).wait).toBe(true);
      expectProbe('monitoring_ui', 3000, '/api/health');
    },
  );
});

describe('the other services', () => {
  met('S3-66', 'the six services have the container names of the document, and are always restarted', () => {
    const names = {
      strategy_service: 'mastertrade_strategy',
      order_executor: 'mastertrade_executor',
      risk_manager: 'mastertrade_risk',
      alert_system: 'mastertrade_alerts',
      grafana: 'mastertrade_grafana',
      monitoring_ui: 'mastertrade_ui',
    };
    for (const [service, name] of Object.entries(names)) {
      expect(system.container(service)).toMatchObject({ name, restart: 'always' });
    }
  });

  met(
    'S3-67',
    'arbitrage_service finds arbitrage in the prices, and data_access_api shows what is stored (arbitrage.test.ts and reports.test.ts of the reference service)',
    () => {
      expect(system.environment('arbitrage_service')).toMatchObject({ ROLE: 'arbitrage', TRANSPORT: 'rabbitmq' });
      expect(system.environment('arbitrage_service')).toHaveProperty('RABBITMQ_URL_FILE');
      expect(definitions.permissions).toContainEqual(
        expect.objectContaining({ user: 'arbitrage_service', read: '^(ticks|ticks\\..+)$' }) as unknown,
      );
      expect(system.environment('data_access_api')).toMatchObject({ ROLE: 'data-access' });
      expect(system.environment('data_access_api')).toHaveProperty('DATABASE_URL_FILE');
    },
  );

  open('S3-68', 'sentiment, on-chain metrics and goals');
});
