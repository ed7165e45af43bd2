import { Construct } from 'constructs';
import { invalidValue, TradingStackError } from '../../errors';
import { Platform } from '../../platform/platform';
import type { SecretHandle } from '../../platform/secret-store';
import { isA } from '../is-a';

/** How the content of a secret reaches a program. */
export enum SecretDelivery {
  /** `NAME_FILE` holds the path of a file; for programs that follow the convention. */
  FILE = 'file',
  /**
   * `NAME` holds the content, put there by a shell when the container starts: nothing of it is in the plan, in the
   * state or in inspect. Needs `/bin/sh` in the image and the workload's `command`.
   */
  EXPORTED = 'shell',
  /** `NAME` holds the content, in plain text in the plan, in the state and in inspect. Synthesis warns about it. */
  ENVIRONMENT = 'environment',
}

/** A secret together with how a program gets it. */
export interface DeliveredSecret {
  readonly secret: Secret;
  readonly delivery: SecretDelivery;
}

/** Options of {@link Secret.generated}. */
export interface GeneratedSecretOptions {
  /**
   * Random bytes, 16 or more; the text is a third longer, in letters, digits, `-` and `_`.
   * @default 24
   */
  readonly bytes?: number;
  /**
   * Whether a server takes it with an empty volume only, so that data which exists cannot be reached with another one.
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
  /** What to put into the file, for whoever has to: `the API key of the paper account`. */
  readonly description: string;
  /**
   * Name of the file.
   * @default - the ids of the owner and of the secret: `binance_api_key`
   */
  readonly name?: string;
}

/** Options of {@link Secret.derived}. */
export interface DerivedSecretOptions<Part extends string> {
  /** The secrets that it is made from. */
  readonly parts: Readonly<Record<Part, Secret>>;
  /** Makes the content from the contents of the parts. */
  readonly compose: (contents: Readonly<Record<Part, string>>) => string;
  /**
   * Name of the file.
   * @default - the ids of the owner and of the secret: `db_url`
   */
  readonly name?: string;
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
 * A secret is a file on the deploying host, `.secrets/<stack>/<name>`, that the container sees read-only under
 * `/run/secrets`. Synthesis knows its name only. {@link writeSecretFiles} writes the ones that can be made.
 *
 * @example
 * const key = Secret.provided(stack, 'alpaca_api_key', { description: 'the key of the paper account' });
 * new StrategyRunner(stack, 'strategy_runner', { image, secrets: { ALPACA_API_KEY: key } });
 */
export class Secret extends Construct {
  /**
   * A strong random value, made once on the deploying host.
   * @throws TradingStackError for fewer than 16 bytes, for a name that is no file name, or one that another secret has
   */
  static generated(scope: Construct, id: string, options: GeneratedSecretOptions = {}): Secret {
    const { bytes = 24, name, boundToData = false } = options;
    if (!Number.isInteger(bytes) || bytes < 16) {
      throw invalidValue(`${scope.node.path}/${id}`, 'bytes', bytes, 'a whole number, 16 or more');
    }
    return new Secret(scope, id, { kind: 'generated', bytes }, name, boundToData);
  }

  /**
   * A value that a person writes into the file.
   * @throws TradingStackError for a name that is no file name, or one that another secret has
   */
  static provided(scope: Construct, id: string, options: ProvidedSecretOptions): Secret {
    return new Secret(scope, id, { kind: 'provided', description: options.description }, options.name);
  }

  /**
   * A value that is made from other secrets, such as a connection URL; written again when one of them changes.
   * @throws TradingStackError if a part is no secret, for a name that is no file name, or one that another secret has
   */
  static derived<Part extends string>(scope: Construct, id: string, options: DerivedSecretOptions<Part>): Secret {
    const { parts, compose, name } = options;
    for (const [part, secret] of Object.entries(parts)) {
      checkSecret(secret, `parts.${part}`, `${scope.node.path}/${id}`);
    }
    return new Secret(scope, id, { kind: 'derived', parts, compose }, name);
  }

  /** Name of the file, and of the file under `/run/secrets`. */
  readonly name: string;
  readonly source: SecretSource;
  readonly handle: SecretHandle;
  /** Whether a server takes it with an empty volume only. */
  readonly boundToData: boolean;

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
      throw invalidValue(this.node.path, 'the name of the secret', this.name, 'letters, digits, and . _ - inside');
    }
    this.handle = platform.secret(this, 'Default', this.name, this.remedy(platform.secretStore.pathOf(this.name)));
  }

  /** Path of the file inside the container. */
  get path(): string {
    return `/run/secrets/${this.name}`;
  }

  /** The secret as a stack refers to it, which may be another one than its own. */
  handleOn(platform: Platform): SecretHandle {
    const own = Platform.of(this);
    return own === platform ? this.handle : platform.adoptSecret(this.handle, own);
  }

  /** This secret, delivered in another way than as a file. */
  deliveredAs(delivery: SecretDelivery): DeliveredSecret {
    return { secret: this, delivery };
  }

  private remedy(file: string): string {
    return this.source.kind === 'provided'
      ? `Write ${this.source.description} into the file ${file} in the project's folder`
      : `The app writes ${file} in the project's folder with writeSecretFiles(app): run it on this machine`;
  }
}

/**
 * The text that stands in the place of a secret had better be in no message.
 * @throws TradingStackError for what only plain JavaScript can give: the password itself
 */
export function checkSecret(given: unknown, property: string, where: string): asserts given is Secret {
  if (isA(Secret, given)) return;
  throw new TradingStackError(
    'invalid-value',
    where,
    `${property} is no Secret, but of the type ${typeof given}`,
    "Give a Secret, for example Secret.provided(stack, 'api_key', { description: 'the key of the paper account' })",
  );
}
