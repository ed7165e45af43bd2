import { isUtf8 } from 'node:buffer';
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
import {
  formatVersions,
  parseVersions,
  withRotatedContent,
  withRotation,
  withVersion,
} from '../../platform/secrets/secret-store';
import { checkOptions, type OptionShapes } from '../../options/options';
import { isNormalized } from '../storage/plain-values';
import { replaceFile } from './replaced-file';
import { Secret } from './secret';
import { createStateFiles } from './state-files';

/** A provided secret whose file a person still has to write. */
export interface MissingSecret {
  /** Construct path. */
  readonly path: string;
  /** Path of the file, from the project's folder. */
  readonly file: string;
  /** What to write into it. */
  readonly description: string;
  /** Whether the file exists and is empty or blank. */
  readonly isEmpty: boolean;
}

/** What {@link writeSecretFiles} did. */
export interface SecretFilesReport {
  /** Paths of the files that it wrote, from the project's folder. */
  readonly written: readonly string[];
  /** The provided secrets whose files do not exist or are blank. */
  readonly missing: readonly MissingSecret[];
}

/** Options of {@link writeSecretFiles}. */
export interface SecretFilesOptions {
  /**
   * Secrets to leave unwritten, together with what is derived from them, such as the password of existing data.
   * @default - none
   */
  readonly except?: ReadonlySet<Secret>;
}

const OPTIONS: OptionShapes<SecretFilesOptions> = { except: Set };

/**
 * Writes the secret files of all stacks under a construct: generated ones that do not exist yet, and derived ones whose
 * parts have changed. Never changes a file that a person wrote or that was generated before. The app calls it,
 * constructs never do, so a test that synthesizes writes nothing.
 *
 * It prints nothing and does not fail for a missing secret, but returns the provided ones whose files do not exist or
 * are blank. What is derived from one of them is not written until the app runs again. `terraform plan` reports a file
 * that does not exist, but accepts a blank one, so an app without the command line should check `missing`. (Warnings of
 * synthesis are not printed either: they are in the `annotations` of `cdktf.out/manifest.json`.)
 *
 * It does not ask the engine whether data exists: on a checkout without the `.secrets` folder of the one that deployed
 * the stack, a server gets a new password that its data does not accept. The command line checks this first.
 *
 * The state of a stack, if it is a local file, and its backup are created empty, so that only their owner can read them.
 *
 * A file may be a symbolic link. It is read, and neither the mode nor the content of its target is changed. `.secrets`
 * gets a `.gitignore` for everything in it, unless it has one.
 *
 * @throws TradingStackError if a secret's file is a folder or no regular file, is not plain UTF-8 text, or has to be
 * written and is a symbolic link
 * @example
 * const app = new App();
 * new TradingStack(app, 'desk', { engine: Engine.docker() });
 * const { missing } = writeSecretFiles(app);
 * for (const { file, description } of missing) console.error(`Write ${description} into ${file}`);
 * app.synth();
 */
export function writeSecretFiles(root: IConstruct, options: SecretFilesOptions = {}): SecretFilesReport {
  checkOptions(options, OPTIONS, 'writeSecretFiles');
  createStateFiles(root);
  const { except = new Set() } = options;
  const written: string[] = [];
  const missing: MissingSecret[] = [];
  for (const secret of secretsUnder(root)) {
    const existing = readSecretFile(secret);
    const content = except.has(secret) ? existing : contentOf(secret, existing);
    if (content !== undefined) {
      if (content !== existing) {
        write(secret, content);
        written.push(secret.file);
      }
      protect(secret);
      recordVersion(secret);
    } else if (secret.source.kind === 'provided') {
      const { description } = secret.source;
      createSecretFolder(secret);
      missing.push({ path: secret.node.path, file: secret.file, description, isEmpty: existsSync(locationOf(secret)) });
    }
  }
  return { written: written.sort(), missing };
}

/**
 * Announces that a secret is about to get a new content, and everything that is derived from it: from now on, a plan replaces
 * the containers that have it, except those that keep their version in a rotation.
 */
export function announceRotation(secret: Secret): void {
  for (const one of withDerived(secret)) {
    if (existsSync(locationOf(one))) recordVersion(one, withRotation);
  }
}

/**
 * Writes the content that was announced, and everything that is derived from it.
 * @throws TradingStackError if a file has to be written and is a symbolic link
 */
export function writeRotatedSecret(secret: Secret, content: string): void {
  for (const one of withDerived(secret)) {
    const existing = readSecretFile(one);
    const now = one === secret ? content : contentOf(one, existing);
    if (now === undefined || now === existing) continue;
    write(one, now);
    protect(one);
    recordVersion(one, withRotatedContent);
  }
}

/** A secret and everything in the app that is derived from it. */
export function withDerived(secret: Secret): Secret[] {
  return [...secretsUnder(secret.node.root)].filter((one) => partsFirst(one).includes(secret));
}

/**
 * The content of a secret's file without line breaks at its end; `undefined` if the file does not exist or is blank.
 * @throws TradingStackError if it is a folder, which Docker creates where a mounted file is missing, something else that
 * is no regular file, or not plain UTF-8 text
 */
export function readSecretFile(secret: Secret): string | undefined {
  const location = locationOf(secret);
  if (!existsSync(location)) return undefined;
  const status = statSync(location);
  if (status.isDirectory()) {
    throw invalidFile(secret, 'is a folder', `Remove it, so that a file can be written: rm -r ${secret.file}`);
  }
  // To read a named pipe would wait for a writer.
  if (!status.isFile()) {
    throw invalidFile(secret, 'is not a regular file', `Replace it with one: rm ${secret.file}`);
  }
  const bytes = readFileSync(location);
  checkEncoding(secret, bytes);
  const content = bytes.toString('utf8').replace(/[\r\n]+$/, '');
  return content.trim() === '' ? undefined : content;
}

/** Editors on Windows write these bytes, and a program would take them for part of the password. */
function checkEncoding(secret: Secret, bytes: Buffer): void {
  const problem = bytes.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? 'starts with a byte-order mark'
    : bytes.includes(0)
      ? 'contains NUL bytes'
      : isUtf8(bytes)
        ? undefined
        : 'is not UTF-8 text';
  if (problem !== undefined) {
    throw invalidFile(secret, problem, 'Save it as UTF-8 without a byte-order mark; encode binary content as base64');
  }
  if (secret.readers.has('server') && bytes.includes('\r')) {
    const what = 'contains carriage returns, which the server would take for part of the password';
    throw invalidFile(secret, what, `Remove them: sed -i 's/\\r//g' ${secret.file}`);
  }
  if (secret.readers.has('terraform') && !isNormalized(bytes.toString())) {
    const what = 'contains decomposed Unicode characters, which Terraform would compose for SecretDelivery.ENVIRONMENT';
    throw invalidFile(secret, what, 'Use SecretDelivery.EXPORTED, which reads the file in the container');
  }
}

const BYTE_ORDER_MARK = Buffer.from('\uFEFF');

/** Each secret after everything that it is derived from, which may belong to another stack. */
export function secretsUnder(root: IConstruct): ReadonlySet<Secret> {
  const secrets = root.node.findAll().filter((construct) => construct instanceof Secret);
  return new Set(secrets.flatMap(partsFirst));
}

function partsFirst(secret: Secret): Secret[] {
  return secret.source.kind === 'derived'
    ? [...Object.values(secret.source.parts).flatMap(partsFirst), secret]
    : [secret];
}

/** The content that the file must have; `undefined` if a person has to provide it, or a part of it. */
function contentOf({ source }: Secret, existing: string | undefined): string | undefined {
  switch (source.kind) {
    case 'provided':
      return existing;
    case 'generated':
      return existing ?? randomText(source.bytes);
    case 'derived':
      return composed(source.parts, source.compose)?.replace(/[\r\n]+$/, '');
  }
}

/** A content for a generated secret. InfluxDB's setup passes the password as an argument, where a leading hyphen would make it an option. */
export function randomText(bytes: number): string {
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
    const content = readSecretFile(secret);
    if (content === undefined) return undefined;
    contents[part] = content;
  }
  return compose(contents);
}

function locationOf(secret: Secret): string {
  return Platform.of(secret).projectDirectory.locate(secret.file);
}

function write(secret: Secret, content: string): void {
  const location = locationOf(secret);
  if (isLink(location)) {
    throw invalidFile(
      secret,
      `is a symbolic link, and writing the secret would change its target ${readlinkSync(location)}`,
      `Remove the link, so that the secret gets a file of its own: rm ${secret.file}`,
    );
  }
  createSecretFolder(secret);
  // Written in place: a container with the file mounted would keep the old content otherwise.
  if (existsSync(location)) chmodSync(location, 0o600);
  writeFileSync(location, content);
}

/**
 * Creates the folder of a secret's file, which keeps other users of the host and git out, so that the file is private from
 * the moment at which a person writes it.
 */
export function createSecretFolder(secret: Secret): void {
  const folder = dirname(locationOf(secret));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  chmodSync(folder, 0o700);
  chmodSync(dirname(folder), 0o700);
  keepOutOfGit(dirname(folder));
}

/**
 * The file is readable, as a container rarely has the host's user, and its owner can write a new value into it; containers
 * mount it read-only. Its folder keeps others out.
 */
function protect(secret: Secret): void {
  const location = locationOf(secret);
  createSecretFolder(secret);
  // The target of a link is outside the folders that keep other users out.
  if (!isLink(location)) chmodSync(location, 0o644);
}

function keepOutOfGit(folder: string): void {
  const file = join(folder, '.gitignore');
  if (!existsSync(file)) writeFileSync(file, '*\n');
}

/** Whether the file is a symbolic link, even if its target does not exist. */
function isLink(location: string): boolean {
  return lstatSync(location, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

function invalidFile(secret: Secret, problem: string, fix: string): TradingStackError {
  return new TradingStackError('secret-file-invalid', secret.node.path, `${secret.file} ${problem}`, fix);
}

function recordVersion(secret: Secret, recorded = withVersion): void {
  const { secretStore, projectDirectory } = Platform.of(secret);
  const location = projectDirectory.locate(secretStore.versionsFile);
  const before = parseVersions(existsSync(location) ? readFileSync(location, 'utf8') : undefined);
  const versions = recorded(before, secret.name, readFileSync(locationOf(secret)));
  if (versions === before) return;
  replaceFile(location, formatVersions(versions));
}
