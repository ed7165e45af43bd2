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
let port = 0;

/** The address of the container; programs that listen only on 127.0.0.1 do not answer there. */
const OWN_ADDRESS = '127.0.0.2';

/** What Docker writes into a container on two networks, one of them with IPv6, and with a domain in its host name. */
const HOSTS = `127.0.0.1\tlocalhost\n::1\tlocalhost\nfd00:77::2\tbot.desk bot\n${OWN_ADDRESS}\tbot.desk bot\n127.0.0.3\tbot.desk bot\n`;

/** Host names that the program answers to; `undefined` for every one. */
let allowedHosts: readonly string[] | undefined;
/** How many requests the program refuses before it is ready. */
let refusals = 0;
/** The `Host` header of the last request. */
let host: string | undefined;

beforeEach(async () => {
  bin = mkdtempSync(join(tmpdir(), 'bin-'));
  writeFileSync(join(bin, 'hostname'), 'bot.desk\n');
  writeFileSync(join(bin, 'hosts'), HOSTS);
  allowedHosts = undefined;
  refusals = 0;
  await listen('0.0.0.0');
});

afterEach(async () => {
  rmSync(bin, { recursive: true });
  await stopServer();
});

async function listen(address: string): Promise<void> {
  server = createServer(({ url, headers }, response) => {
    ({ host } = headers);
    const isAllowed = (allowedHosts?.includes(host ?? '') ?? true) && refusals === 0;
    refusals = Math.max(0, refusals - 1);
    response.writeHead(isAllowed ? (ANSWERS.get(url ?? '') ?? 500) : 403);
    response.end();
  });
  await new Promise<void>((listening) => server.listen(port, address, listening));
  ({ port } = server.address() as AddressInfo);
}

/** Runs the line of a check as the engine does, in a container whose image only has these programs. */
async function run(
  check: HealthCheck,
  programs: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ readonly exitCode: number | null; readonly printed: string }> {
  for (const program of programs) symlinkSync(INSTALLED.get(program) ?? '/missing', join(bin, program));
  const [form, test = ''] = check.toSpec('feature-api').test;
  expect(form).toBe('CMD-SHELL');
  const line = test
    .replace('/proc/sys/kernel/hostname', join(bin, 'hostname'))
    .replace('/etc/hosts', join(bin, 'hosts'));
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

async function listenOnly(address: string): Promise<void> {
  await stopServer();
  await listen(address);
}

const LISTENS_ON_LOOPBACK = 'the program listens only on localhost (127.0.0.1 or ::1): let it listen on 0.0.0.0';

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

  test('an HTTP check is healthy when the program listens only on the address of the container', async () => {
    await listenOnly(OWN_ADDRESS);
    expect(await exitCode(HealthCheck.http(port), [program])).toBe(0);
  });

  test('an HTTP check of a program that listens only on 127.0.0.1 is unhealthy, and ends with the fix', async () => {
    await listenOnly('127.0.0.1');
    const { exitCode: code, printed } = await run(HealthCheck.http(port), [program]);
    expect(code).toBe(1);
    expect(printed.trim().split('\n').at(-1)).toBe(LISTENS_ON_LOOPBACK);
  });

  test('an HTTP check is for the host and port in the URLs of consumers', async () => {
    await exitCode(HealthCheck.http(port), [program]);
    expect(host).toBe(`feature-api:${port}`);
  });

  test('an HTTP check of a program that refuses the host of consumers is unhealthy, and ends with the fix', async () => {
    allowedHosts = [`localhost:${port}`];
    const { exitCode: code, printed } = await run(HealthCheck.http(port), [program]);
    expect(code).toBe(1);
    expect(printed.trim().split('\n').at(-1)).toBe(
      'the program refuses the host name feature-api: add it to its allowed hosts',
    );
  });

  test('an HTTP check with a host is for that host, at the address of the container', async () => {
    await listenOnly(OWN_ADDRESS);
    allowedHosts = [`desk.example:${port}`];
    expect(await exitCode(HealthCheck.http(port, { host: 'desk.example' }), [program])).toBe(0);
  });

  test('an HTTP check with the host 127.0.0.1 is healthy when the program listens only there', async () => {
    await listenOnly('127.0.0.1');
    expect(await exitCode(HealthCheck.http(port, { host: '127.0.0.1' }), [program])).toBe(0);
  });
});

test.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])(
  'an HTTP check of a program that listens only on %s says so, whatever it answers there',
  async (address) => {
    await listenOnly(address);
    const { printed } = await run(HealthCheck.http(port, { path: '/broken' }), HTTP_PROGRAMS);
    expect(printed.trim().split('\n').at(-1)).toBe(LISTENS_ON_LOOPBACK);
  },
);

test('an HTTP check of a program that does not listen yet blames neither its address nor its host', async () => {
  await stopServer();
  const { printed } = await run(HealthCheck.http(port), HTTP_PROGRAMS);
  expect(printed).not.toContain('the program');
});

test('an HTTP check of a program that is broken blames neither its address nor its host', async () => {
  const { printed } = await run(HealthCheck.http(port, { path: '/broken' }), HTTP_PROGRAMS);
  expect(printed).not.toContain('the program');
});

test('a check of a container without an IPv4 address resolves the host name', async () => {
  writeFileSync(join(bin, 'hosts'), 'fd00:77::2\tlocalhost\n');
  writeFileSync(join(bin, 'hostname'), 'localhost\n');
  expect(await exitCode(HealthCheck.http(port), HTTP_PROGRAMS)).toBe(0);
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
  expect((await run(HealthCheck.http(port), ['node'])).printed).toContain(`ECONNREFUSED ${OWN_ADDRESS}:${port}`);
});

test('an HTTP check with node that succeeds prints nothing', async () => {
  expect((await run(HealthCheck.http(port), ['node'])).printed).toBe('');
});

test.each(HTTP_PROGRAMS)('an HTTP check with %s ignores the proxy of the workload', async (program) => {
  const env = { http_proxy: 'http://127.0.0.1:9', HTTP_PROXY: 'http://127.0.0.1:9', NODE_USE_ENV_PROXY: '1' };
  expect(await exitCode(HealthCheck.http(port), [program], env)).toBe(0);
});

test('an HTTP check of a program that only answers its second request does not blame the host', async () => {
  refusals = 1;
  const { printed } = await run(HealthCheck.http(port), HTTP_PROGRAMS);
  expect(printed).not.toContain('the program');
});

test('an HTTP check of a broken program that listens on 127.0.0.1, too, does not blame the address', async () => {
  await listenOnly(OWN_ADDRESS);
  const second = createServer((_request, response) => response.writeHead(500).end());
  await new Promise<void>((resolve) => second.listen(port, '127.0.0.1', resolve));
  try {
    const { printed } = await run(HealthCheck.http(port, { path: '/broken' }), HTTP_PROGRAMS);
    expect(printed).not.toContain('the program');
  } finally {
    await new Promise((resolve) => second.close(resolve));
  }
});

describe.each(TCP_PROGRAMS)('connecting with %s', (program) => {
  test('a TCP check is healthy when the port is open', async () => {
    expect(await exitCode(HealthCheck.tcp(port), [program])).toBe(0);
  });

  test('a TCP check is unhealthy when the port is closed', async () => {
    await stopServer();
    expect(await exitCode(HealthCheck.tcp(port), [program])).not.toBe(0);
  });

  test('a TCP check is healthy when the program listens only on the address of the container', async () => {
    await listenOnly(OWN_ADDRESS);
    expect(await exitCode(HealthCheck.tcp(port), [program])).toBe(0);
  });

  test('a TCP check of a program that listens only on 127.0.0.1 is unhealthy, and ends with the fix', async () => {
    await listenOnly('127.0.0.1');
    const { exitCode: code, printed } = await run(HealthCheck.tcp(port), [program]);
    expect(code).toBe(1);
    expect(printed.trim().split('\n').at(-1)).toBe(LISTENS_ON_LOOPBACK);
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
