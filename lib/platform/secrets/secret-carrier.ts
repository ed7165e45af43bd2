import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { SecretFile, SecretVersions } from './secret-store';
import { innerExpression, literal } from '../terraform';

const INFIX = '-secrets-';
const DIGITS = 12;

/**
 * The volume with the secrets of one container, and the container that was never started and carries it for the others,
 * on an engine that does not have the files of the deploying machine. Their common name ends with a hash of the versions
 * of the secrets: a container whose secrets were not delivered names a container that does not exist, and Docker does
 * not create it.
 * @param container name of the container that mounts the secrets
 * @param versions of its secrets, in the order of its mounts
 */
export function carrierName(container: string, versions: readonly string[]): string {
  const hash = createHash('sha256').update(versions.join('.')).digest('hex');
  return `${container}${INFIX}${hash.slice(0, DIGITS)}`;
}

/** Expression: the {@link carrierName} for the versions that are recorded when Terraform runs. */
export function carrierExpression(container: string, secrets: readonly SecretFile[]): string {
  const versions = secrets.map(({ version }) => innerExpression(version)).join(', ');
  return `${literal(container)}${INFIX}\${substr(sha256(join(".", [${versions}])), 0, ${DIGITS})}`;
}

/** Whether a container or volume of this name would look like the carrier of another container's secrets. */
export function isCarrierName(name: string): boolean {
  return new RegExp(`${INFIX}[0-9a-f]{${DIGITS}}$`).test(name);
}

/** The recorded version of a secret, as the expression in {@link SecretFile.version} reads it. */
export function recordedVersion({ file, versionKind }: SecretFile, versions: SecretVersions): string {
  const recorded = versions[basename(file)];
  return recorded?.[versionKind] ?? recorded?.version ?? '';
}
