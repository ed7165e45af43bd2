import { Image, Workload } from '../../../lib';
import { createStack } from '../../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

/** Warnings about a workload with these variables. */
function warnings(environment: Readonly<Record<string, string | number | boolean>>): unknown[] {
  const bot = new Workload(createStack(), 'bot', { image, environment });
  return bot.node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }: { data?: unknown }) => data);
}

test.each([
  ['ALPACA_SECRET_KEY', 'hunter2hunter2'],
  ['BINANCE_PASSWORD', 'hunter2hunter2'],
  ['TOKEN', 'hunter2hunter2'],
  ['alpaca_api_key', 'hunter2hunter2'],
  ['DATABASE_URL', 'postgresql://desk:hunter2hunter2@db:5432/desk'],
])('%s in `environment` is warned of, without its value', (name, value) => {
  expect(warnings({ [name]: value })).toEqual([
    `desk/bot: ${name} looks like a secret, and is in plain text in the plan, in the state and in docker inspect: ` +
      'make it a Secret.provided, and give that in `secrets`',
  ]);
});

test.each<[string, string | number | boolean]>([
  ['USE_TOKEN', true],
  ['REQUIRE_PASSWORD', 'false'],
  ['MAX_TOKEN', 100_000],
  ['API_KEY', '/run/secrets/api_key'],
  ['TOKEN_BUDGET', 'unlimited'],
  ['DATABASE_URL', 'postgresql://desk@db:5432/desk'],
  ['WEBHOOK_URL', 'https://hooks.example:8443/a@b'],
])('%s=%s is a setting as any other', (name, value) => {
  expect(warnings({ [name]: value })).toEqual([]);
});
