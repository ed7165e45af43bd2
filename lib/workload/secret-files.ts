import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { IConstruct } from 'constructs';
import { Platform } from '../platform/platform';
import { Secret } from './secret';

/** A secret that somebody has to provide. */
export interface MissingSecret {
  /** Construct path. */
  readonly path: string;
  /** Path of the file, from the project's folder. */
  readonly file: string;
  /** What to put into it. */
  readonly description: string;
}

/** What {@link writeSecretFiles} did. */
export interface SecretFilesReport {
  /** Paths of the files that it wrote, from the project's folder. */
  readonly written: readonly string[];
  readonly missing: readonly MissingSecret[];
}

/**
 * Writes the secret files of all stacks under a construct: generated ones that are not there yet, and derived ones
 * whose parts have changed. Never changes a file that a person provided or that was generated before. The app calls
 * it, constructs never do, so a test that synthesizes writes nothing.
 *
 * @example
 * const app = new App();
 * new Mt5Stack(app);
 * writeSecretFiles(app);
 * app.synth();
 */
export function writeSecretFiles(root: IConstruct): SecretFilesReport {
  const written: string[] = [];
  const missing: MissingSecret[] = [];
  const secrets = root.node.findAll().filter((construct) => construct instanceof Secret);
  for (const secret of new Set(secrets.flatMap(partsFirst))) {
    const { file, location } = locate(secret);
    const existing = readContent(location);
    const content = contentOf(secret, existing);
    if (content !== undefined && content !== existing) {
      writeFile(location, content);
      written.push(file);
    } else if (content === undefined && secret.source.kind === 'provided') {
      missing.push({ path: secret.node.path, file, description: secret.source.description });
    }
  }
  return { written: written.sort(), missing };
}

/** A secret after everything that it is made from, which may stand in another stack. */
function partsFirst(secret: Secret): Secret[] {
  return secret.source.kind === 'derived'
    ? [...Object.values(secret.source.parts).flatMap(partsFirst), secret]
    : [secret];
}

/** The content that the file has to have; `undefined` where a person has yet to provide it, or a part of it. */
function contentOf(secret: Secret, existing: string | undefined): string | undefined {
  const { source } = secret;
  switch (source.kind) {
    case 'provided':
      return existing;
    case 'generated':
      return existing ?? randomBytes(source.bytes).toString('base64url');
    case 'derived':
      return composed(source.parts, source.compose);
  }
}

function composed(
  parts: Readonly<Record<string, Secret>>,
  compose: (contents: Readonly<Record<string, string>>) => string,
): string | undefined {
  const contents: Record<string, string> = {};
  for (const [part, secret] of Object.entries(parts)) {
    const content = contentOf(secret, readContent(locate(secret).location));
    if (content === undefined) return undefined;
    // Editors end a file with a line break that is not part of the password.
    contents[part] = content.replace(/\r?\n$/, '');
  }
  return compose(contents);
}

function locate(secret: Secret): { file: string; location: string } {
  const platform = Platform.of(secret);
  const file = `${platform.secretsDirectory}/${secret.name}`;
  return { file, location: platform.projectDirectory.locate(file) };
}

function readContent(location: string): string | undefined {
  if (!existsSync(location)) return undefined;
  const content = readFileSync(location, 'utf8');
  return content.trim() === '' ? undefined : content;
}

/** The folders keep others on the host out; the file itself is readable, as a container's user is rarely the host's. */
function writeFile(location: string, content: string): void {
  const folder = dirname(location);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  chmodSync(dirname(folder), 0o700);
  // In place: a container that has the file mounted would keep seeing the old one otherwise.
  if (existsSync(location)) chmodSync(location, 0o600);
  writeFileSync(location, content);
  chmodSync(location, 0o444);
}
