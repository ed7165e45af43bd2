import type { EngineAddress } from './address';
import { quoted } from '../output/quoted';

/** The host name of the machine that publishes the ports, if it is another one than this. */
export function remoteMachine({ text, hasOurFiles }: EngineAddress): string | undefined {
  if (hasOurFiles) return undefined;
  const host = hostIn(text);
  return !text.startsWith('ssh:') && ['localhost', '127.0.0.1', '::1'].includes(host) ? undefined : host;
}

/**
 * The command that forwards ports of this machine to loopback ports of a server that is reached over ssh.
 * @param ports loopback ports of the server
 * @returns `undefined` if there are none, or the engine is not reached over ssh
 */
export function tunnelCommand({ text }: EngineAddress, ports: readonly number[]): string | undefined {
  if (!text.startsWith('ssh:') || ports.length === 0) return undefined;
  const { username, port } = new URL(text);
  const user = username === '' ? '' : `${decodeURIComponent(username)}@`;
  return tunnelTo([...(port === '' ? [] : [`-p ${port}`]), quoted(`${user}${hostIn(text)}`)].join(' '), ports);
}

/**
 * @param server as ssh takes it, with its options
 * @param ports loopback ports of the server
 */
export function tunnelTo(server: string, ports: readonly number[]): string {
  const forwarded = [...new Set(ports)].map((one) => `-L ${forwardedPort(one)}:127.0.0.1:${one}`);
  return ['ssh -N', ...forwarded, server].join(' ');
}

function hostIn(text: string): string {
  return new URL(text.replace(/^tcp:/, 'http:')).hostname.replace(/^\[(.*)\]$/, '$1');
}

/** Only root may listen on a port below 1024. */
function forwardedPort(port: number): number {
  return port < 1024 ? port + 8000 : port;
}
