import { Secret, type TradingStack } from '../../lib';

/** A channel through which the alert system could reach people. */
export type AlertChannel = keyof typeof CHANNELS;

/** The credentials of each channel. */
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

/** API keys of the market data providers. The key of the exchange is read-only, unlike the one for trading. */
export function marketDataKeys(stack: TradingStack): Record<string, Secret> {
  return { ...secretsFor(stack, EXCHANGE, 'read_only_'), ...secretsFor(stack, PROVIDERS) };
}

/** The key for placing orders on the exchange. */
export function tradingKeys(stack: TradingStack): Record<string, Secret> {
  return secretsFor(stack, EXCHANGE);
}

/** Credentials of the alert channels. */
export function alertKeys(stack: TradingStack, channels: readonly AlertChannel[]): Record<string, Secret> {
  return secretsFor(
    stack,
    channels.flatMap((channel) => CHANNELS[channel]),
  );
}

/** One secret per variable, in a file with its name in lower case. */
function secretsFor(stack: TradingStack, variables: readonly string[], prefix = ''): Record<string, Secret> {
  return Object.fromEntries(
    variables.map((variable) => {
      const id = `${prefix}${variable.toLowerCase()}`;
      const description = `the value of ${variable}${prefix === '' ? '' : ', a read-only key'}`;
      return [variable, Secret.provided(stack, id, { description })];
    }),
  );
}
