import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Duration, HealthCheck } from '../../../lib';

/** Where the programs that a probe may run are on this machine; missing ones are not tested. */
const INSTALLED = new Map<string, string>(
  ['curl', 'wget', 'python3', 'bash', 'nc', 'node', 'stat', 'date'].flatMap((program) => {
    const location = locate(program);
    return location === undefined ? [] : [[program, location] as const];
  }),
);

const HTTP_PROGRAMS = ['curl', 'wget', 'python3', 'node'].filter((program) => INSTALLED.has(program));
const TCP_PROGRAMS = ['bash', 'python3', 'node', 'nc'].filter((program) => INSTALLED.has(program));

const ANSWERS = new Map([
  ['/health', 200],
  ['/empty', 204],
  ['/query?deep=1&fast=1', 200],
  ['/missing', 404],
]);

let bin: string;
let server: Server;
let port: number;

beforeEach(async () => {
  bin = mkdtempSync(join(tmpdir(), 'bin-'));
  server = createServer(({ url }, response) => {
    response.writeHead(ANSWERS.get(url ?? '') ?? 500);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  rmSync(bin, { recursive: true });
  await stopServer();
});

/** Runs the line of a check as the engine does, in an image that only has these programs. */
async function run(
  check: HealthCheck,
  programs: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly exitCode: number | null; readonly printed: string }> {
  for (const program of programs) symlinkSync(INSTALLED.get(program) ?? '/missing', join(bin, program));
  const [form, line = ''] = check.toSpec().test;
  expect(form).toBe('CMD-SHELL');
  const shell = spawn('/bin/sh', ['-c', line], { env: { ...env, PATH: bin }, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => shell.on('close', resolve));
  const [exitCode, ...outputs] = await Promise.all([ended, text(shell.stdout), text(shell.stderr)]);
  return { exitCode, printed: outputs.join('') };
}

async function exitCode(...[check, programs, env]: Parameters<typeof run>): Promise<number | null> {
  return (await run(check, programs, env)).exitCode;
}

async function stopServer(): Promise<void> {
  await new Promise((closed) => server.close(closed));
}

describe.each(HTTP_PROGRAMS)('asking over HTTP with %s', (program) => {
  test.each(['/health', '/empty', '/query?deep=1&fast=1'])(
    'an HTTP check is healthy when %s answers below 400',
    async (path) => {
      expect(await exitCode(HealthCheck.http(port, { path }), [program])).toBe(0);
    },
  );

  test.each(['/missing', '/broken', '/query?deep=1'])(
    'an HTTP check is unhealthy when %s answers 400 or above',
    async (path) => {
      expect(await exitCode(HealthCheck.http(port, { path }), [program])).not.toBe(0);
    },
  );

  test('an HTTP check is unhealthy when nothing answers', async () => {
    await stopServer();
    expect(await exitCode(HealthCheck.http(port), [program])).not.toBe(0);
  });

  test('an HTTP check is healthy when `via` names the program', async () => {
    const via = program as 'curl';
    expect(await exitCode(HealthCheck.http(port, { via }), [program])).toBe(0);
  });
});

test.each(HTTP_PROGRAMS.filter((program) => program !== 'wget'))(
  'a failed HTTP check with %s ends its output with the status, for the log of the health check',
  async (program) => {
    const { printed } = await run(HealthCheck.http(port, { path: '/missing' }), [program]);
    expect(printed.trim().split('\n').at(-1)).toContain('404');
  },
);

test('an HTTP check with node that nothing answers prints why', async () => {
  await stopServer();
  expect((await run(HealthCheck.http(port), ['node'])).printed).toContain(`ECONNREFUSED 127.0.0.1:${port}`);
});

test('an HTTP check with node that succeeds prints nothing', async () => {
  expect((await run(HealthCheck.http(port), ['node'])).printed).toBe('');
});

test.each(HTTP_PROGRAMS.filter((program) => program !== 'node'))(
  'an HTTP check with %s ignores the proxy of the workload',
  async (program) => {
    const env = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9' };
    expect(await exitCode(HealthCheck.http(port), [program], env)).toBe(0);
  },
);

describe.each(TCP_PROGRAMS)('connecting with %s', (program) => {
  test('a TCP check is healthy when the port is open', async () => {
    expect(await exitCode(HealthCheck.tcp(port), [program])).toBe(0);
  });

  test('a TCP check is unhealthy when the port is closed', async () => {
    await stopServer();
    expect(await exitCode(HealthCheck.tcp(port), [program])).not.toBe(0);
  });
});

test.each([
  ['HTTP', () => HealthCheck.http(port)],
  ['TCP', () => HealthCheck.tcp(port)],
])('a check over %s is unhealthy in an image without any of the programs', async (_what, check) => {
  expect(await exitCode(check(), [])).toBe(1);
});

describe('a heartbeat file', () => {
  const check = (): HealthCheck => HealthCheck.heartbeatFile(join(bin, 'beat'), { maximumAge: Duration.seconds(30) });
  const beat = (): Promise<number | null> => exitCode(check(), ['stat', 'date']);

  function touch(secondsAgo: number): void {
    const time = Date.now() / 1000 - secondsAgo;
    writeFileSync(join(bin, 'beat'), '');
    utimesSync(join(bin, 'beat'), time, time);
  }

  test('a heartbeat file that was touched recently is healthy', async () => {
    touch(10);
    expect(await beat()).toBe(0);
  });

  test('a heartbeat file that was touched too long ago is unhealthy', async () => {
    touch(40);
    expect(await beat()).not.toBe(0);
  });

  test('a missing heartbeat file is unhealthy', async () => {
    expect(await beat()).not.toBe(0);
  });
});

/** The program itself, not the script of a version manager, which needs other programs. */
function locate(program: string): string | undefined {
  const question = program === 'python3' ? 'python3 -c "import sys; print(sys.executable)"' : `command -v ${program}`;
  try {
    const location = execFileSync('/bin/sh', ['-c', question], { encoding: 'utf8', stdio: 'pipe' }).trim();
    return existsSync(location) ? location : undefined;
  } catch {
    return undefined;
  }
}
