import { authorityOf } from '../connections/url';
import { isKnownProgram } from '../images/missing-programs';

/** Programs that send a request, in the order in which they are looked for. */
export const HTTP_PROGRAMS = ['curl', 'wget', 'python3', 'node'] as const;

/** Programs that connect, in the order in which they are looked for. */
export const TCP_PROGRAMS = ['bash', 'python3', 'node', 'nc'] as const;

type HttpProgram = (typeof HTTP_PROGRAMS)[number];
type TcpProgram = (typeof TCP_PROGRAMS)[number];

/** What an HTTP health check requests. */
export interface HttpRequest {
  /** Whether it connects to 127.0.0.1 instead of the container's address on the network. */
  readonly overLoopback: boolean;
  /** The host in the URL, which is sent as the `Host` header. */
  readonly host: string;
  readonly port: number;
  readonly path: string;
}

/** What a TCP health check connects to. */
export interface TcpConnection {
  /** Whether it connects to 127.0.0.1 instead of the container's address on the network. */
  readonly overLoopback: boolean;
  readonly port: number;
}

export const LOOPBACK = '127.0.0.1';

/**
 * Docker writes the host name with the container's own addresses into /etc/hosts. An alias would not do, because it
 * resolves to other replicas, too; nor would $HOSTNAME, which a program may set to something else. IPv4 comes first:
 * busybox tries only one address, and nginx resolves only IPv4.
 */
const FIND_OWN_ADDRESS =
  'read -r name </proc/sys/kernel/hostname; ip=$name; ' +
  'while read -r address of rest; do case $address:$of in *.*:"$name") ip=$address; break; esac; done </etc/hosts';

const ONLY_LOOPBACK = 'the program listens only on localhost (127.0.0.1 or ::1): let it listen on 0.0.0.0';

/** A line for the shell that sends the request with the program, or with the first that is installed. */
export function httpLine({ overLoopback, host, port, path }: HttpRequest, via?: HttpProgram): string {
  const authority = authorityOf({ scheme: 'http', host, port });
  if (overLoopback) return choose(httpProbes(LOOPBACK, authority, port, path), via);
  const refused = `the program refuses the host name ${host}: add it to its allowed hosts`;
  return [
    `ask() { ${choose(httpProbes('$1', '$2', port, path), via)}; }`,
    FIND_OWN_ADDRESS,
    `ask "$ip" ${authority} && exit`,
    // A program that was slow, or not ready, may answer the second request whatever the host is.
    explanation(
      port,
      `ask "$ip" ${authorityOf({ scheme: 'http', host: 'localhost', port })} 2>/dev/null && ! ask "$ip" ${authority} 2>/dev/null && echo '${refused}' >&2`,
    ),
    'exit 1',
  ].join('; ');
}

/** A line for the shell that connects with the program, or with the first that is installed. */
export function tcpLine({ overLoopback, port }: TcpConnection, via?: TcpProgram): string {
  if (overLoopback) return choose(tcpProbes(LOOPBACK, port), via);
  return [
    `ask() { ${choose(tcpProbes('$1', port), via)}; }`,
    FIND_OWN_ADDRESS,
    'ask "$ip" && exit',
    explanation(port),
    'exit 1',
  ].join('; ');
}

/**
 * What is wrong, from the sockets that the kernel lists: asking again would take processor time from a program that is
 * starting. 0A is a socket that listens.
 * @param whenReachable what to try if the program listens on other addresses
 */
function explanation(port: number, whenReachable = ':'): string {
  const listening = `:${port.toString(16).toUpperCase().padStart(4, '0')}:0A`;
  const loopback = `*0100007F${listening}|${'0'.repeat(24)}01000000${listening}`;
  return (
    'for sockets in /proc/net/tcp*; do while read -r _ at _ state _; do ' +
    `case $at:$state in ${loopback}) local=1;; *${listening}) others=1; esac; done <"$sockets"; done; ` +
    `if [ "$others" ]; then ${whenReachable}; elif [ "$local" ]; then echo '${ONLY_LOOPBACK}' >&2; fi`
  );
}

/** Without any proxy that the workload is configured with. The address and the host may be variables of the shell. */
function httpProbes(address: string, host: string, port: number, path: string): Record<HttpProgram, string> {
  const url = `http://${address}:${port}${path}`;
  return {
    curl: `curl --noproxy '*' -fsS -o /dev/null -H "Host: ${host}" "${url}"`,
    wget: `http_proxy= wget -q -O /dev/null --header "Host: ${host}" "${url}"`,
    // Docker keeps the first 4096 bytes of what a probe prints, which a traceback would fill.
    python3: `http_proxy= python3 -c "import sys, urllib.request as r; sys.tracebacklimit = 0; r.urlopen(r.Request('${url}', headers={'Host': '${host}'}))"`,
    // Like the others, it prints why it failed.
    node: `node -e "const fail = why => { console.error(why); process.exit(1) }; require('http').get('${url}', {agent: false, headers: {Host: '${host}'}}, r => r.statusCode < 400 ? process.exit(0) : fail('HTTP status ' + r.statusCode)).on('error', e => fail(e.message))"`,
  };
}

/** The address may be a variable of the shell. */
function tcpProbes(address: string, port: number): Record<TcpProgram, string> {
  return {
    bash: `bash -c "</dev/tcp/${address}/${port}"`,
    python3: `python3 -c "import socket, sys; sys.tracebacklimit = 0; socket.create_connection(('${address}', ${port})).close()"`,
    node: `node -e "require('net').connect(${port}, '${address}').on('connect', () => process.exit(0)).on('error', e => { console.error(e.message); process.exit(1) })"`,
    nc: `nc -z ${address} ${port}`,
  };
}

function choose<Program extends string>(probes: Readonly<Record<Program, string>>, via: Program | undefined): string {
  if (via !== undefined) return probes[via];
  const branches = Object.entries(probes).map(
    ([program, line], index) => `${index === 0 ? 'if' : 'elif'} command -v ${program} >/dev/null; then ${String(line)}`,
  );
  const otherwise = `else echo 'the health check needs ${Object.keys(probes).join(', ')}' >&2; exit 1; fi`;
  return [...branches, otherwise].join('; ');
}

/**
 * What a line of {@link httpLine} or {@link tcpLine} does, for a plan, in which it is all that there is:
 * `GET http://feature-api:8000/health`. `undefined` for any other line, also for one of another version of this library.
 */
export function describeProbe(line: string): string | undefined {
  const overLoopback = !line.startsWith('ask()');
  const [, port, path] = /http:\/\/[^:/]+:(\d+)(\/[^"']*)/.exec(line) ?? [];
  if (port !== undefined && path !== undefined) {
    const [, host = ''] = /ask "\$ip" ([^\s:]+)/.exec(line) ?? /Host'?: '?([^\s:"']+)/.exec(line) ?? [];
    const request = { overLoopback, host, port: Number(port), path };
    return describeIfOneOf(HTTP_PROGRAMS, (via) => httpLine(request, via), line, `GET http://${host}:${port}${path}`);
  }
  const numbers = new Set((line.match(/\b\d+\b/g) ?? []).map(Number));
  return [...numbers]
    .map((number) => {
      const connection = { overLoopback, port: number };
      return describeIfOneOf(TCP_PROGRAMS, (via) => tcpLine(connection, via), line, `TCP port ${number}`);
    })
    .find(Boolean);
}

function describeIfOneOf<Program extends string>(
  programs: readonly Program[],
  lineWith: (via?: Program) => string,
  line: string,
  description: string,
): string | undefined {
  if (line === lineWith()) return description;
  const via = programs.find((program) => line === lineWith(program));
  return via === undefined ? undefined : `${description} with ${via}`;
}

/**
 * Known programs that a command line starts, in groups of which one has to be installed: each program, or any of them
 * if the line has alternatives (`curl … || wget …`). Quoted parts are ignored, except `$(…)`: it is better to accept a
 * line that fails than to refuse one that works.
 */
export function programsStartedBy(line: string): string[][] {
  const bare = line.replace(/'[^']*'/g, "''").replace(/"[^"]*"/g, (text) => (text.includes('$(') ? text : '""'));
  const started = bare.split(/\$\(|[;&|(\n]+/).flatMap((command) => {
    const words = command.trim().split(/\s+/);
    const program = words.find((word) => !BEFORE_A_PROGRAM.test(word));
    return program !== undefined && isKnownProgram(program) ? [program] : [];
  });
  const programs = [...new Set(started)];
  const hasAlternatives = /\|\||(^|[\s;])if\s/.test(bare);
  return hasAlternatives && programs.length > 0 ? [programs] : programs.map((program) => [program]);
}

/** Keywords of the shell, and variables for one command. */
const BEFORE_A_PROGRAM = /^(if|then|elif|else|while|until|do|exec|time|!|\{|[A-Za-z_][A-Za-z0-9_]*=\S*)$/;
