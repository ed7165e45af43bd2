import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes, required } from '../../options/options';
import { contentHash } from '../../platform/content-hash';
import { Platform } from '../../platform/platform';
import { type SecretHandle, SECRETS_PATH } from '../../platform/secrets/secret-store';
import type { PasswordChange } from './password-change';

/** How the content of a secret reaches a program. */
export enum SecretDelivery {
  /** `NAME_FILE` holds the path of a file, for programs that follow this convention. */
  FILE = 'file',
  /**
   * `NAME` holds the content without the line break at its end. A shell exports it when the container starts, so it is
   * not in the plan, the state or `docker inspect`. Needs `/bin/sh` in the image and, unless the image is one that this
   * library knows, `command` on the workload.
   */
  EXPORTED = 'shell',
  /** `NAME` holds the content, in plain text in the plan, the state and `docker inspect`. Synthesis warns about it. */
  ENVIRONMENT = 'environment',
}

/** A secret together with how one program gets it. */
export interface DeliveredSecret {
  readonly secret: Secret | SecretRecipe | ProvidedSecretRecipe;
  readonly delivery: SecretDelivery;
}

/** Options of {@link Secret.generated}. */
export interface GeneratedSecretOptions {
  /**
   * Random bytes, 16 or more. The content is a third longer: letters, digits, `-` and `_`.
   * @default 24
   */
  readonly bytes?: number;
  /**
   * Whether a server reads it only when its volume is empty, so that existing data cannot be opened with a new one.
   * @default false
   */
  readonly boundToData?: boolean;
  /**
   * Name of the file.
   * @default - the ids of the owner and of the secret: `db_password`
   */
  readonly name?: string;
}

/** Options of {@link Secret.provided}. */
export interface ProvidedSecretOptions {
  /** What to write into the file, for the person who has to: `the API key of the paper account`. */
  readonly description: string;
  /**
   * Name of the file.
   * @default - the ids of the owner and of the secret: `binance_api_key`
   */
  readonly name?: string;
}

/** Options of {@link Secret.derived}. */
export interface DerivedSecretOptions<Part extends string> {
  /** The secrets that it is derived from. */
  readonly parts: Readonly<Record<Part, Secret>>;
  /** Returns the content, from the contents of the parts. */
  readonly compose: (contents: Readonly<Record<Part, string>>) => string;
  /**
   * Name of the file.
   * @default - the ids of the owner and of the secret: `db_url`
   */
  readonly name?: string;
}

/** A derived secret that a workload creates when it uses it, such as one of the URLs of a server. */
export interface SecretRecipe extends DerivedSecretOptions<string> {
  /** Scope in which it is created. */
  readonly owner: Construct;
  /** Id within the owner. If it is taken, a hash of the key is appended. */
  readonly id: string;
  /** Identifies the content within the owner: recipes of one owner with the same key are one secret. */
  readonly key: string;
}

/** A provided secret that a workload creates when it uses it, so that an unused one is not asked for. */
export interface ProvidedSecretRecipe extends ProvidedSecretOptions {
  /** Scope in which it is created. */
  readonly owner: Construct;
  /** Id within the owner. */
  readonly id: string;
}

/** Where the content of a secret comes from. */
export type SecretSource =
  | { readonly kind: 'generated'; readonly bytes: number }
  | { readonly kind: 'provided'; readonly description: string }
  | {
      readonly kind: 'derived';
      readonly parts: Readonly<Record<string, Secret>>;
      readonly compose: (contents: Readonly<Record<string, string>>) => string;
    };

/**
 * A password, a key or a URL with a password in it: a file on the deploying host, `.secrets/<stack>/<name>`, that
 * containers see read-only under `/run/secrets`. Synthesis knows its name only.
 *
 * The types around it, in the order in which a secret passes through them:
 * - {@link SecretSource} is where its content comes from: generated, provided by a person, or derived from others.
 * - {@link SecretRecipe} and {@link ProvidedSecretRecipe} describe a secret that does not exist before a workload uses it.
 * - {@link DeliveredSecret} adds how one program gets it: as a file or in a variable.
 * - {@link SecretHandle} is what the engine knows about it; a workload's specification has it with a path in the
 *   container.
 * - {@link writeSecretFiles} writes the files, and returns a {@link MissingSecret} for each that a person has to write.
 *
 * @example
 * const key = Secret.provided(stack, 'alpaca_api_key', { description: 'the key of the paper account' });
 * new StrategyRunner(stack, 'strategy_runner', { image, secrets: { ALPACA_API_KEY: key } });
 */
export class Secret extends Construct {
  /**
   * A strong random value, generated once on the deploying host.
   * @throws TradingStackError for fewer than 16 bytes, and for a name that is invalid or taken
   */
  static generated(scope: Construct, id: string, options: GeneratedSecretOptions = {}): Secret {
    const where = `${scope.node.path}/${id}`;
    checkOptions(options, GENERATED_OPTIONS, where);
    const { bytes = 24, name, boundToData = false } = options;
    if (!Number.isInteger(bytes) || bytes < 16) throw invalidValue(where, 'bytes', bytes, 'a whole number, 16 or more');
    return new Secret(scope, id, { kind: 'generated', bytes }, name, boundToData);
  }

  /**
   * A value that a person writes into the file.
   * @throws TradingStackError for a name that is invalid or taken
   */
  static provided(scope: Construct, id: string, options: ProvidedSecretOptions): Secret {
    checkOptions(options, PROVIDED_OPTIONS, `${scope.node.path}/${id}`);
    return new Secret(scope, id, { kind: 'provided', description: options.description }, options.name);
  }

  /**
   * A value that is computed from other secrets, such as a connection URL. Its file is written again when one of them
   * changes.
   * @throws TradingStackError if a part is not a secret, and for a name that is invalid or taken
   */
  static derived<Part extends string>(scope: Construct, id: string, options: DerivedSecretOptions<Part>): Secret {
    const where = `${scope.node.path}/${id}`;
    checkOptions(options, DERIVED_OPTIONS, where);
    const { parts, compose, name } = options;
    for (const [part, secret] of Object.entries(parts)) checkSecret(secret, `parts.${part}`, where);
    return new Secret(scope, id, { kind: 'derived', parts, compose }, name);
  }

  /** Name of the file, on the deploying host and under `/run/secrets`. */
  readonly name: string;
  readonly source: SecretSource;
  readonly handle: SecretHandle;
  /** Whether a server reads it only when its volume is empty. */
  readonly boundToData: boolean;
  /** Path of the file on the deploying host, from the project's folder. */
  readonly file: string;
  /** @internal */
  readonly readers = new Set<SecretReader>();
  /**
   * How its servers get a new content while they run.
   * @internal
   */
  readonly changes: PasswordChange[] = [];
  /**
   * How to rotate it by hand, if its server cannot be told a new content: an imperative.
   * @internal
   */
  manualRotation: string | undefined;

  private constructor(
    scope: Construct,
    id: string,
    source: SecretSource,
    name: string | undefined,
    boundToData = false,
  ) {
    super(scope, id);
    this.boundToData = boundToData;
    const platform = Platform.of(this);
    this.source = source;
    // From the owner's id and not from the path: a secret that is renamed when code moves is a lost password.
    this.name = name ?? (scope === platform.node.scope ? id : `${scope.node.id}_${id}`);
    if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(this.name)) {
      const fix = 'Set `name` to letters, digits, dots, underscores and hyphens, starting with a letter or digit';
      throw new TradingStackError(
        'invalid-name',
        this.node.path,
        `the secret cannot have the name '${this.name}'`,
        fix,
      );
    }
    this.file = platform.secretStore.pathOf(this.name);
    this.handle = platform.secret(this, 'Default', this.name, this.remedy);
  }

  /** Path of the file inside the container. */
  get path(): string {
    return `${SECRETS_PATH}/${this.name}`;
  }

  /** The secret as a stack refers to it, which may be a stack other than its own. */
  handleOn(platform: Platform): SecretHandle {
    const own = Platform.of(this);
    return own === platform ? this.handle : platform.adoptSecret(this.handle, own);
  }

  /** This secret, delivered in the given way instead of as a file. */
  deliveredAs(delivery: SecretDelivery): DeliveredSecret {
    return { secret: this, delivery };
  }

  /**
   * Records that the content is read by something that does not take every content.
   * @internal
   */
  readBy(reader: SecretReader): this {
    this.readers.add(reader);
    return this;
  }

  private get remedy(): string {
    return this.source.kind === 'provided'
      ? `Write ${this.source.description} into the file ${this.file} in the project's folder`
      : `The app writes ${this.file} in the project's folder with writeSecretFiles(app): run it on this machine`;
  }
}

/**
 * What reads a file itself: a server takes a carriage return for part of its password, while URLs for its clients are
 * composed without line breaks; Terraform composes Unicode characters.
 * @internal
 */
export type SecretReader = 'server' | 'terraform';

const GENERATED_OPTIONS: OptionShapes<GeneratedSecretOptions> = {
  bytes: 'number',
  boundToData: 'boolean',
  name: 'string',
};

const PROVIDED_OPTIONS: OptionShapes<ProvidedSecretOptions> = { description: required('string'), name: 'string' };

const DERIVED_OPTIONS: OptionShapes<DerivedSecretOptions<string>> = {
  parts: required('object'),
  compose: required('function'),
  name: 'string',
};

/** The secret that a recipe describes: created on the first call, and the same one after that. */
export function secretFrom(described: DeliveredSecret['secret']): Secret {
  if (described instanceof Secret) return described;
  if (!('compose' in described)) return providedFrom(described);
  const { owner, id, key, ...options } = described;
  const secrets = secretsFromRecipes.get(owner) ?? new Map<string, Secret>();
  secretsFromRecipes.set(owner, secrets);
  const existing = secrets.get(key);
  if (existing !== undefined) return existing;
  const isTaken = owner.node.tryFindChild(id) !== undefined;
  const secret = Secret.derived(owner, isTaken ? `${id}_${contentHash(key)}` : id, options);
  secrets.set(key, secret);
  return secret;
}

function providedFrom({ owner, id, ...options }: ProvidedSecretRecipe): Secret {
  const existing = owner.node.tryFindChild(id);
  return existing instanceof Secret ? existing : Secret.provided(owner, id, options);
}

/** By owner and key. */
const secretsFromRecipes = new WeakMap<Construct, Map<string, Secret>>();

/**
 * The error shows only the type of the value, which may be the password itself.
 * @throws TradingStackError for a plain value where a secret is expected
 */
export function checkSecret(given: unknown, property: string, where: string): asserts given is Secret {
  if (given instanceof Secret) return;
  throw new TradingStackError(
    'wrong-type',
    where,
    `${property} must be a Secret, got a value of type ${typeof given}`,
    "Pass a Secret, for example Secret.provided(stack, 'api_key', { description: 'the key of the paper account' })",
  );
}
