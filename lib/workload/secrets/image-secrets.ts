import { TradingStackError } from '../../errors';
import type { Connection } from '../connections/connection';
import { isRuntime, knownImageOf } from '../images/catalog/catalog';
import type { KnownImage, KnownSecrets } from '../images/catalog/known-image';
import { startsProgram } from '../images/starts-program';
import type { Image } from '../images/image';
import { type DeliveredSecret, Secret, SecretDelivery } from './secret';

interface SecretOptions {
  readonly secrets?: Readonly<Record<string, Secret | DeliveredSecret>>;
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
}

/**
 * Refuses secrets in files that a published image would not read: it would start without them.
 * @throws TradingStackError for a variable of the image that has no form with a path, unless another program is started
 */
export function refuseUnreadSecrets(
  path: string,
  image: KnownImage,
  options: SecretOptions,
  connections: readonly Connection[],
): void {
  if (!startsProgram(image, options)) return;
  const { secrets: known = {} } = image;
  for (const { from, secrets } of connections) {
    for (const [name, { secret, delivery }] of Object.entries(secrets)) {
      if (delivery !== SecretDelivery.FILE || !isUnread(known, name) || isNamed(name, secret, options)) continue;
      const fix = `Set the delivery where ${from} is used: { variable: '${name}', delivery: SecretDelivery.EXPORTED }`;
      throw unread(path, image, name, fix);
    }
  }
  for (const [name, secret] of Object.entries(options.secrets ?? {})) {
    // A delivery that is set is a decision: something else in the container may read the file.
    if (!(secret instanceof Secret) || !isUnread(known, name) || isNamed(name, secret, options)) continue;
    throw unread(path, image, name, fixFor(known, name));
  }
}

/**
 * Variables of secrets for which the user has to say how the program reads them: the delivery is the default, and it is
 * not known whether the image reads files.
 */
export function undecidedSecrets(image: Image, options: SecretOptions): string[] {
  const { pulledName } = image;
  if (pulledName === undefined || isRuntime(pulledName)) return [];
  const known = knownImageOf(image)?.secrets?.files ?? [];
  return Object.entries(options.secrets ?? {})
    .filter(([name, secret]) => secret instanceof Secret && !isPath(name) && !isNamed(name, secret, options))
    .map(([name]) => name)
    .filter((name) => !known.includes(name));
}

function isUnread({ files = [], plain }: KnownSecrets, name: string): boolean {
  return plain?.test(name) === true && !files.includes(name) && !isPath(name);
}

/** Whether the name is that of a variable for a path, whatever the image appends. */
function isPath(name: string): boolean {
  return name.endsWith('_FILE');
}

/** Whether the command of the user reads the file. */
function isNamed(
  name: string,
  secret: DeliveredSecret['secret'],
  { command = [], entrypoint = [] }: SecretOptions,
): boolean {
  const words = [...entrypoint, ...command];
  const path = secret instanceof Secret ? [secret.path] : [];
  return [`${name}_FILE`, ...path].some((one) => words.some((word) => word.includes(one)));
}

function fixFor({ suffix, construct }: KnownSecrets, name: string): string {
  if (construct !== undefined)
    return `Use its construct, which sets the password in a file: new ${construct}(stack, 'cache')`;
  if (suffix !== undefined) return `Use the name that it reads: secrets: { ${name}${suffix}: secret }`;
  return `Export it: secrets: { ${name}: secret.deliveredAs(SecretDelivery.EXPORTED) }`;
}

function unread(
  path: string,
  { name: program, repositories }: KnownImage,
  name: string,
  fix: string,
): TradingStackError {
  const image = `${program} (${repositories[0] ?? ''})`;
  return new TradingStackError(
    'secret-not-read',
    path,
    `the image of ${image} does not read ${name}_FILE, so it would start without the secret`,
    fix,
  );
}
