import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { containersOf, refuseExisting } from '../harness/engine';
import { Project } from '../harness/project';
import { RecordingEngine } from '../harness/recording-engine';
import { Registry } from '../harness/registry';
import { mustRun, type Outcome, run } from '../harness/run';

/** Replaces the project's stacks: one service, whose image is pulled with a login. */
const STACK = 'examples/login/stack.ts';
const IMAGE = 'node:24-slim';
const USER = 'desk';
const PASSWORD = 'canary-password-of-the-registry';
const HUB = 'https://index.docker.io/v1/';

let registry: Registry;
let engine: RecordingEngine;
let project: Project;
/** The folder of Docker's client. */
let config: string;

beforeAll(async () => {
  await refuseExisting('login');
  registry = await Registry.start(USER, PASSWORD);
  config = await mkdtemp(join(tmpdir(), 'trading-stack-docker-'));
  await logIn(registry.address, PASSWORD);
  await mustRun('docker', ['tag', IMAGE, `${registry.address}/desk/bot:1`]);
  await mustRun('docker', ['--config', config, 'push', `${registry.address}/desk/bot:1`]);
  engine = await RecordingEngine.start(IMAGE);
  project = await Project.copy('docker', { DOCKER_HOST: engine.host, DOCKER_CONFIG: config });
  await project.edit('bin/trading.ts', "'../examples/mt5/stack'", "'../examples/login/stack'");
});

afterAll(async () => {
  await project.destroy('login');
  await project.remove();
  await engine.stop();
  await registry.remove();
  await rm(config, { recursive: true, force: true });
});

/** Stores a login as `docker login` does without a credential helper. */
async function logIn(server: string, password: string): Promise<void> {
  const auth = Buffer.from(`${USER}:${password}`).toString('base64');
  await writeFile(join(config, 'config.json'), JSON.stringify({ auths: { [server]: { auth } } }));
}

/** Deploys the service with an image that the engine does not have. */
async function deploy(image: string, registries: readonly string[]): Promise<Outcome> {
  await run('docker', ['image', 'rm', '--force', image]);
  engine.pulls.length = 0;
  await project.write(STACK, LOGIN_STACK.replace('IMAGE', image).replace('REGISTRIES', JSON.stringify(registries)));
  return project.script('deploy', 'login', '--yes');
}

describe('a registry that asks for a login', () => {
  test('gets that of docker login, which is in no file of the project', async () => {
    const image = `${registry.address}/desk/bot:1`;
    const { code, stderr } = await deploy(image, [registry.address]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(engine.pulls).toEqual([{ image, username: USER, password: PASSWORD }]);
    expect((await containersOf('login')).get('bot')?.State.Status).toBe('running');
    for (const file of ['cdktf.out/stacks/login/cdk.tf.json', 'terraform.login.tfstate']) {
      const content = await readFile(project.path(file), 'utf8');
      expect(content).not.toContain(PASSWORD);
      expect(content).not.toContain(Buffer.from(`${USER}:${PASSWORD}`).toString('base64'));
    }
    expect(await project.script('diff', 'login', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('ends a deploy that it refuses the login of, before anything is changed', async () => {
    await logIn(registry.address, 'wrong');
    const before = await containersOf('login');
    const { code, stderr } = await deploy(`${registry.address}/desk/bot:2`, [registry.address]);

    expect(code).toBe(1);
    expect(stderr).toMatch(
      /refuses the login of desk .*unauthorized.*\nNothing was changed\. \[registry-login-refused\]\n$/i,
    );
    expect(engine.pulls).toEqual([]);
    expect((await containersOf('login')).get('bot')?.Id).toBe(before.get('bot')?.Id);
  });

  test('gets the login of a credential helper', async () => {
    await mkdir(join(config, 'bin'));
    const helper = join(config, 'bin/docker-credential-desk');
    const login = JSON.stringify({ ServerURL: registry.address, Username: USER, Secret: PASSWORD });
    await writeFile(helper, `#!/bin/sh\nread server\n[ "$server" = ${registry.address} ] && echo '${login}'\n`);
    await chmod(helper, 0o755);
    const settings = { auths: { [registry.address]: {} }, credsStore: 'desk' };
    await writeFile(join(config, 'config.json'), JSON.stringify(settings));
    await project.destroy('login');
    process.env['PATH'] = `${join(config, 'bin')}:${process.env['PATH'] ?? ''}`;

    const { code, stderr } = await deploy(`${registry.address}/desk/bot:1`, [registry.address]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(engine.pulls).toMatchObject([{ username: USER, password: PASSWORD }]);
  });
});

describe('Docker Hub', () => {
  test.each([
    ['docker.io', 'desk/bot:3'],
    ['https://index.docker.io/v1/', 'docker.io/desk/bot:4'],
    ['registry-1.docker.io', 'bot:5'],
  ])('gets the one login that Docker has for it: registries [%s], image %s', async (name, image) => {
    await logIn(HUB, PASSWORD);
    const { code, stderr } = await deploy(image, [name]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(engine.pulls).toMatchObject([{ username: USER, password: PASSWORD }]);
  });
});

describe('an image that is built on one of the registry', () => {
  let base: string;

  /** Puts another version of the base image into the registry, under the tag that it had before. */
  async function publishBase(version: string): Promise<void> {
    await mustRun('sh', ['-c', `printf 'FROM ${IMAGE}\\nLABEL version=${version}\\n' | docker build -t ${base} -`]);
    await mustRun('docker', ['--config', config, 'push', base]);
  }

  async function runningVersion(): Promise<string> {
    const id = (await containersOf('login')).get('bot')?.Id ?? '';
    return (await mustRun('docker', ['inspect', '--format', '{{.Config.Labels.version}} {{.Id}}', id])).trim();
  }

  beforeAll(async () => {
    base = `${registry.address}/desk/base:1`;
    await logIn(registry.address, PASSWORD);
    await publishBase('1');
    await project.write('examples/login/bot/Dockerfile', `FROM ${base}\nRUN date +%N > /built\n`);
    await writeStack();
    await project.destroy('login');
    await project.deploy('login');
  });

  async function writeStack(options = '{}'): Promise<void> {
    const builds = LOGIN_STACK.replace(
      "Image.fromRegistry('IMAGE')",
      `Image.fromBuild('examples/login/bot', ${options})`,
    )
      .replace('REGISTRIES', JSON.stringify([`http://${registry.address}`]))
      // The engine that records pulls passes no build sessions on.
      .replace(
        'engineVersion',
        `host: '${process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'}', engineVersion`,
      );
    await project.write(STACK, builds);
  }

  test('is built on the new base image by deploy --pull, and replaces nothing if there is none', async () => {
    const before = await runningVersion();
    await mustRun('docker', ['tag', base, 'desk-base:old']);
    await publishBase('2');
    await mustRun('docker', ['tag', 'desk-base:old', base]);

    expect(await project.deploy('login', '--pull')).toContain(`${base}: pulled\n`);
    const after = await runningVersion();
    expect([before, after]).toEqual([expect.stringMatching(/^1 /), expect.stringMatching(/^2 /)]);
    expect(await project.script('diff', 'login', '--detailed-exitcode')).toMatchObject({ code: 0 });

    const again = await project.deploy('login', '--pull');
    expect(again).toContain(`${base}: up to date\n`);
    expect(await runningVersion()).toBe(after);
  });

  test('is built again by deploy --no-cache', async () => {
    const before = await runningVersion();
    await project.deploy('login', '--no-cache');
    expect(await runningVersion()).not.toBe(before);
    expect(await project.script('diff', 'login', '--detailed-exitcode')).toMatchObject({ code: 0 });
  });

  test('is pushed as a version, which only deploy --overwrite replaces and destroy keeps', async () => {
    const digestInRegistry = async (): Promise<string | null> => {
      const accept = 'application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json';
      const authorization = `Basic ${Buffer.from(`${USER}:${PASSWORD}`).toString('base64')}`;
      const url = `http://${registry.address}/v2/desk/gateway/manifests/v1.0.0`;
      const { headers } = await fetch(url, { method: 'HEAD', headers: { accept, authorization } });
      return headers.get('docker-content-digest');
    };
    await writeStack(`{ name: '${registry.address}/desk/gateway:v1.0.0', push: true }`);
    await project.deploy('login');
    const first = await digestInRegistry();
    expect(first).toMatch(/^sha256:/);
    expect(await project.script('diff', 'login', '--detailed-exitcode')).toMatchObject({ code: 0 });

    await project.write('examples/login/bot/Dockerfile', `FROM ${base}\nRUN echo 2 > /built\n`);
    const refused = await project.script('deploy', 'login', '--yes');
    expect(refused).toMatchObject({ code: 1 });
    expect(refused.stderr).toMatch(/with other content.*--overwrite\nNothing was changed. \[version-taken\]\n$/s);
    expect(await digestInRegistry()).toBe(first);

    await project.deploy('login', '--overwrite');
    const second = await digestInRegistry();
    expect(second).toMatch(/^sha256:/);
    expect(second).not.toBe(first);
    await project.destroy('login');
    expect(await digestInRegistry()).toBe(second);
  });
});

const LOGIN_STACK = `
import type { App } from 'cdktf';
import { Duration, Engine, Image, TradingStack, Workload } from '../../lib';

export function createMt5Stack(app: App): TradingStack {
  const engine = Engine.docker({ engineVersion: '20.10', registries: REGISTRIES });
  const stack = new TradingStack(app, 'login', { engine, network: { subnet: '10.98.9.0/24' } });
  new Workload(stack, 'bot', {
    image: Image.fromRegistry('IMAGE'),
    command: ['node', '-e', 'setInterval(() => {}, 1000)'],
    stopGracePeriod: Duration.seconds(1),
  });
  return stack;
}
`;
