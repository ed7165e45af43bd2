/** What a workload passes in plain text. */
interface PlainValues {
  readonly environment?: Readonly<Record<string, unknown>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** Names of what looks like secrets that were written into the code: variables, labels, and arguments of the command. */
export function plainSecretsIn({
  environment = {},
  command = [],
  entrypoint = [],
  labels = {},
}: PlainValues): string[] {
  return [
    ...secretNamesIn(environment),
    ...secretNamesIn(labels).map((name) => `the label ${name}`),
    ...[...new Set([...secretArgumentsOf(entrypoint), ...secretArgumentsOf(command)])],
  ];
}

/** Names whose values look like secrets. */
export function secretNamesIn(values: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(values)
    .filter(([name, value]) => typeof value === 'string' && looksLikeSecret(name, value))
    .map(([name]) => name);
}

/**
 * Paths of what looks like secrets in the content of a configuration file: `global.smtp_auth_password`.
 * @param secretNames names whose values are secrets in this file, and need not be in others
 */
export function secretPathsIn(configuration: object, secretNames: readonly string[]): string[] {
  return Object.entries(configuration).flatMap(([name, value]: [string, unknown]) => {
    if (typeof value === 'object' && value !== null) {
      return secretPathsIn(value, secretNames).map((path) => `${name}.${path}`);
    }
    const isSecret = secretNames.includes(name) && ['string', 'number'].includes(typeof value) && value !== '';
    return isSecret ? [name] : secretNamesIn({ [name]: value });
  });
}

function looksLikeSecret(name: string, value: string): boolean {
  if (isSecretUrl(value)) return true;
  // The name of a file, as servers of VictoriaMetrics take it, too.
  if (!isSecretVariable(name, value) || /^(file:)?\//.test(value)) return false;
  return value.length >= SHORTEST_SECRET || (NAME_OF_PASSWORD.test(name) && !SWITCH.test(value));
}

/** Whether a variable is secret where short values and paths count too. */
export function isSecretVariable(name: string, value: string): boolean {
  if (value === '') return false;
  const plainName = name.replace(/([a-z])(?=[A-Z])/g, '$1_').replace(/[^A-Za-z0-9]+/g, '_');
  return (
    isSecretUrl(value) ||
    (NAME_OF_WEBHOOK.test(plainName) && TOKEN_IN_URL.test(value)) ||
    (NAME_OF_SECRET.test(plainName) && !(NAME_OF_SETTING.test(plainName) && SETTING.test(value)))
  );
}

/** Whether a URL contains a password or is a webhook, whose URL is itself the secret. */
export function isSecretUrl(value: string): boolean {
  return PASSWORD_IN_URL.test(value) || PASSWORD_PARAMETER.test(value) || WEBHOOK.test(value);
}

/** Ends of names; `--api-key`, `apiKey` and `API_KEY` are the same name. */
const NAMES_OF_SECRETS = [
  'PASS|PWD|TOKEN|CREDENTIALS?',
  'SECRET|(SECRET|API|PRIVATE|ACCESS|ENCRYPTION|SIGNING)_?KEY',
  // A SEED alone, or that of RANDOM_SEED, is a setting.
  'MNEMONIC(_PHRASE)?|(SEED|RECOVERY)_?PHRASE|(TOTP|OTP|2FA|MFA|WALLET)_SEED',
  // The SECRET_ID of other services is not the secret one of a pair.
  '(VAULT|APP_?ROLE)_SECRET_?ID',
  '(SESSION|AUTH|LOGIN|ERLANG)_?COOKIE',
];
const NAME_OF_SECRET = new RegExp(`(PASSWORD|PASSWD|PASSPHRASE|APIKEY|(^|_)(${NAMES_OF_SECRETS.join('|')}))$`, 'i');

/** A password may be a number or a word, but `MAX_TOKEN` is a limit. */
const NAME_OF_SETTING = /(TOKEN|KEY)$/i;

const NAME_OF_PASSWORD = /(PASSWORD|PASSWD|PASSPHRASE|(^|[^A-Za-z0-9])(PASS|PWD))$/i;

const NAME_OF_WEBHOOK = /(^|_)WEBHOOK(_URL)?$/i;

const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** As in URLs for JDBC, `jdbc:postgresql://db/x?password=…`, and for clients of QuestDB, `http::addr=q:9000;password=…;`. */
const PASSWORD_PARAMETER = /^[a-z][a-z0-9+.-]*:\S*[?&;,](password|pwd|token)=[^&;\s]/i;

/** Webhooks of Slack and Discord, and bots of Telegram: the path is the secret. */
const WEBHOOK =
  /^https:\/\/(hooks\.slack\.com\/(services|workflows|triggers)\/|([a-z]+\.)?discord(app)?\.com\/api\/(v\d+\/)?webhooks\/|api\.telegram\.org\/(file\/)?bot\d+:)./i;

/** A URL with a part that is long, has a digit and is no word. */
const TOKEN_IN_URL = /^https?:\/\/\S*[/=](?=[^/?&=\s]*\d)[A-Za-z0-9_-]{20,}/;

/** What a variable such as `SEND_TOKEN` or `MAX_TOKEN` is set to if it is a setting. */
const SETTING = /^(true|false|yes|no|on|off|\d{1,5})$/i;

/** What a variable such as `REQUIRE_PASSWORD` is set to in code. */
const SWITCH = /^(true|false|yes|no|on|off)$/i;

/** Shorter values in code, unless they are passwords, are settings, such as `AUTH_TOKEN: 'none'`. */
const SHORTEST_SECRET = 6;

/** Flags and assignments with a value that looks like a secret, also in the line of a shell. */
function secretArgumentsOf(command: readonly string[]): string[] {
  const words = command.flatMap((argument) => argument.split(/[\s;]+/)).map((word) => word.replace(/["']/g, ''));
  return words.flatMap((word, index) => {
    if (isSecretUrl(word)) return ['a URL in the command'];
    const [, name = '', , joined] = /^(-{0,2}[A-Za-z][\w.-]*)(=(.*))?$/.exec(word) ?? [];
    const following = name.startsWith('-') ? words[index + 1] : undefined;
    const value = joined ?? following ?? '';
    // Another flag, and what a shell or the server, `%{NAME}`, reads from a file or a variable. A short word may be a part of the program's language.
    if (/^([-$`]|%\{)/.test(value) || value.length < SHORTEST_SECRET || !looksLikeSecret(name, value)) return [];
    return [`${name} in the command`];
  });
}
