import type { ErrorCode } from '../../index';
import type { EngineAddress } from './address';
import { SshError } from './connection';
import type { Problem } from '../output/output';
import { quoted } from '../output/quoted';

/** Why an engine cannot be reached, and how to fix it. */
export function unreachable(address: EngineAddress, question: string, error: Error): Problem {
  if (error instanceof SshError) return overSsh(address, question, error);
  const reason = reasonIn(error);
  if (isAboutTls(error) || reason.includes(WANTS_TLS)) {
    return problem(
      'docker-tls',
      `The encrypted connection to Docker at ${address.text} failed: ${reason}.`,
      tlsFix(reason, address),
    );
  }
  const what = `Docker does not answer at ${address.text} (${question}: ${reason}).`;
  return problem('docker-unreachable', what, fixFor(address, reason));
}

function fixFor(address: EngineAddress, reason: string): string {
  const { text } = address;
  if (text.startsWith('ssh:')) {
    return `Check that the server is not overloaded, and that this answers: ${loginOf(text).command()} docker version`;
  }
  if (reason.includes('EACCES')) {
    return 'Add your user to the group of the socket, and log in again: sudo usermod -aG docker $USER';
  }
  if (/^(unix|npipe):/.test(text)) return 'Start Docker, or set DOCKER_HOST to the address of the engine.';
  return `Start Docker there, and let it listen on that address; with ssh it does not have to: DOCKER_HOST=ssh://user@${hostOf(address)}`;
}

/** What an engine that encrypts answers to a request that is not encrypted. */
export const WANTS_TLS = 'HTTP request to an HTTPS server';

/** An error of several attempts, as for `localhost` with IPv4 and IPv6, has no message of its own. */
function reasonIn(error: Error): string {
  const { errors } = error as Partial<AggregateError>;
  return errors === undefined ? error.message : errors.map((one: Error) => one.message).join(', ');
}

function isAboutTls(error: Error): boolean {
  const { code = '' } = error as NodeJS.ErrnoException;
  return /^(ERR_SSL|ERR_TLS|ERR_OSSL|EPROTO|CERT_|DEPTH_|UNABLE_TO_|SELF_SIGNED|HOSTNAME_MISMATCH)/.test(code);
}

function tlsFix(reason: string, { tls }: EngineAddress): string {
  if (tls === undefined)
    return 'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH to the folder with ca.pem, cert.pem and key.pem.';
  if (/wrong version number|packet length too long/.test(reason)) {
    return 'The engine does not encrypt: unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH, or start it with --tlsverify.';
  }
  return `Check that the certificates in ${tls.folder} were made for this engine, by the authority that it trusts.`;
}

function hostOf({ text }: EngineAddress): string {
  return new URL(text.replace(/^tcp:/, 'http:')).hostname;
}

function problem(code: ErrorCode, what: string, fix: string): Problem {
  return { code, message: `${what} ${fix}` };
}

/** A cause, as ssh or the shell of the server words it. */
interface Cause {
  readonly code: ErrorCode;
  readonly words: RegExp;
  readonly what: string;
  readonly fix: string;
}

/** The causes that ssh or the server may have printed. The last one fits everything. */
function causesOf({ text }: EngineAddress, printed: string): readonly Cause[] {
  const { hostname } = new URL(text);
  const { login, command } = loginOf(text);
  return [
    {
      code: 'ssh-missing',
      words: /ENOENT/,
      what: 'The program ssh cannot be started',
      fix: 'Install the OpenSSH client, and check that PATH contains it.',
    },
    {
      code: 'ssh-host-key',
      words: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
      what: `The server ${hostname} has another host key than before: it was reinstalled, or another machine answers in its place`,
      fix:
        `Ask its administrator for the fingerprint. If it was reinstalled, remove the former key and log in once to accept ` +
        `the new one: ${removal(printed) ?? `ssh-keygen -R ${quoted(hostname)}`}; ${login}`,
    },
    {
      code: 'ssh-host-key',
      words: /Host key verification failed/,
      what: `This machine does not know the host key of ${hostname} yet`,
      fix: `Log in once, compare the fingerprint and accept it: ${login}`,
    },
    {
      code: 'ssh-login-refused',
      words: /Permission denied \(|Too many authentication failures|UNPROTECTED PRIVATE KEY/,
      what: `The server ${hostname} refuses the login`,
      fix:
        `Commands cannot enter a password, so a key is needed: ${copyId(text)}. ` +
        `A key with a passphrase has to be in the agent: ssh-add. To see which keys are tried: ${command(['-v'])} true`,
    },
    {
      code: 'docker-missing',
      words: /docker: (command )?not found|docker: not found|command not found: docker|'docker' is not recognized/,
      what: `The server ${hostname} has no docker in the PATH of a command over ssh`,
      fix: `Install Docker there (https://docs.docker.com/engine/install), or add its folder to that PATH. To check: ${command()} docker version`,
    },
    {
      code: 'docker-denied',
      words: /connect: permission denied|permission denied while trying to connect/,
      what: `The user of ${text} may not use Docker on ${hostname}`,
      fix: `Add it to the group of the socket: ${command(['-t'])} 'sudo usermod -aG docker $USER'`,
    },
    {
      code: 'docker-unreachable',
      words: /Cannot connect to the Docker daemon|connect: (no such file or directory|connection refused)/,
      what: `The server ${hostname} answers, but Docker does not run there`,
      fix: `Start it: ${command(['-t'])} sudo systemctl start docker`,
    },
    {
      code: 'ssh-unreachable',
      words: /^/,
      what: `The server of ${text} cannot be reached over ssh`,
      fix: `Check the address, and that the login works: ${login}`,
    },
  ];
}

function overSsh(address: EngineAddress, question: string, { exitCode, printed }: SshError): Problem {
  const { hostname } = new URL(address.text);
  // A text that ssh does not print is about the connection if ssh itself failed, and otherwise about Docker.
  const cause = causesOf(address, printed).find(({ words }) => words.test(printed));
  if (cause === undefined) throw new Error('the last cause fits everything');
  const isDocker = cause.code === 'ssh-unreachable' && exitCode !== 255;
  const told = lastLines(printed);
  const detail = `(${question}: ${told === '' ? `ssh ended with exit code ${exitCode ?? ''}` : told})`;
  if (!isDocker) return problem(cause.code, `${cause.what} ${detail}.`, cause.fix);
  return problem(
    'docker-unreachable',
    `Docker on ${hostname} cannot be reached through ssh ${detail}.`,
    'Docker there has to be 25.0 or later (20.10 with engineVersion). To check, run this, which should wait without ' +
      `printing anything: ${loginOf(address.text).command()} docker system dial-stdio`,
  );
}

/** The commands that log in to the server, and that run something there, as they are pasted. */
export function loginOf(text: string): { login: string; command: (options?: readonly string[]) => string } {
  const { username, hostname, port } = new URL(text);
  const target = `${username === '' ? '' : `${username}@`}${hostname.replace(/^\[(.*)\]$/, '$1')}`;
  const command = (options: readonly string[] = []): string =>
    ['ssh', ...options, ...(port === '' ? [] : ['-p', port]), quoted(target)].join(' ');
  return { login: command(), command };
}

function copyId(text: string): string {
  return loginOf(text).login.replace(/^ssh/, 'ssh-copy-id');
}

/** ssh prints the command that removes the former key. */
function removal(printed: string): string | undefined {
  return /ssh-keygen .*-R .*/.exec(printed)?.[0].trim();
}

/** The end of what was printed: before it there may be a greeting of the server. */
function lastLines(printed: string): string {
  const lines = printed.split(/\r?\n/).filter((line) => line.trim() !== '');
  return lines.slice(-2).join('; ');
}
