/** How the names of variables end that are for secrets. */
const NAME = /(^|_)(PASSWORD|PASSWD|SECRET|SECRET_KEY|API_KEY|PRIVATE_KEY|ACCESS_KEY|TOKEN)$/i;

const PASSWORD_IN_URL = /^[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*:[^\s/@]+@/i;

/** Shorter ones, numbers and switches are settings, such as `USE_TOKEN: true`. */
const SHORTEST = 6;

/** Names of the variables whose values look like secrets that somebody wrote into the code. */
export function plainSecretsIn(environment: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(environment)
    .filter(([name, value]) => typeof value === 'string' && isSecret(name, value))
    .map(([name]) => name);
}

function isSecret(name: string, value: string): boolean {
  const isPath = value.startsWith('/');
  return PASSWORD_IN_URL.test(value) || (NAME.test(name) && value.length >= SHORTEST && !isPath);
}
