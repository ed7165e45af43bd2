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

function looksLikeSecret(name: string, value: string): boolean {
  const isPath = value.startsWith('/');
  return PASSWORD_IN_URL.test(value) || (isSecretName(name) && value.length >= SHORTEST_SECRET && !isPath);
}

/** `--api-key`, `apiKey` and `API_KEY` are the same name. */
export function isSecretName(name: string): boolean {
  return NAME_OF_SECRET.test(name.replace(/([a-z])(?=[A-Z])/g, '$1_').replace(/[^A-Za-z0-9]+/g, '_'));
}

const NAME_OF_SECRET =
  /(PASSWORD|PASSWD|PASSPHRASE|APIKEY|(^|_)(PASS|PWD|SECRET|SECRET_?KEY|API_?KEY|PRIVATE_?KEY|ACCESS_?KEY|ENCRYPTION_?KEY|SIGNING_?KEY|TOKEN|CREDENTIALS?))$/i;

/** A URL with a password in it. */
export const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** Shorter values are settings, such as `REQUIRE_PASSWORD: 'false'`. */
const SHORTEST_SECRET = 6;

/** Flags and assignments with a value that looks like a secret, also in the line of a shell. */
function secretArgumentsOf(command: readonly string[]): string[] {
  const words = command.flatMap((argument) => argument.split(/[\s;]+/)).map((word) => word.replace(/["']/g, ''));
  return words.flatMap((word, index) => {
    if (PASSWORD_IN_URL.test(word)) return ['a URL in the command'];
    const [, name = '', , joined] = /^(-{0,2}[A-Za-z][\w.-]*)(=(.*))?$/.exec(word) ?? [];
    const following = name.startsWith('--') ? words[index + 1] : undefined;
    const value = joined ?? following ?? '';
    // Another flag, and what a shell reads from a file or a variable.
    if (/^[-$`]/.test(value) || !looksLikeSecret(name, value)) return [];
    return [`${name} in the command`];
  });
}
