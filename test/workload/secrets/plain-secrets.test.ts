import { Image, Workload, type WorkloadOptions } from '../../../lib';
import { createStack } from '../../setup/synthesize';
import { warningsOf } from '../../services/fixtures';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** Warnings about a workload with these options. */
function warnings(options: WorkloadOptions): string[] {
  return warningsOf(createStack((stack) => new Workload(stack, 'bot', { image, ...options })));
}

test.each([
  ['ALPACA_SECRET_KEY', 'hunter2hunter2'],
  ['BINANCE_PASSWORD', 'hunter2hunter2'],
  ['TOKEN', 'hunter2hunter2'],
  ['alpaca_api_key', 'hunter2hunter2'],
  ['PGPASSWORD', 'hunter2hunter2'],
  ['DB_PASS', 'hunter2hunter2'],
  ['MYSQL_PWD', 'hunter2hunter2'],
  ['DB_PASSWORD', 'abc'],
  ['VNC_PASS', '12345'],
  ['BINANCE_APIKEY', 'hunter2hunter2'],
  ['apiKey', 'hunter2hunter2'],
  ['KEY_PASSPHRASE', 'hunter2hunter2'],
  ['IB_CREDENTIALS', 'hunter2hunter2'],
  ['DATABASE_URL', 'postgresql://desk:hunter2hunter2@db:5432/desk'],
  ['DATABASE_URL', 'jdbc:postgresql://db:5432/x?user=u&password=hunter2'],
  ['DATABASE_URL', 'jdbc:sqlserver://db;user=u;Password=hunter2'],
  ['QDB_CLIENT_CONF', 'http::addr=q:9000;username=a;password=hunter2;'],
  ['QDB_CLIENT_CONF', 'https::addr=q:9000;token=hunter2;'],
  ['WALLET_MNEMONIC', 'abandon ability able'],
  ['SEED_PHRASE', 'abandon ability able'],
  ['TOTP_SEED', 'JBSWY3DPEHPK3PXP'],
  ['VAULT_SECRET_ID', '4f2a9a1e-hunter2'],
  ['VAULT_APPROLE_SECRET_ID', '4f2a9a1e-hunter2'],
  ['SESSION_COOKIE', 'hunter2hunter2'],
  ['RABBITMQ_ERLANG_COOKIE', 'hunter2hunter2'],
  ['ALERTS', 'https://hooks.slack.com/services/T0/B0/hunter2'],
  ['ALERTS', 'https://discord.com/api/webhooks/1234/hunter2'],
  ['ALERTS', 'https://api.telegram.org/bot1234:hunter2/sendMessage'],
  ['TEAMS_WEBHOOK_URL', 'https://desk.example/webhookb2/0a1b2c3d4e5f60718293'],
])('a value that looks like a secret in %s gets a warning that does not show it', (name, value) => {
  expect(warnings({ environment: { [name]: value } })).toEqual([`${name} [plain-secret]`]);
});

test.each<[string, string | number | boolean]>([
  ['USE_TOKEN', true],
  ['REQUIRE_PASSWORD', 'false'],
  ['MAX_TOKEN', 100_000],
  ['API_KEY', '/run/secrets/api_key'],
  ['TOKEN_BUDGET', 'unlimited'],
  ['ACCESS_KEY_ID', 'AKIDEXAMPLE'],
  ['COMPASS', 'north-by-northwest'],
  ['SORT_KEY', 'symbol'],
  ['ROUTING_KEY', 'orders.executed'],
  ['DATABASE_URL', 'postgresql://desk@db:5432/desk'],
  ['DATABASE_URL', 'jdbc:postgresql://db:5432/x?user=u&password='],
  ['QDB_CLIENT_CONF', 'http::addr=q:9000;username=a;'],
  ['RESET_URL', 'https://desk.example/reset-password?lang=en'],
  ['WEBHOOK_URL', 'https://hooks.example:8443/a@b'],
  ['TELEGRAM_WEBHOOK_URL', 'https://desk.example/telegram/orders-and-executions'],
  ['DOCS_URL', 'https://desk.example/docs/0a1b2c3d4e5f60718293'],
  ['RANDOM_SEED', '20240101'],
  ['SEED', '20240101'],
  ['TENCENTCLOUD_SECRET_ID', 'AKIDEXAMPLE'],
  ['SESSION_COOKIE_NAME', 'desk_session'],
  ['SEND_TOKEN', 'true'],
  ['MAX_TOKEN', '4096'],
])('%s=%s is an ordinary setting without a warning', (name, value) => {
  expect(warnings({ environment: { [name]: value } })).toEqual([]);
});

test.each([
  [['bot', '--api-key', 'hunter2hunter2'], '--api-key'],
  [['bot', '--password=hunter2hunter2'], '--password'],
  [['store', '-httpAuth.password', 'hunter2hunter2'], '-httpAuth.password'],
  [['sh', '-c', 'export PGPASSWORD="hunter2hunter2"; exec bot'], 'PGPASSWORD'],
])('a secret in the command %j gets a warning that does not show it', (command, name) => {
  expect(warnings({ command })).toEqual([`${name} in the command [plain-secret]`]);
  expect(warnings({ entrypoint: command })).toEqual([`${name} in the command [plain-secret]`]);
});

test('a URL with a password in the command gets a warning', () => {
  expect(warnings({ command: ['bot', 'redis://:hunter2hunter2@cache:6379'] })).toEqual([
    'a URL in the command [plain-secret]',
  ]);
});

test.each([
  [['sh', '-c', 'PGPASSWORD="$(cat /run/secrets/db)" exec bot']],
  [['bot', '--token', '--verbose']],
  [['bot', '--token-file', '/run/secrets/token']],
  [['store', '-httpAuth.password=file:///run/secrets/store']],
  [['store', '-httpAuth.password=%{PASSWORD}']],
  [['python', '-m', 'bot', 'paper-trading']],
])('the command %j has no secret and gets no warning', (command) => {
  expect(warnings({ command })).toEqual([]);
});

test('secrets in labels and build arguments get a warning', () => {
  project.write('bot/Dockerfile', 'FROM python:3.13-slim');
  const buildArgs = { PIP_TOKEN: 'hunter2hunter2', VERSION: '2.4.17-alpha' };
  const options = { image: Image.fromBuild('bot', { buildArgs }), labels: { 'proxy.password': 'hunter2hunter2' } };
  expect(warnings(options)).toEqual([
    'the label proxy.password [plain-secret]',
    'the build argument PIP_TOKEN [plain-secret]',
  ]);
});

test('a long URL is checked at once', () => {
  const started = performance.now();
  expect(warnings({ environment: { DESK_WEBHOOK: `https://${'=a'.repeat(30_000)}` } })).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1000);
});
