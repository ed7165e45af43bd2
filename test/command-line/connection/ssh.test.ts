import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { sshCommand } from '../../../lib/command-line/connection/connection';
import { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { DockerWrites } from '../../../lib/command-line/engine/docker-writes';
import { FakeEngine } from '../desk/engine';
import { problem } from '../desk/problem';
import { FakeSsh, type SshBehavior } from '../desk/ssh';

let engine: FakeEngine;
let ssh: FakeSsh | undefined;

beforeEach(async () => {
  engine = await FakeEngine.start();
});

afterEach(async () => {
  ssh?.remove();
  ssh = undefined;
  await engine.stop();
});

/** An engine behind a program `ssh` that behaves like this. */
function reached(behavior: SshBehavior, host = 'ssh://desk@trading-1:2222'): DockerApi {
  ssh = new FakeSsh(behavior);
  return DockerApi.at(engineAddress(host, {}), { PATH: ssh.path });
}

test.each([
  ['ssh://trading-1', '-T -- trading-1 docker system dial-stdio'],
  ['ssh://desk@trading-1:2222', '-T -l desk -p 2222 -- trading-1 docker system dial-stdio'],
  ['ssh://desk@[2001:db8::7]', '-T -l desk -- 2001:db8::7 docker system dial-stdio'],
  ['ssh://trading-1/run/user/1000/docker.sock', 'docker --host unix:///run/user/1000/docker.sock system dial-stdio'],
])("ssh is started with the arguments of Docker's client: %s", (host, command) => {
  expect(sshCommand(host).join(' ')).toMatch(/^-o ConnectTimeout=30 -o ServerAliveInterval=15 -T /);
  expect(sshCommand(host).join(' ')).toContain(command);
});

test('Requests use one connection after another, and a few at the same time', async () => {
  const docker = reached({ socket: engine.socket });
  expect(await docker.version()).toBe('28.2.2');
  expect(await docker.version()).toBe('28.2.2');
  expect(ssh?.starts).toHaveLength(1);
  await Promise.all(Array.from({ length: 20 }, () => docker.networks()));
  expect(ssh?.starts).toHaveLength(4);
});

test('All connections together wait for the end of this program with one listener', async () => {
  const before = process.listenerCount('exit');
  const docker = reached({ socket: engine.socket });
  await Promise.all(Array.from({ length: 4 }, () => docker.networks()));

  expect(ssh?.running).toHaveLength(4);
  // It is there already if a connection of an earlier test is still open.
  expect(process.listenerCount('exit') - before).toBeLessThanOrEqual(1);
});

test('Content is sent and read over ssh as it is', async () => {
  const content = randomBytes(300_000);
  engine.state.containers = [{ name: 'web' }];
  const docker = new DockerWrites(reached({ socket: engine.socket }));
  await docker.putArchive('web', '/run/secrets', content);
  expect(engine.state.containers[0]?.secrets?.equals(content)).toBe(true);
  expect((await docker.getArchive('web', '/run/secrets'))?.equals(content)).toBe(true);
});

test('A connection neither keeps the program alive nor outlives it', async () => {
  ssh = new FakeSsh({ socket: engine.socket, lingers: true });
  const folder = mkdtempSync(join(tmpdir(), 'program-'));
  const script = join(folder, 'program.ts');
  const api = require.resolve('../../../lib/command-line/engine/docker-api');
  const address = require.resolve('../../../lib/command-line/connection/address');
  writeFileSync(
    script,
    `const { DockerApi } = require(${JSON.stringify(api)});
     const { engineAddress } = require(${JSON.stringify(address)});
     DockerApi.at(engineAddress('ssh://desk@trading-1', {})).version().then((version) => console.log(version));`,
  );
  const swc = require.resolve('../../setup/swc-register.js');
  const env = { ...process.env, PATH: ssh.path };
  const { stdout } = await promisify(execFile)(process.execPath, ['-r', swc, script], { env, timeout: 30_000 });
  rmSync(folder, { recursive: true });
  expect(stdout).toBe('28.2.2\n');
  // A signal takes a moment.
  for (let tries = 0; tries < 20 && ssh.running.length > 0; tries += 1) await setTimeout(100);
  const left = ssh.running;
  for (const pid of left) process.kill(pid);
  expect(left).toEqual([]);
});

test.each([
  [
    'ssh-login-refused',
    255,
    'desk@trading-1: Permission denied (publickey,password).',
    ['trading-1 refuses the login', 'ssh-copy-id -p 2222 desk@trading-1'],
  ],
  [
    'ssh-host-key',
    255,
    'Host key verification failed.',
    ['does not know the host key of trading-1', 'ssh -p 2222 desk@trading-1'],
  ],
  [
    'ssh-host-key',
    255,
    '@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nOffending ED25519 key in /home/desk/.ssh/known_hosts:1\n' +
      '  remove with:\n  ssh-keygen -f "/home/desk/.ssh/known_hosts" -R "[trading-1]:2222"\nHost key verification failed.',
    ['another host key than before', 'ssh-keygen -f "/home/desk/.ssh/known_hosts" -R "[trading-1]:2222"; ssh -p 2222'],
  ],
  [
    'ssh-unreachable',
    255,
    'ssh: connect to host trading-1 port 2222: Connection refused',
    ['cannot be reached over ssh', 'Connection refused', 'ssh -p 2222 desk@trading-1'],
  ],
  [
    'docker-missing',
    127,
    'bash: line 1: docker: command not found',
    ['trading-1 has no docker in the PATH', 'ssh -p 2222 desk@trading-1 docker version'],
  ],
  [
    'docker-denied',
    1,
    'failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: permission denied',
    ['may not use Docker on trading-1', "ssh -t -p 2222 desk@trading-1 'sudo usermod -aG docker $USER'"],
  ],
  [
    'docker-unreachable',
    1,
    'failed to open the raw stream connection: dial unix /var/run/docker.sock: connect: no such file or directory',
    ['Docker does not run there', 'ssh -t -p 2222 desk@trading-1 sudo systemctl start docker'],
  ],
  [
    'docker-unreachable',
    1,
    "unknown command 'dial-stdio'",
    ['25.0 or later (20.10 with engineVersion)', 'ssh -p 2222 desk@trading-1 docker system dial-stdio'],
  ],
] as const)('%s: ssh ends with %i', async (code, exitCode, prints, facts) => {
  await expect(reached({ prints, exitCode }).version()).rejects.toMatchObject(problem(code, ...facts) as object);
});

test('A server that drops a connection which ssh has opened is checked over ssh', async () => {
  const closing = createServer((socket) => socket.on('data', () => socket.end()).on('error', () => undefined));
  const socket = join(mkdtempSync(join(tmpdir(), 'closing-')), 'docker.sock');
  await new Promise<void>((resolve) => closing.listen(socket, resolve));
  const refusal: unknown = await reached({ socket })
    .version()
    .catch((error: unknown) => error);
  closing.close();
  rmSync(dirname(socket), { recursive: true });
  expect(refusal).toMatchObject(
    problem('docker-unreachable', 'socket hang up', ': ssh -p 2222 desk@trading-1 docker version') as object,
  );
  expect(String(refusal)).not.toContain('DOCKER_HOST');
});

test('A machine without ssh is told to install it', async () => {
  const docker = DockerApi.at(engineAddress('ssh://desk@trading-1', {}), { PATH: '/nowhere' });
  await expect(docker.version()).rejects.toMatchObject(problem('ssh-missing', 'OpenSSH') as object);
});
