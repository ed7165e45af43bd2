import { invalidHost, invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes, required } from '../../options/options';
import { checkPort } from '../../workload/policies/published-port';
import { isSecretUrl } from '../../workload/secrets/plain-secrets';
import { Secret } from '../../workload/secrets/secret';

/** Options of {@link AlertChannel.email}. */
export interface EmailChannelOptions {
  /** Recipients, separated by commas. */
  readonly to: string;
  /** Sender. */
  readonly from: string;
  /** Host and port of the mail server: `smtp.gmail.com:587`. */
  readonly server: string;
  /**
   * Name of the account on the mail server.
   * @default - no authentication
   */
  readonly username?: string;
  /** @default - no authentication */
  readonly password?: Secret;
  /**
   * Whether the connection has to be encrypted.
   * @default true
   */
  readonly requireTls?: boolean;
}

/** Options of {@link AlertChannel.slack}. */
export interface SlackChannelOptions {
  /** URL of the incoming webhook. Anyone who knows it can write to the channel. */
  readonly webhookUrl: Secret;
  /**
   * Channel or user: `#desk`.
   * @default - that of the webhook
   */
  readonly channel?: string;
}

/** Options of {@link AlertChannel.telegram}. */
export interface TelegramChannelOptions {
  /** Token of the bot. */
  readonly botToken: Secret;
  /** Id of the chat: negative for a group. */
  readonly chatId: number;
}

/** Options of {@link AlertChannel.discord}. */
export interface DiscordChannelOptions {
  /** URL of the webhook. Anyone who knows it can write to the channel. */
  readonly webhookUrl: Secret;
}

/** Options of {@link AlertChannel.webhook}. */
export interface WebhookChannelOptions {
  /** Where notifications are sent as JSON with POST. A URL with a token in it is a Secret. */
  readonly url: string | Secret;
  /**
   * Sent as `Authorization: Bearer …`.
   * @default - none
   */
  readonly bearerToken?: Secret;
}

const EMAIL: OptionShapes<EmailChannelOptions> = {
  to: required('string'),
  from: required('string'),
  server: required('string'),
  username: 'string',
  password: Secret,
  requireTls: 'boolean',
};
const SLACK: OptionShapes<SlackChannelOptions> = { webhookUrl: required(Secret), channel: 'string' };
const TELEGRAM: OptionShapes<TelegramChannelOptions> = { botToken: required(Secret), chatId: required('number') };
const DISCORD: OptionShapes<DiscordChannelOptions> = { webhookUrl: required(Secret) };
const WEBHOOK: OptionShapes<WebhookChannelOptions> = { url: required('any'), bearerToken: Secret };

/** The default of Alertmanager shows the labels only, and a message may have alerts that fire and others that have ended. */
const SLACK_TEXT =
  '{{ range .Alerts }}{{ if eq .Status "resolved" }}Resolved{{ else }}Firing{{ end }}: *{{ .Annotations.summary }}* {{ .Annotations.description }} {{ .Annotations.runbook_url }}\n{{ end }}';

/**
 * Where people are notified. Passwords, tokens and URLs that contain one are secrets, which Alertmanager reads from files.
 *
 * @example
 * const botToken = Secret.provided(stack, 'telegram_bot_token', { description: 'the token of the bot' });
 * AlertChannel.telegram({ botToken, chatId: -1001234567890 });
 */
export class AlertChannel {
  /**
   * E-mail.
   * @throws TradingStackError for an unknown option, an invalid address, a server without a port, and a user name without a
   *   password
   */
  static email(options: EmailChannelOptions): AlertChannel {
    const where = 'AlertChannel.email';
    checkOptions(options, EMAIL, where);
    const { to, from, server, username, password, requireTls = true } = options;
    if (!/^[^\s:/{}]+:\d{1,5}$/.test(server)) {
      throw invalidHost(where, 'server', server, "a host and a port: 'smtp.gmail.com:587'");
    }
    checkPort(Number(server.replace(/^.*:/, '')), where, 'the port of the server');
    for (const [name, address] of Object.entries({ to, from })) {
      refuseTemplate(address, name, where);
      if (!hasAddresses(address)) throw invalidValue(where, name, address, "an address: 'desk@example.com'");
    }
    if ((username === undefined) !== (password === undefined)) {
      const missing = username === undefined ? 'username' : 'password';
      throw invalidValue(where, missing, undefined, 'both `username` and `password`, or neither');
    }
    const login = password && { auth_username: username, auth_password_file: password.path };
    return new AlertChannel('email_configs', { to, from, smarthost: server, ...login, require_tls: requireTls }, [
      password,
    ]);
  }

  /**
   * Slack, or a service with the same webhooks, such as Mattermost.
   * @throws TradingStackError for an unknown option, and for a channel with a template or a line break
   */
  static slack(options: SlackChannelOptions): AlertChannel {
    const where = 'AlertChannel.slack';
    checkOptions(options, SLACK, where);
    const { webhookUrl, channel } = options;
    if (channel !== undefined) refuseTemplate(channel, 'channel', where);
    const settings = { api_url_file: webhookUrl.path, ...(channel !== undefined && { channel }), text: SLACK_TEXT };
    return new AlertChannel('slack_configs', settings, [webhookUrl]);
  }

  /**
   * A chat of Telegram, through a bot that is a member of it.
   * @throws TradingStackError for an unknown option, and for a chat id that is not a whole number
   */
  static telegram(options: TelegramChannelOptions): AlertChannel {
    const where = 'AlertChannel.telegram';
    checkOptions(options, TELEGRAM, where);
    const { botToken, chatId } = options;
    if (!Number.isSafeInteger(chatId) || chatId === 0) {
      throw invalidValue(where, 'chatId', chatId, 'the whole number of the chat: -1001234567890');
    }
    // As HTML, Telegram refuses a message with a `<` in it.
    const settings = { bot_token_file: botToken.path, chat_id: chatId, parse_mode: '' };
    return new AlertChannel('telegram_configs', settings, [botToken]);
  }

  /**
   * A channel of Discord.
   * @throws TradingStackError for an unknown option
   */
  static discord(options: DiscordChannelOptions): AlertChannel {
    checkOptions(options, DISCORD, 'AlertChannel.discord');
    const { webhookUrl } = options;
    return new AlertChannel('discord_configs', { webhook_url_file: webhookUrl.path }, [webhookUrl]);
  }

  /**
   * Any program that takes notifications over HTTP: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
   * @throws TradingStackError for an unknown option, and for a URL that is not one of HTTP or contains a password
   */
  static webhook(options: WebhookChannelOptions): AlertChannel {
    const where = 'AlertChannel.webhook';
    checkOptions(options, WEBHOOK, where);
    const { url, bearerToken } = options;
    if (!(url instanceof Secret)) checkUrl(url, where);
    const settings = {
      ...(url instanceof Secret ? { url_file: url.path } : { url }),
      ...(bearerToken && { http_config: { authorization: { type: 'Bearer', credentials_file: bearerToken.path } } }),
    };
    return new AlertChannel('webhook_configs', settings, [url instanceof Secret ? url : undefined, bearerToken]);
  }

  /**
   * The secrets that Alertmanager reads.
   * @internal
   */
  readonly secrets: readonly Secret[];

  private constructor(
    /**
     * Its list in a receiver.
     * @internal
     */
    readonly kind: string,
    /**
     * Its entry in the list.
     * @internal
     */
    readonly settings: Readonly<Record<string, unknown>>,
    secrets: readonly (Secret | undefined)[],
  ) {
    this.secrets = secrets.flatMap((secret) => secret ?? []);
  }
}

/** A template that is wrong would fail when an alert is sent, and a line break would begin another header of the e-mail. */
function refuseTemplate(text: string, option: string, where: string): void {
  if (!/\{\{|[^\P{Cc}\t]/u.test(text)) return;
  const allowed = 'one line without {{: templates can be in `configuration.receivers` of Alertmanager';
  throw invalidValue(where, option, text, allowed);
}

/** A comma may also be in the name of a person, `"Desk, FX" <fx@desk.example>`. */
function hasAddresses(text: string): boolean {
  const addresses = text
    .replace(/"(?:\\.|[^"\\])*"|\([^()]*\)/g, '')
    .split(',')
    .filter((address) => address.trim() !== '');
  return addresses.length > 0 && addresses.every((address) => address.includes('@'));
}

/** The error does not show a URL with a password. */
function checkUrl(url: string, where: string): void {
  if (typeof url === 'string' && isSecretUrl(url)) {
    const what = 'url contains a password or a token, which would be in the plan and in the state';
    const fix = "Pass a Secret: Secret.provided(stack, 'webhook_url', { description: 'the URL of the webhook' })";
    throw new TradingStackError('invalid-value', where, what, fix);
  }
  if (/^https?:\/\/[^\s/]+\S*$/.test(url) && URL.canParse(url)) return;
  throw invalidValue(where, 'url', url, "a Secret, or a URL without a password: 'http://pager:8080/alerts'");
}
