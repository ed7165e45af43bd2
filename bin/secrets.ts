import { existsSync, readFileSync } from 'node:fs';
import type { IConstruct } from 'constructs';
import { type MissingSecret, Platform, Secret, type TradingStack } from '../lib';
import type { DockerApi } from './docker-api';
import { keptVolumes } from './volumes';

/** A secret with its file as it is now. */
interface SecretFile {
  readonly secret: Secret;
  readonly platform: Platform;
  /** From the project's folder. */
  readonly file: string;
  /** `undefined` if it has yet to be written. */
  readonly content: string | undefined;
}

/** The secrets that somebody has yet to provide. */
export function missingSecrets(root: IConstruct): MissingSecret[] {
  return secretFiles(root).flatMap(({ secret, file, content }) =>
    secret.source.kind === 'provided' && content === undefined
      ? [{ path: secret.node.path, file, description: secret.source.description }]
      : [],
  );
}

/**
 * Sentences about data that nobody could read any more if its secret were generated now: a database takes its password
 * while its volume is empty and never again.
 */
export async function lostSecrets(stack: TradingStack, docker: DockerApi): Promise<string[]> {
  const sentences: string[] = [];
  for (const { secret, platform, file, content } of secretFiles(stack)) {
    const service = secret.node.scope;
    const isOfService = service !== undefined && service !== platform.node.scope;
    if (content !== undefined || secret.source.kind !== 'generated' || !isOfService) continue;
    const workloads = platform.workloads.filter(({ spec }) => `${spec.path}/`.startsWith(`${service.node.path}/`));
    for (const volume of keptVolumes(workloads)) {
      if (!(await docker.volumeExists(volume))) continue;
      sentences.push(
        `The volume ${volume} exists with data made under other secrets, and ${file} is not there. ` +
          `Restore ${platform.secretsDirectory}, or remove the volume if its data may go: docker volume rm ${volume}`,
      );
    }
  }
  return sentences;
}

/** Makes the values of the stack's secrets unreadable in what others print, such as logs and plans. */
export function redaction(stack: TradingStack): (text: string) => string {
  const values = secretFiles(stack)
    // What is made from others holds their values, as they are or in the spelling of a URL.
    .filter(({ secret }) => secret.source.kind !== 'derived')
    .flatMap(({ content = '' }) => content.split(/\r?\n/))
    .flatMap((value) => [value, encodeURIComponent(value)])
    // A shorter one would black out ordinary words, and protect nothing.
    .filter((value) => value.length >= 6)
    .sort((one, other) => other.length - one.length);
  return (text) => values.reduce((redacted, value) => redacted.replaceAll(value, '***'), text);
}

function secretFiles(root: IConstruct): SecretFile[] {
  const secrets = root.node.findAll().filter((construct) => construct instanceof Secret);
  return [...new Set(secrets.flatMap(withParts))].map((secret) => {
    const platform = Platform.of(secret);
    const file = `${platform.secretsDirectory}/${secret.name}`;
    const location = platform.projectDirectory.locate(file);
    const content = existsSync(location) ? readFileSync(location, 'utf8').trim() : '';
    return { secret, platform, file, content: content === '' ? undefined : content };
  });
}

/** A secret may be made from one of another stack. */
function withParts(secret: Secret): Secret[] {
  const parts = secret.source.kind === 'derived' ? Object.values(secret.source.parts) : [];
  return [...parts.flatMap(withParts), secret];
}
