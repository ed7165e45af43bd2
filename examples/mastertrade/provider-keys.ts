import { Secret, type TradingStack } from '../../lib';

/** How the alert system would reach people. */
export type AlertChannel = keyof typeof CHANNELS;

/** What a channel asks for. */
const CHANNELS = {
  email: ['EMAIL_USER', 'EMAIL_PASSWORD'],
  telegram: ['TELEGRAM_BOT_TOKEN'],
  discord: ['DISCORD_WEBHOOK_URL'],
  slack: ['SLACK_WEBHOOK_URL'],
  sms: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_PHONE_NUMBER'],
} as const;

const EXCHANGE = ['BINANCE_API_KEY', 'BINANCE_API_SECRET'];
const PROVIDERS = [
  'MORALIS_API_KEY',
  'GLASSNODE_API_KEY',
  'TWITTER_BEARER_TOKEN',
  'REDDIT_CLIENT_ID',
  'REDDIT_CLIENT_SECRET',
  'LUNARCRUSH_API_KEY',
];

/** What market data comes from. The exchange's key is one that can only read, and not the one that trades. */
export function marketDataKeys(stack: TradingStack): Record<string, Secret> {
  return { ...secretsFor(stack, EXCHANGE, 'read_only_'), ...secretsFor(stack, PROVIDERS) };
}

/** What orders go to the exchange with. */
export function tradingKeys(stack: TradingStack): Record<string, Secret> {
  return secretsFor(stack, EXCHANGE);
}

/** What alerts are sent with. */
export function alertKeys(stack: TradingStack, channels: readonly AlertChannel[]): Record<string, Secret> {
  return secretsFor(
    stack,
    channels.flatMap((channel) => CHANNELS[channel]),
  );
}

/** A secret for each variable, in a file of its name. */
function secretsFor(stack: TradingStack, variables: readonly string[], prefix = ''): Record<string, Secret> {
  return Object.fromEntries(
    variables.map((variable) => {
      const id = `${prefix}${variable.toLowerCase()}`;
      const description = `the value of ${variable}${prefix === '' ? '' : ', of a key that can only read'}`;
      return [variable, Secret.provided(stack, id, { description })];
    }),
  );
}
