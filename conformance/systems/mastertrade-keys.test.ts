import type { MasterTradeOptions } from '../../examples/mastertrade/stack';
import { met, replaced } from '../requirement';
import { masterTrade, SERVICES, secretsOf } from './mastertrade-system';

const withKeys = masterTrade({ providerKeys: true, alertChannels: ['email', 'sms'] });

/** Names of the secrets that the plan requires and that do not exist yet. */
function toProvide(options: MasterTradeOptions): string[] {
  return secretsOf(options)
    .missing.map((file) => file.replace('.secrets/mastertrade/', ''))
    .sort();
}

describe('the keys of MasterTrade', () => {
  met(
    'S3-46',
    'with providerKeys the plan requires a file for each required key, and for the keys of each selected channel',
    () => {
      expect(toProvide({})).toEqual([]);
      expect(toProvide({ providerKeys: true })).toEqual([
        'binance_api_key',
        'binance_api_secret',
        'glassnode_api_key',
        'lunarcrush_api_key',
        'moralis_api_key',
        'read_only_binance_api_key',
        'read_only_binance_api_secret',
        'reddit_client_id',
        'reddit_client_secret',
        'twitter_bearer_token',
      ]);
      const channels = {
        email: ['email_password', 'email_user'],
        telegram: ['telegram_bot_token'],
        discord: ['discord_webhook_url'],
        slack: ['slack_webhook_url'],
        sms: ['twilio_account_sid', 'twilio_auth_token', 'twilio_phone_number'],
      } as const;
      for (const [channel, keys] of Object.entries(channels)) {
        const alertChannels = [channel as keyof typeof channels];
        expect(toProvide({ alertChannels })).toEqual(keys);
        const variables = Object.keys(masterTrade({ alertChannels }).environment('alert_system'));
        expect(variables).toEqual(expect.arrayContaining(keys.map((key) => `${key.toUpperCase()}_FILE`)));
      }
      expect(withKeys.environment('market_data_service').LUNARCRUSH_API_KEY_FILE).toBe(
        '/run/secrets/lunarcrush_api_key',
      );
      // A missing file fails the plan.
      expect(JSON.stringify(withKeys.container('alert_system').lifecycle)).toContain(
        'the secret twilio_auth_token is missing',
      );
    },
  );

  replaced(
    'S3-47',
    'each service has its own secrets: only the executor can trade, only the alert system can send mail',
    'with env_file every service gets every key (B-35)',
    () => {
      const holders = (variable: string) =>
        SERVICES.filter((service) => withKeys.environment(service)[`${variable}_FILE`] !== undefined);

      expect(holders('BINANCE_API_SECRET')).toEqual(['market_data_service', 'order_executor']);
      expect(withKeys.environment('market_data_service').BINANCE_API_SECRET_FILE).not.toBe(
        withKeys.environment('order_executor').BINANCE_API_SECRET_FILE,
      );
      expect(holders('MORALIS_API_KEY')).toEqual(['market_data_service']);
      expect(holders('EMAIL_PASSWORD')).toEqual(['alert_system']);
      expect(holders('TWILIO_AUTH_TOKEN')).toEqual(['alert_system']);
    },
  );

  replaced(
    'S3-69',
    'a deploy generates passwords, and names the file of each key that is missing',
    'keys in `.env` reach every service (B-35)',
    () => {
      const { contents, missing } = secretsOf({ providerKeys: true });

      expect(contents.postgres_password).toMatch(/^[\w-]{30,}$/);
      expect(missing).toContain('.secrets/mastertrade/binance_api_key');
    },
  );
});
