import { readFileSync } from 'node:fs';

export interface WholeNumber {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

export interface UrlForm {
  /** Accepted schemes, without the colon. */
  readonly schemes: readonly string[];
  readonly example: string;
}

/** Configuration the service cannot start with. The message is one sentence for the operator and holds no secret. */
export class ConfigurationError extends Error {}

interface Given {
  readonly value: string;
  /** False for a value from a file, which is treated as a secret and never printed. */
  readonly printable: boolean;
}

/**
 * Reads environment variables. Every variable `X` can also be set as `X_FILE`, the path of a file with the value, as is
 * usual for Docker secrets. An empty variable counts as unset.
 */
export class Configuration {
  constructor(private readonly environment: NodeJS.ProcessEnv) {}

  optionalText(name: string): string | undefined {
    return this.given(name)?.value;
  }

  text(name: string, fallback: string): string {
    return this.optionalText(name) ?? fallback;
  }

  /** One of `allowed`, written in any case; without a fallback the variable is required. */
  oneOf<Allowed extends string>(name: string, allowed: readonly Allowed[], fallback?: Allowed): Allowed {
    const given = this.given(name);
    if (given === undefined && fallback !== undefined) return fallback;
    const chosen = allowed.find((candidate) => candidate === given?.value.toLowerCase());
    return chosen ?? reject(name, given, `one of ${allowed.join(', ')}`);
  }

  /** One or more of `allowed`, separated by commas, without duplicates; required. */
  someOf<Allowed extends string>(name: string, allowed: readonly Allowed[]): readonly Allowed[] {
    const given = this.given(name);
    const chosen = given?.value.split(',').map((part) => part.trim().toLowerCase()) ?? [];
    const all = chosen.every((part) => (allowed as readonly string[]).includes(part));
    if (given !== undefined && all && new Set(chosen).size === chosen.length) return chosen as Allowed[];
    return reject(name, given, `one or more, separated by commas, of ${allowed.join(', ')}`);
  }

  wholeNumber(name: string, limits: WholeNumber): number {
    const given = this.given(name);
    if (given === undefined) return limits.default;
    const value = /^\d+$/.test(given.value) ? Number(given.value) : Number.NaN;
    if (value >= limits.min && value <= limits.max) return value;
    return reject(name, given, `a whole number from ${limits.min} to ${limits.max}`);
  }

  /** A number that may have decimals, above 0. */
  amount(name: string, limits: { readonly max: number; readonly default: number }): number {
    return this.optionalAmount(name, limits.max) ?? limits.default;
  }

  optionalAmount(name: string, max: number): number | undefined {
    const given = this.given(name);
    if (given === undefined) return undefined;
    const value = /^\d+(\.\d+)?$/.test(given.value) ? Number(given.value) : Number.NaN;
    return value > 0 && value <= max ? value : reject(name, given, `a number above 0 and at most ${max}`);
  }

  flag(name: string, fallback: boolean): boolean {
    return this.oneOf(name, ['true', 'false'], fallback ? 'true' : 'false') === 'true';
  }

  /** A time of day such as `03:00`; two of them compare as strings. */
  timeOfDay(name: string, fallback: string): string {
    const given = this.given(name);
    if (given === undefined) return fallback;
    if (/^([01]\d|2[0-3]):[0-5]\d$/.test(given.value)) return given.value;
    return reject(name, given, `a time of day from 00:00 to 23:59 (UTC), such as ${fallback}`);
  }

  /** Names separated by commas, each matching `pattern`, without duplicates. */
  names(name: string, pattern: RegExp, fallback: readonly string[]): readonly string[] {
    const given = this.given(name);
    if (given === undefined) return fallback;
    const names = given.value.split(',').map((part) => part.trim());
    if (names.every((part) => pattern.test(part)) && new Set(names).size === names.length) return names;
    return reject(name, given, `different names separated by commas, each matching ${pattern.source}`);
  }

  url(name: string, form: UrlForm, fallback?: string): string {
    const given = this.given(name) ?? (fallback === undefined ? undefined : { value: fallback, printable: true });
    return given !== undefined && fits(given.value, form) ? given.value : reject(name, given, describe(form));
  }

  /** The URL of an optional service. */
  optionalUrl(name: string, form: UrlForm): string | undefined {
    return this.given(name) === undefined ? undefined : this.url(name, form);
  }

  /** Like `optionalSecretUrl`, but required. */
  secretUrl(name: string, form: UrlForm): string {
    return this.optionalSecretUrl(name, form) ?? reject(name, undefined, describe(form));
  }

  /** The URL of an optional service; it may contain a password, so no message shows it. */
  optionalSecretUrl(name: string, form: UrlForm): string | undefined {
    const given = this.given(name);
    if (given === undefined) return undefined;
    const hint = `${describe(form)} (special characters in the password must be percent-encoded)`;
    return fits(given.value, form) ? given.value : reject(name, { ...given, printable: false }, hint);
  }

  private given(name: string): Given | undefined {
    const value = this.environment[name];
    const file = this.environment[`${name}_FILE`];
    if (value && file) {
      throw new ConfigurationError(`${name} and ${name}_FILE are both set; set only one of them`);
    }
    if (value) return { value, printable: true };
    if (!file) return undefined;
    const content = readValue(`${name}_FILE`, file);
    if (content === '') throw new ConfigurationError(`${name}_FILE is "${file}", which is empty; it must hold a value`);
    return { value: content, printable: false };
  }
}

function readValue(name: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/[\r\n]+$/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigurationError(`${name} is "${file}", which cannot be read (${code}); it must be a readable file`);
  }
}

function fits(value: string, form: UrlForm): boolean {
  return URL.canParse(value) && form.schemes.includes(new URL(value).protocol.slice(0, -1));
}

function describe(form: UrlForm): string {
  return `a ${form.schemes.map((scheme) => `${scheme}://`).join(' or ')} URL such as ${form.example}`;
}

function reject(name: string, given: Given | undefined, allowed: string): never {
  if (given === undefined) throw new ConfigurationError(`${name} is not set; it must be ${allowed}`);
  const shown = given.printable ? `"${given.value}"` : 'a value that is not shown because it may be secret';
  throw new ConfigurationError(`${name} is ${shown}; it must be ${allowed}`);
}
