import { rm } from 'node:fs/promises';
import { eventually } from '../harness/engine';
import { Project } from '../harness/project';
import { missingForServer, Server } from '../harness/server';

/** Replaces the project's stacks: a cache with a password, and a program that reads it and a folder of the server. */
const APP = 'bin/trading.ts';
const STACK = 'examples/remote/stack.ts';
/** The default of RedisCache. */
const REDIS = 'redis:7.4-alpine';

let server: Server;
let project: Project;

beforeAll(async () => {
  const missing = await missingForServer();
  if (missing !== undefined) throw new Error(missing);
  server = await Server.start({ images: [REDIS] });
  project = await Project.copy('docker', server.environment());
  await project.write(STACK, REMOTE_STACK);
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/remote/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createRemoteStack as createMt5Stack }');
}, 600_000);

afterAll(async () => {
  await project.remove();
  await server.remove();
});

describe('a stack on a server that has none of the files of this machine', () => {
  test('is refused by name if a folder that it mounts does not exist there', async () => {
    const { code, stderr } = await project.script('deploy', 'remote', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(/cannot mount \/srv\/models for remote-bot: .*does not exist.* \[bind-source-missing\]/);
    expect(await server.docker('ps', '--all', '--quiet')).toBe('');
  });

  test('is deployed with its secrets, and a second plan is empty', async () => {
    await server.run('root', 'mkdir', '-p', '/srv/models');
    expect(await project.deploy('remote')).toContain('remote is deployed.');
    expect(await passwordLength()).toBe(32);
    expect((await project.script('diff', 'remote', '--detailed-exitcode')).code).toBe(0);
  });

  test('has its password in nothing but the file', async () => {
    const password = (await project.read('.secrets/remote/redis_password')).trim();
    const containers = (await server.docker('ps', '--all', '--quiet')).split('\n');
    const texts = [
      await project.read('cdktf.out/stacks/remote/cdk.tf.json'),
      await project.read('terraform.remote.tfstate'),
      await server.docker('inspect', ...containers),
      ...(await Promise.all(containers.map((one) => server.docker('logs', one).catch(() => '')))),
      await server.docker('history', '--no-trunc', REDIS),
    ];
    for (const text of texts) expect(text).not.toContain(password);
  });

  test('keeps its secrets from other users of the server', async () => {
    const file = await secretOnServer();
    expect((await server.run('root', 'cat', file)).stdout).toHaveLength(32);
    expect((await server.run('visitor', 'cat', file)).stderr).toContain('Permission denied');
  });

  test('is back with its password after the server was started again, without this machine', async () => {
    await server.stop();
    await server.start();
    await eventually(
      () => server.docker('inspect', '--format', '{{.State.Health.Status}}', 'remote-redis'),
      (health) => health === 'healthy',
      90,
    );
    expect(await passwordLength()).toBe(32);
  });

  test('replaces only the consumers of a secret that changed, and keeps the old one for an hour', async () => {
    const before = await containers();
    const old = await volumesOf('remote-bot');
    await project.write('.secrets/remote/broker_key', 'another-key\n');
    await project.deploy('remote');
    const after = await containers();
    expect(after.get('remote-redis')).toBe(before.get('remote-redis'));
    expect(after.get('remote-bot')).not.toBe(before.get('remote-bot'));
    expect(await server.docker('exec', 'remote-bot', 'cat', '/run/secrets/broker_key')).toBe('another-key');
    expect(await volumesOf('remote-bot')).toHaveLength(2);
    expect(await volumesOf('remote-bot')).toEqual(expect.arrayContaining(old));
  });

  test('is healed by a deploy after its secrets were removed on the server', async () => {
    const [volume = ''] = await volumesOf('remote-redis');
    await server.docker('rm', '--force', 'remote-redis', volume);
    await server.docker('volume', 'rm', volume);
    await project.deploy('remote');
    expect(await passwordLength()).toBe(32);
  });

  test('needs a delivery before a plan that is made without the command line', async () => {
    await rm(project.path('.secrets/remote/.delivered.json'));
    await expect(project.terraform('remote', 'plan', '-no-color')).rejects.toThrow(/npm run secrets -- remote/);
    expect((await project.script('secrets', 'remote')).code).toBe(0);
    expect(await project.terraform('remote', 'plan', '-no-color')).toContain('No changes');
  });

  test('cannot be created by Terraform alone if the record is wrong', async () => {
    const [volume = ''] = await volumesOf('remote-redis');
    await server.docker('rm', '--force', 'remote-redis', volume);
    await server.docker('volume', 'rm', volume);
    await expect(project.terraform('remote', 'apply', '-auto-approve', '-no-color')).rejects.toThrow(
      /No such container: remote-redis-secrets-/,
    );
    await project.deploy('remote');
  });

  test('is red if a container runs with an empty secret', async () => {
    const file = await secretOnServer();
    const password = await project.read('.secrets/remote/redis_password');
    await server.run('root', 'sh', '-c', `: > ${file}`);
    const { code, stderr } = await project.script('deploy', 'remote', '--yes');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /secret files of remote-redis are missing or have other content: redis_password.*\[secret-not-delivered\]/s,
    );
    await server.run('root', 'sh', '-c', `printf %s '${password.trim()}' > ${file}`);
  });

  test('leaves nothing of its secrets on the server when it is destroyed', async () => {
    await project.destroy('remote');
    expect(await server.docker('ps', '--all', '--quiet')).toBe('');
    expect(await server.docker('volume', 'ls', '--quiet')).toBe('');
  });
});

async function passwordLength(): Promise<number> {
  const command = 'REDISCLI_AUTH=$(cat /run/secrets/redis_password) redis-cli CONFIG GET requirepass | tail -1';
  return (await server.docker('exec', 'remote-redis', 'sh', '-c', command)).length;
}

async function secretOnServer(): Promise<string> {
  const [volume = ''] = await volumesOf('remote-redis');
  const folder = await server.docker('volume', 'inspect', '--format', '{{.Mountpoint}}', volume);
  return `${folder}/redis_password`;
}

async function volumesOf(container: string): Promise<string[]> {
  const filter = `label=cdktf-trading-stack.secrets-of=${container}`;
  return (await server.docker('volume', 'ls', '--quiet', '--filter', filter)).split('\n').filter((name) => name !== '');
}

async function containers(): Promise<Map<string, string>> {
  const listed = await server.docker('ps', '--format', '{{.Names}} {{.ID}}');
  return new Map(listed.split('\n').map((line) => line.split(' ') as [string, string]));
}

const REMOTE_STACK = `
import type { App } from 'cdktf';
import { BindMount, type Engine, Image, RedisCache, Secret, TradingStack, Workload } from '../../lib';

export function createRemoteStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'remote', { engine });
  new RedisCache(stack, 'redis');
  new Workload(stack, 'bot', {
    image: Image.fromRegistry('${REDIS}'),
    command: ['sleep', '1000000'],
    secrets: { BROKER_KEY: Secret.generated(stack, 'broker_key') },
    bindMounts: [BindMount.readOnly('/srv/models', '/models')],
  });
  return stack;
}
`;
