import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isRemoteHost } from '../../internal';
import { CommandError } from '../output/output';
import { quoted } from '../output/quoted';
import { configFolder, readContext, readDockerConfig } from './docker-config';

/** The certificates of an encrypted connection. */
export interface TlsFiles {
  /** The folder with `ca.pem`, `cert.pem` and `key.pem`, any of which may be missing. */
  readonly folder: string;
  /** Whether the certificate of the engine is checked. */
  readonly verifies: boolean;
}

/** The address of the engine's API. */
export interface EngineAddress {
  /** In the form of `DOCKER_HOST`, with a port. */
  readonly text: string;
  /** `undefined` for a connection that is not encrypted, or encrypted by ssh. */
  readonly tls: TlsFiles | undefined;
  /** The words that start a Docker command for this engine: `docker`, `docker --host ssh://desk@trading-1`. */
  readonly command: string;
  /**
   * Whether bind mounts certainly are files of this machine, and published ports its ports. A TCP port of this machine
   * may be a tunnel to another one, or to a virtual machine.
   */
  readonly hasOurFiles: boolean;
}

const LOCAL = process.platform === 'win32' ? 'npipe:////./pipe/docker_engine' : 'unix:///var/run/docker.sock';

/**
 * The engine that a stack is deployed to. The code takes precedence; without a `host` in it, the order is Docker's own:
 * `DOCKER_HOST`, `DOCKER_CONTEXT`, the context of `docker context use`, the local socket.
 * @param host the address in the code, if there is one
 * @throws CommandError if the selected Docker context or its certificates cannot be read
 */
export function engineAddress(host: string | undefined, environment = process.env): EngineAddress {
  const fromCode = nonEmpty(host);
  const variable = nonEmpty(environment.DOCKER_HOST);
  if (fromCode !== undefined) {
    const address = addressOf(fromCode, tlsOfEnvironment(environment));
    return { ...address, command: withHost(address) };
  }
  if (variable !== undefined) {
    const address = addressOf(variable, tlsOfEnvironment(environment));
    return { ...address, command: isDefault(address.text, environment) ? 'docker' : withHost(address) };
  }
  const name = nonEmpty(environment.DOCKER_CONTEXT) ?? nonEmpty(readDockerConfig(environment).currentContext);
  if (name === undefined || name === 'default') return { ...addressOf(LOCAL, undefined), command: 'docker' };
  const isVariable = nonEmpty(environment.DOCKER_CONTEXT) !== undefined;
  const context = readContext(name, isVariable ? 'DOCKER_CONTEXT' : '`docker context use`', environment);
  const tls = existsSync(context.tlsFolder)
    ? { folder: context.tlsFolder, verifies: !context.skipsVerification }
    : undefined;
  return {
    ...addressOf(context.host, tls),
    command: isVariable ? `docker --context ${quoted(name)}` : 'docker',
  };
}

/** Docker, the provider and cdktf all ignore an empty variable. */
export function nonEmpty(value: string | undefined): string | undefined {
  return value === '' ? undefined : value;
}

/** Whether Docker's client also finds the engine without the variables, which may have been set for one command only. */
function isDefault(text: string, environment: NodeJS.ProcessEnv): boolean {
  try {
    return engineAddress(undefined, { ...environment, DOCKER_HOST: '', DOCKER_CONTEXT: '' }).text === text;
  } catch (error) {
    // The current context does not matter here, so it may be invalid.
    if (error instanceof CommandError) return false;
    throw error;
  }
}

/** The certificates are those of the environment. Docker's client would not use them without `DOCKER_TLS_VERIFY`. */
function withHost({ text, tls }: Pick<EngineAddress, 'text' | 'tls'>): string {
  const command = `docker --host ${quoted(text)}`;
  if (tls === undefined) return command;
  const file = (name: string): string => quoted(join(tls.folder, name));
  const check = tls.verifies ? '--tlsverify' : '--tls';
  return `${command} ${check} --tlscacert ${file('ca.pem')} --tlscert ${file('cert.pem')} --tlskey ${file('key.pem')}`;
}

/**
 * Docker's client encrypts with `DOCKER_TLS_VERIFY`, and with `DOCKER_TLS` without a check of the engine's certificate;
 * the provider and most libraries also with `DOCKER_CERT_PATH` alone, which cannot mean anything else.
 */
function tlsOfEnvironment(environment: NodeJS.ProcessEnv): TlsFiles | undefined {
  const folder = nonEmpty(environment.DOCKER_CERT_PATH);
  const verifies = nonEmpty(environment.DOCKER_TLS_VERIFY) !== undefined;
  const encrypts = nonEmpty(environment.DOCKER_TLS) !== undefined;
  if (folder === undefined && !verifies && !encrypts) return undefined;
  return { folder: folder ?? configFolder(environment), verifies: verifies || !encrypts };
}

function addressOf(text: string, tls: TlsFiles | undefined): Omit<EngineAddress, 'command'> {
  if (!isRemoteHost(text)) {
    if (!/^\w+:\/\/./.test(text)) throw invalidAddress(text);
    return { text, tls: undefined, hasOurFiles: true };
  }
  const url = parse(text);
  if (url.protocol === 'ssh:') return { text, tls: undefined, hasOurFiles: false };
  const isEncrypted = tls !== undefined || url.protocol === 'https:';
  // Docker's client adds these ports too; the provider does not.
  const port = url.port !== '' ? url.port : isEncrypted ? '2376' : '2375';
  if (tls !== undefined) checkFiles(tls, text);
  return {
    text: `${text.slice(0, text.indexOf(':'))}://${url.hostname}:${port}`,
    tls,
    hasOurFiles: false,
  };
}

/** @throws CommandError for an address that Docker does not know either */
function parse(text: string): URL {
  const isKnown = /^(ssh|tcp|https?):\/\/[^/]/.test(text) && !/%(?![0-9a-f]{2})/i.test(text);
  const address = text.replace(/^tcp:/, 'http:');
  if (isKnown && URL.canParse(address)) return new URL(address);
  throw invalidAddress(text);
}

function invalidAddress(text: string): CommandError {
  return new CommandError(
    'docker-host-invalid',
    `The address '${text}' of the Docker Engine is invalid. Use one of these forms: unix:///var/run/docker.sock, ` +
      'ssh://user@server, tcp://server:2376',
  );
}

/** The provider needs all three files. */
function checkFiles({ folder }: TlsFiles, address: string): void {
  const missing = ['ca.pem', 'cert.pem', 'key.pem'].filter((file) => !existsSync(join(folder, file)));
  if (missing.length === 0) return;
  throw new CommandError(
    'docker-tls',
    `The connection to ${address} is encrypted, but the folder ${folder} has no ${missing.join(', ')}. Copy the ` +
      'certificates that were made for this client into it, or set DOCKER_CERT_PATH to their folder.',
  );
}
