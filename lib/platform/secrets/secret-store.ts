import { createHash, randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { type ProjectDirectory, SECRETS_FOLDER } from '../project';
import { innerExpression, quoted } from '../terraform';

/** Folder of the secrets inside a container. */
export const SECRETS_PATH = '/run/secrets';

/** A secret as a file on the deploying host. */
export interface SecretFile {
  /** Name of the file under `/run/secrets`. */
  readonly name: string;
  /** Name of the stack that mounts it. */
  readonly stack: string;
  /** Path of the file on the deploying host, from the project's folder. */
  readonly file: string;
  /** Path of the file with its version, from the project's folder. */
  readonly versionsFile: string;
  /** Expression: absolute path of the file on the deploying host. */
  readonly hostPath: string;
  /** Expression: changes when the content does, and reveals nothing about it. */
  readonly version: string;
  /** Which of the recorded versions that is. */
  readonly versionKind: VersionKind;
  /** Expression: whether the version belongs to the current content. */
  readonly isCurrent: string;
  /** What to do if the file is missing. */
  readonly remedy: string;
}

/**
 * `version` changes with the content. `inPlace` is for a server that is told the new content while it runs, by a rotation:
 * it stays the same then, so that the container does, and changes with any other change.
 */
type VersionKind = 'version' | 'inPlace';

/** A secret that an engine knows. */
export interface SecretHandle extends SecretFile {
  /** Expressions of the engine's own secret object; `null` where the engine mounts the file itself. */
  readonly object: { readonly id: string; readonly name: string } | null;
}

/** The folder with the secret files of one stack, as it is on disk: one file for each secret, and their versions. */
export class SecretStore {
  /** Path of the folder from the project's folder. */
  readonly folder: string;
  /** Path of the file with the versions, from the project's folder. */
  readonly versionsFile: string;
  /** Path of the file with the names of the carriers that were delivered, from the project's folder. */
  readonly deliveriesFile: string;

  constructor(
    private readonly project: ProjectDirectory,
    private readonly stack: string,
  ) {
    this.folder = `${SECRETS_FOLDER}/${stack}`;
    this.versionsFile = `${this.folder}/.versions.json`;
    this.deliveriesFile = `${this.folder}/.delivered.json`;
  }

  /** Path of the file of a secret from the project's folder. */
  pathOf(name: string): string {
    return `${this.folder}/${name}`;
  }

  /** The secret with the expressions that read it when Terraform runs. */
  fileOf(name: string, remedy: string): SecretFile {
    const hostPath = this.project.absoluteExpression(this.pathOf(name));
    const recorded = this.recordOf(name, this.versionsFile);
    return {
      name,
      stack: this.stack,
      file: this.pathOf(name),
      versionsFile: this.versionsFile,
      hostPath,
      version: `\${try(${recorded}.version, "")}`,
      versionKind: 'version',
      isCurrent: `\${filesha256(${innerExpression(hostPath)}) == try(${recorded}.sha256, "")}`,
      remedy,
    };
  }

  /** The secret for a server that is told a rotated content while it runs. */
  inPlace(secret: SecretHandle): SecretHandle {
    const recorded = this.recordOf(basename(secret.file), secret.versionsFile);
    const version = `\${try(${recorded}.inPlace, ${recorded}.version, "")}`;
    return { ...secret, version, versionKind: 'inPlace' };
  }

  /** Inner expression: reads what `withVersion` and `withRotation` write. */
  private recordOf(name: string, versionsFile: string): string {
    const versions = innerExpression(this.project.absoluteExpression(versionsFile));
    return `jsondecode(file(${versions}))["${name}"]`;
  }

  /**
   * Expression: whether a carrier was delivered to an engine from this folder.
   * @param carrier expression of its name
   */
  wasDelivered(carrier: string, engineHost: string): string {
    const deliveries = innerExpression(this.project.absoluteExpression(this.deliveriesFile));
    // Reads what `withDeliveries` writes.
    const host = quoted(engineHost);
    return `\${contains(try(jsondecode(file(${deliveries}))[${host}], []), "${carrier}")}`;
  }
}

/** Content of the file with the deliveries of a stack: the names of the carriers on each engine, by its address. */
export type Deliveries = Readonly<Record<string, readonly string[]>>;

/** The deliveries with those to one engine replaced. */
export function withDeliveries(deliveries: Deliveries, engineHost: string, carriers: readonly string[]): Deliveries {
  return { ...deliveries, [engineHost]: [...carriers].sort() };
}

/**
 * Content of the file with the versions of the secrets of a stack. A label with the versions replaces a container when
 * one of its secrets changes. Versions are random, so that they reveal nothing; the hash stays in the protected folder.
 */
export type SecretVersions = Readonly<Record<string, RecordedVersion | undefined>>;

interface RecordedVersion {
  readonly version: string;
  readonly sha256: string;
  /** The version from before the rotations since the last other change. */
  readonly inPlace?: string;
}

/** The versions with a new one for the secret if its content has changed. */
export function withVersion(versions: SecretVersions, name: string, content: Buffer): SecretVersions {
  const sha256 = hashOf(content);
  if (versions[name]?.sha256 === sha256) return versions;
  return { ...versions, [name]: { version: randomBytes(6).toString('hex'), sha256 } };
}

/** The versions with a new one for a secret that is about to be rotated, whose content is still the same. */
export function withRotation(versions: SecretVersions, name: string, content: Buffer): SecretVersions {
  const before = withVersion(versions, name, content)[name];
  if (before === undefined) return versions;
  const version = randomBytes(6).toString('hex');
  return { ...versions, [name]: { ...before, version, inPlace: before.inPlace ?? before.version } };
}

/** The versions after the new content of a secret that was announced by {@link withRotation} has been written. */
export function withRotatedContent(versions: SecretVersions, name: string, content: Buffer): SecretVersions {
  const before = versions[name];
  return before === undefined
    ? withVersion(versions, name, content)
    : { ...versions, [name]: { ...before, sha256: hashOf(content) } };
}

/** Includes the line break at the end of the file, because Terraform hashes the whole file. */
function hashOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}

/** The versions from the text of their file; none if there is no file yet, or if it is damaged. */
export function parseVersions(text: string | undefined): SecretVersions {
  return recordIn(text) as SecretVersions;
}

/** The deliveries from the text of their file; none if there is no file yet, or if it is damaged. */
export function parseDeliveries(text: string | undefined): Deliveries {
  return recordIn(text) as Deliveries;
}

function recordIn(text: string | undefined): object {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** The text of the file with the versions. */
export function formatVersions(versions: SecretVersions): string {
  return `${JSON.stringify(versions, null, 2)}\n`;
}
