import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions } from 'node:http';
import { Agent as TlsAgent } from 'node:https';
import { join } from 'node:path';
import { Duplex } from 'node:stream';
import type { EngineAddress } from './address';

/** How requests reach the engine. */
export interface Connection {
  readonly isEncrypted: boolean;
  readonly options: RequestOptions;
  /** How long the engine may take to answer, with the time to connect; in milliseconds. */
  readonly patience: number;
}

/** Each connection over ssh is a process and a login on the server, which refuses many at the same time. */
export const MOST_CONNECTIONS = 4;

/** A firewall or the server may silently drop a connection that has been idle for longer. */
const IDLE_MILLISECONDS = 10_000;

const PATIENCE_MILLISECONDS = 10_000;
const SSH_CONNECT_SECONDS = 30;

/** ssh ends after three of these checks without an answer: a stream of events has no other time limit. */
const SSH_ALIVE_SECONDS = 15;

/**
 * @param environment the one that ssh runs in
 * @param mostConnections how many requests can be open at the same time
 */
export function connectionTo(
  address: EngineAddress,
  environment: NodeJS.ProcessEnv,
  mostConnections = MOST_CONNECTIONS,
): Connection {
  const { text, tls } = address;
  const patience = PATIENCE_MILLISECONDS;
  const socket = /^(?:unix|npipe):\/\/(.*)$/.exec(text)?.[1];
  if (socket !== undefined) {
    // A new connection costs nothing.
    return { isEncrypted: false, options: { socketPath: socket, agent: false }, patience };
  }
  if (text.startsWith('ssh:')) {
    const options = { host: 'docker', agent: new SshAgent(sshCommand(text), environment, mostConnections) };
    return { isEncrypted: false, options, patience: patience + SSH_CONNECT_SECONDS * 1000 };
  }
  const { hostname, port, protocol } = new URL(text.replace(/^tcp:/, 'http:'));
  const isEncrypted = tls !== undefined || protocol === 'https:';
  const read = (file: string): Buffer => readFileSync(join(tls?.folder ?? '', file));
  const certificates = tls && {
    cert: read('cert.pem'),
    key: read('key.pem'),
    ...(tls.verifies ? { ca: read('ca.pem') } : { rejectUnauthorized: false }),
  };
  const limits = { keepAlive: true, maxSockets: mostConnections, timeout: IDLE_MILLISECONDS };
  return {
    isEncrypted,
    options: {
      // IPv6 addresses have brackets in a URL, but not in a socket address.
      hostname: hostname.replace(/^\[(.*)\]$/, '$1'),
      port,
      agent: isEncrypted ? new TlsAgent({ ...limits, ...certificates }) : new Agent(limits),
    },
    patience,
  };
}

/**
 * The arguments of `ssh` that connect to the engine of a server: those of Docker's client, and a check that the server
 * still answers.
 * @param text `ssh://[user@]host[:port][/path/of/the/socket]`
 */
export function sshCommand(text: string): string[] {
  const { username, hostname, port, pathname } = new URL(text);
  const socket = pathname === '' || pathname === '/' ? [] : ['--host', `unix://${pathname}`];
  return [
    ...['-o', `ConnectTimeout=${SSH_CONNECT_SECONDS}`, '-o', `ServerAliveInterval=${SSH_ALIVE_SECONDS}`, '-T'],
    ...(username === '' ? [] : ['-l', decodeURIComponent(username)]),
    ...(port === '' ? [] : ['-p', port]),
    ...['--', hostname.replace(/^\[(.*)\]$/, '$1'), 'docker', ...socket, 'system', 'dial-stdio'],
  ];
}

/** Opens connections by running `docker system dial-stdio` on the server, and keeps a few of them. */
class SshAgent extends Agent {
  constructor(
    private readonly command: readonly string[],
    private readonly environment: NodeJS.ProcessEnv,
    maxSockets: number,
  ) {
    super({ keepAlive: true, maxSockets });
  }

  override createConnection(): Duplex {
    return new SshConnection(this.command, this.environment);
  }
}

/** The end of a connection over ssh, with what ssh printed. */
export class SshError extends Error {
  /** @param exitCode `undefined` if ssh could not be started */
  constructor(
    readonly exitCode: number | undefined,
    readonly printed: string,
  ) {
    super(printed === '' ? `ssh ended with exit code ${exitCode ?? ''}` : printed);
  }
}

const running = new Set<ChildProcess>();

/** One listener for all of them: Node takes more than ten for a leak, and prints a warning. */
function killRunning(): void {
  for (const child of running) child.kill();
}

function endWithThisProcess(child: ChildProcess): void {
  if (running.size === 0) process.on('exit', killRunning);
  running.add(child);
}

function leaveToItself(child: ChildProcess): void {
  running.delete(child);
  if (running.size === 0) process.off('exit', killRunning);
}

/** The input and output of one ssh process. The methods of a socket are those that an HTTP agent calls. */
class SshConnection extends Duplex {
  private readonly child: ChildProcessWithoutNullStreams;
  private printed = '';
  private idle: NodeJS.Timeout | undefined;

  constructor(command: readonly string[], env: NodeJS.ProcessEnv) {
    super();
    // In a session of its own, so that Ctrl-C on the terminal does not end it before the outcome is known.
    this.child = spawn('ssh', command, {
      env,
      stdio: 'pipe',
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    const { stdin, stdout, stderr } = this.child;
    endWithThisProcess(this.child);
    stdout.on('data', (chunk: Buffer) => {
      if (!this.push(chunk)) stdout.pause();
    });
    stderr.on('data', (chunk: Buffer) => {
      this.printed += chunk.toString('utf8');
    });
    // The end of the process says why.
    stdin.on('error', () => undefined);
    this.child.on('error', (error) => this.destroy(new SshError(undefined, error.message)));
    this.child.on('close', (code) => {
      leaveToItself(this.child);
      if (code === 0) this.push(null);
      else this.destroy(new SshError(code ?? undefined, this.printed.trim()));
    });
  }

  override _read(): void {
    this.child.stdout.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    // Not an error of its own: the end of the process says why.
    this.child.stdin.write(chunk, () => {
      done();
    });
  }

  override _final(done: () => void): void {
    this.child.stdin.end(done);
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.child.kill();
    done(error);
  }

  /** An idle connection does not keep this process alive. */
  unref(): this {
    this.idle = setTimeout(() => this.destroy(), IDLE_MILLISECONDS).unref();
    for (const part of this.parts) part.unref();
    return this;
  }

  ref(): this {
    clearTimeout(this.idle);
    for (const part of this.parts) part.ref();
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setNoDelay(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  private get parts(): readonly { ref: () => unknown; unref: () => unknown }[] {
    const { stdin, stdout, stderr } = this.child;
    // Pipes of a child process are sockets.
    return [this.child, ...([stdin, stdout, stderr] as unknown as { ref: () => unknown; unref: () => unknown }[])];
  }
}
