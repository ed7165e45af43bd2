import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { IConstruct } from 'constructs';
import { TradingStackError } from '../../errors';
import { Platform } from '../../platform/platform';
import { formatVersions, parseVersions, withVersion } from '../../platform/secret-store';
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
  /** The provided secrets whose files are not there or blank. */
  readonly missing: readonly MissingSecret[];
}

/** What {@link writeSecretFiles} leaves out. */
export interface SecretFilesOptions {
  /**
   * Secrets that are not made, nor what is made from them, as when there is data that takes an earlier one only.
   * @default - none
   */
  readonly except?: ReadonlySet<Secret>;
}

/** The file of a secret. */
export interface SecretContent {
  /** Path from the project's folder. */
  readonly file: string;
  /** Without the line break at its end; `undefined` if the file is not there or empty. */
  readonly content: string | undefined;
}

/**
 * Writes the secret files of all stacks under a construct: generated ones that are not there yet, and derived ones
 * whose parts have changed. Never changes a file that a person provided or that was generated before. The app calls
 * it, constructs never do, so a test that synthesizes writes nothing.
 *
 * It prints nothing and fails for no missing secret: it returns the provided ones whose files are not there or blank.
 * What is derived from one of them is not written either, until the app runs again. `terraform plan` ends with a
 * sentence for each file that is not there, but takes one that is blank, so an app of one's own had better look at
 * `missing`. (Warnings of synthesis are silent there, too: they are in the `annotations` of `cdktf.out/manifest.json`.)
 *
 * It asks no engine either: where data exists, on a checkout without the `.secrets` of the one that deployed it, a
 * server gets a new password that its data does not know. The command line looks first.
 *
 * A file may be a symbolic link: it is read, and neither the mode nor the content of what it points to is changed.
 * `.secrets` gets a `.gitignore` that leaves everything in it out, unless there is one.
 *
 * @throws TradingStackError if a folder is where a secret has to be, or a symbolic link where one has to be written
 * @example
 * const app = new App();
 * new TradingStack(app, 'desk', { engine: Engine.docker() });
 * const { missing } = writeSecretFiles(app);
 * for (const { file, description } of missing) console.error(`Write ${description} into ${file}`);
 * app.synth();
 */
export function writeSecretFiles(root: IConstruct, { except = new Set() }: SecretFilesOptions = {}): SecretFilesReport {
  const written: string[] = [];
  const missing: MissingSecret[] = [];
  for (const secret of secretsUnder(root)) {
    const { file, content: existing } = readSecretFile(secret);
    const content = except.has(secret) ? existing : contentOf(secret, existing);
    if (content !== undefined) {
      if (content !== existing) {
        write(secret, content);
        written.push(file);
      }
      protect(secret);
      recordVersion(secret);
    } else if (secret.source.kind === 'provided') {
      missing.push({ path: secret.node.path, file, description: secret.source.description });
    }
  }
  return { written: written.sort(), missing };
}

/**
 * The file of a secret as it is now.
 * @throws TradingStackError if a folder is in its place, as Docker makes one where a mounted file is missing
 */
export function readSecretFile(secret: Secret): SecretContent {
  const { file, location } = locate(secret);
  if (!existsSync(location)) return { file, content: undefined };
  if (statSync(location).isDirectory()) {
    throw new TradingStackError(
      'invalid-value',
      secret.node.path,
      `there is a folder at ${file}`,
      'Remove it: a file has to be there',
    );
  }
  const content = readFileSync(location, 'utf8').replace(/\r?\n$/, '');
  return { file, content: content.trim() === '' ? undefined : content };
}

/** Each secret after everything that it is made from, which may stand in another stack. */
export function secretsUnder(root: IConstruct): ReadonlySet<Secret> {
  const secrets = root.node.findAll().filter((construct) => construct instanceof Secret);
  return new Set(secrets.flatMap(partsFirst));
}

function partsFirst(secret: Secret): Secret[] {
  return secret.source.kind === 'derived'
    ? [...Object.values(secret.source.parts).flatMap(partsFirst), secret]
    : [secret];
}

/** The content that the file has to have; `undefined` where a person has yet to provide it, or a part of it. */
function contentOf({ source }: Secret, existing: string | undefined): string | undefined {
  switch (source.kind) {
    case 'provided':
      return existing;
    case 'generated':
      return existing ?? randomText(source.bytes);
    case 'derived':
      return composed(source.parts, source.compose)?.replace(/\r?\n$/, '');
  }
}

/** A text that starts with a hyphen is taken for an option by programs that get it in their command: InfluxDB's set-up. */
function randomText(bytes: number): string {
  for (;;) {
    const text = randomBytes(bytes).toString('base64url');
    if (!text.startsWith('-')) return text;
  }
}

function composed(
  parts: Readonly<Record<string, Secret>>,
  compose: (contents: Readonly<Record<string, string>>) => string,
): string | undefined {
  const contents: Record<string, string> = {};
  for (const [part, secret] of Object.entries(parts)) {
    const { content } = readSecretFile(secret);
    if (content === undefined) return undefined;
    contents[part] = content;
  }
  return compose(contents);
}

function locate(secret: Secret): { file: string; location: string; versions: string } {
  const { secretStore, projectDirectory } = Platform.of(secret);
  const file = secretStore.pathOf(secret.name);
  const versions = projectDirectory.locate(secretStore.versionsFile);
  return { file, location: projectDirectory.locate(file), versions };
}

function write(secret: Secret, content: string): void {
  const { file, location } = locate(secret);
  if (isLink(location)) throw writtenThroughLink(secret, file, location);
  mkdirSync(dirname(location), { recursive: true, mode: 0o700 });
  // In place: a container that has the file mounted would keep seeing the old one otherwise.
  if (existsSync(location)) chmodSync(location, 0o600);
  writeFileSync(location, content);
}

/** The folders keep others on the host out; the file itself is readable, as a container's user is rarely the host's. */
function protect(secret: Secret): void {
  const { location } = locate(secret);
  const folder = dirname(location);
  chmodSync(folder, 0o700);
  chmodSync(dirname(folder), 0o700);
  keepOutOfGit(dirname(folder));
  // What a link points to is outside of the folders that keep others out.
  if (!isLink(location)) chmodSync(location, 0o444);
}

function keepOutOfGit(folder: string): void {
  const file = join(folder, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

/** Also where what it points to is not there. */
function isLink(location: string): boolean {
  return lstatSync(location, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function writtenThroughLink(secret: Secret, file: string, location: string): TradingStackError {
  return new TradingStackError(
    'invalid-value',
    secret.node.path,
    `${file} is a symbolic link, and writing the secret would change the file that it points to: ${readlinkSync(location)}`,
    `Remove the link, and the secret is written into a file of its own: rm ${file}`,
  );
}

function recordVersion(secret: Secret): void {
  const { location: file, versions: location } = locate(secret);
  const recorded = parseVersions(existsSync(location) ? readFileSync(location, 'utf8') : undefined);
  const versions = withVersion(recorded, secret.name, readFileSync(file));
  if (versions !== recorded) writeFileSync(location, formatVersions(versions), { mode: 0o600 });
}
