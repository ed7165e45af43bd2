import { isKnownProgram } from '../images/known-images';

/** Command lines for the same probe, by the program that each of them needs. */
export type Probes = Readonly<Record<string, string>>;

/** Requests a URL, without any proxy that the workload is configured with. */
export function httpProbes(url: string): Probes {
  return {
    curl: `curl --noproxy '*' -fsS -o /dev/null '${url}'`,
    wget: `http_proxy= wget -q -O /dev/null '${url}'`,
    python3: `http_proxy= python3 -c "import urllib.request as r; r.urlopen('${url}')"`,
    // Like the others, it prints why it failed.
    node: `node -e "const fail = why => { console.error(why); process.exit(1) }; require('http').get('${url}', r => r.statusCode < 400 ? process.exit(0) : fail('HTTP status ' + r.statusCode)).on('error', e => fail(e.message))"`,
  };
}

/** Connects to a port of the container itself. */
export function tcpProbes(port: number): Probes {
  return {
    bash: `bash -c '</dev/tcp/127.0.0.1/${port}'`,
    python3: `python3 -c "import socket; socket.create_connection(('127.0.0.1', ${port})).close()"`,
    node: `node -e "require('net').connect(${port}, '127.0.0.1').on('connect', () => process.exit(0)).on('error', () => process.exit(1))"`,
    nc: `nc -z 127.0.0.1 ${port}`,
  };
}

/** A command line that runs the first probe whose program is installed. */
export function firstInstalled(probes: Probes): string {
  const branches = Object.entries(probes).map(
    ([program, line], index) => `${index === 0 ? 'if' : 'elif'} command -v ${program} >/dev/null; then ${line}`,
  );
  const otherwise = `else echo 'the health check needs ${Object.keys(probes).join(', ')}' >&2; exit 1; fi`;
  return [...branches, otherwise].join('; ');
}

/**
 * What a command line of {@link httpProbes} or {@link tcpProbes} does, for a plan, in which it is all that there is:
 * `GET http://localhost:8000/health`. `undefined` for any other line, also for one of another version of this library.
 */
export function describeProbe(line: string): string | undefined {
  const [url] = /http:\/\/127\.0\.0\.1:\d+\/[^'\s]*/.exec(line) ?? [];
  if (url !== undefined) return describeIfOneOf(httpProbes(url), line, `GET ${url.replace('127.0.0.1', 'localhost')}`);
  const numbers = new Set((line.match(/\b\d+\b/g) ?? []).map(Number));
  return [...numbers].map((port) => describeIfOneOf(tcpProbes(port), line, `TCP port ${port}`)).find(Boolean);
}

function describeIfOneOf(probes: Probes, line: string, description: string): string | undefined {
  if (line === firstInstalled(probes)) return description;
  const via = Object.keys(probes).find((program) => probes[program] === line);
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
