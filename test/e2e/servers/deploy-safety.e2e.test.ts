import { containersOf, idsOf, refuseExisting, replaced } from '../harness/engine';
import { Project } from '../harness/project';
import { mustRun, type Outcome, run } from '../harness/run';
import { Server } from '../harness/server';

/** Replaces the project's stacks: a service that is built, a job that it waits for, and an unrelated service. */
const APP = 'bin/trading.ts';
const STACK = 'examples/safety/stack.ts';
const COMPILER = 'examples/safety/bot/compile.js';
const COMPLAINT = "strategy.ts(7,3): error TS2322: Type 'string' is not assignable to type 'number'.";

let server: Server;
let project: Project;

beforeAll(async () => {
  // The oldest engine that the library supports: the other suites run on a newer one.
  server = await Server.start({ suite: 'bookworm', images: ['node:24-slim'] });
  process.env['DOCKER_HOST'] = server.socket;
  process.env['TRADING_ENGINE_VERSION'] = '20.10';
  await refuseExisting('safety');
  project = await Project.copy('docker');
  await project.write(STACK, SAFETY_STACK);
  await project.write('examples/safety/bot/Dockerfile', DOCKERFILE);
  await project.write(COMPILER, "console.log('compiled');\n");
  await project.edit(APP, "'../examples/mt5/stack'", "'../examples/safety/stack'");
  await project.edit(APP, 'import { createMt5Stack }', 'import { createSafetyStack as createMt5Stack }');
  await project.deploy('safety');
});

afterAll(async () => {
  await project.destroy('safety');
  await project.remove();
  await server.remove();
});

/** Runs a deploy that is expected to fail, and returns its outcome and the services whose container changed. */
async function failingDeploy(...options: string[]): Promise<Outcome & { readonly changed: readonly string[] }> {
  const before = await runningServices();
  const outcome = await project.script('deploy', 'safety', '--yes', ...options);
  const after = await runningServices();
  return { ...outcome, changed: [...before].filter(([name, id]) => after.get(name) !== id).map(([name]) => name) };
}

async function runningServices(): Promise<ReadonlyMap<string, string>> {
  const containers = [...(await containersOf('safety'))];
  return idsOf(new Map(containers.filter(([, { State }]) => State.Status === 'running')));
}

describe('a deploy of a running stack on Docker 20.10', () => {
  test('leaves everything running when a build fails, and prints the command that shows the output of the compiler', async () => {
    await project.edit(STACK, "RELEASE = '1'", "RELEASE = '2'");
    await project.write(COMPILER, `console.error(${JSON.stringify(COMPLAINT)}); process.exit(7);\n`);
    const { code, stderr, changed } = await failingDeploy();

    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect([...(await runningServices()).keys()].sort()).toEqual(['bot', 'feed']);
    const command = /^To see the output of the build: (.*)$/m.exec(stderr)?.[1] ?? '';
    const build = await run('sh', ['-c', command], { cwd: project.path('.') });
    expect(`${build.stdout}${build.stderr}`).toContain(COMPLAINT);
    expect(stderr).toContain(
      'The deploy of safety failed while building or pulling images. Running services were not changed.',
    );
    expect(stderr).toContain('Running: safety-feed, safety-bot.');
  });

  test('reports the failed build in one JSON document', async () => {
    const { code, stdout, changed } = await failingDeploy('--json');

    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    const { outcome, message, builds } = JSON.parse(stdout) as Record<string, unknown>;
    expect({ outcome, message }).toEqual({
      outcome: 'failed',
      message: expect.stringContaining('Running services were not changed.') as unknown,
    });
    expect(builds).toEqual([expect.stringMatching(/^docker --host \S+ build --force-rm --file /)]);
  });

  test('leaves every service running when a changed job fails', async () => {
    await project.write(COMPILER, "console.log('compiled again');\n");
    await project.edit(STACK, 'process.exit(0)', "console.error('no such column: leverage'); process.exit(3)");
    const { code, stdout, stderr, changed } = await failingDeploy();

    expect({ code, changed }).toEqual({ code: 1, changed: [] });
    expect(stdout).toContain('no such column: leverage');
    expect(stderr).toContain('The deploy of safety failed while running the jobs. Running services were not changed.');
  });

  test('is completed by the next one when both are fixed', async () => {
    const before = idsOf(await containersOf('safety'));
    await project.edit(STACK, "console.error('no such column: leverage'); process.exit(3)", 'process.exit(0)');
    const printed = await project.deploy('safety');

    expect(replaced(before, idsOf(await containersOf('safety')))).toEqual(['bot', 'migrate']);
    expect(printed).toMatch(/^safety-bot: started/m);
    expect(await project.plannedChanges('safety')).toEqual([]);
  });
});

describe('a rollback after a bad image', () => {
  const DOCKERFILE_PATH = 'examples/safety/bot/Dockerfile';

  test('returns to what ran before, and the code of that deploy has nothing left to change', async () => {
    await project.edit(DOCKERFILE_PATH, 'setInterval(() => {}, 1000)', 'process.exit(9)');
    const image = await imageOfBot();
    const failed = await failingDeploy('--reason', 'a bad image');
    expect(failed.code).toBe(1);
    expect(await imageOfBot()).not.toBe(image);
    expect(failed.stderr).toMatch(/^To go back to the deploy of .*: npm run rollback -- safety \[deploy-failed\]$/m);

    const start = Date.now();
    const { code, stdout } = await project.script('rollback', 'safety', '--yes');
    console.log(`rollback after a bad image: ${((Date.now() - start) / 1000).toFixed(1)} s until everything runs`);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(/\nsafety is back at deploy \w+\.\n/) as unknown,
    });
    expect(await imageOfBot()).toBe(image);

    await project.edit(DOCKERFILE_PATH, 'process.exit(9)', 'setInterval(() => {}, 1000)');
    expect(await project.plannedChanges('safety')).toEqual([]);
  });

  test('leaves the bad image, which is the only one that is removed then', async () => {
    const before = await imageNames();
    const { code } = await project.script('images', 'safety', '--prune', '--yes');

    const after = await imageNames();
    expect(code).toBe(0);
    // Another stack may be tested at the same time, and remove its own.
    const own = before.filter((name) => name.startsWith('safety'));
    expect(own.filter((name) => !after.includes(name))).toEqual([expect.stringMatching(/^safety-bot:/)]);
    expect(after).toContain('node:24-slim');
  });
});

async function imageOfBot(): Promise<string> {
  return (await mustRun('docker', ['inspect', '--format', '{{.Image}}', 'safety-bot'])).trim();
}

async function imageNames(): Promise<string[]> {
  return (await mustRun('docker', ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'])).trim().split('\n');
}

const DOCKERFILE = `FROM node:24-slim
COPY compile.js /app/
RUN node /app/compile.js
CMD ["node", "-e", "setInterval(() => {}, 1000)"]
`;

const SAFETY_STACK = `
import type { App } from 'cdktf';
import { Duration, type Engine, Image, Job, TradingStack, Workload } from '../../lib';

const RELEASE = '1';

export function createSafetyStack(app: App, { engine }: { engine: Engine }): TradingStack {
  const stack = new TradingStack(app, 'safety', { engine, network: { subnet: '10.98.8.0/24' } });
  const image = Image.fromRegistry('node:24-slim');
  const migration = new Job(stack, 'migrate', {
    image,
    environment: { RELEASE },
    command: ['node', '-e', \`process.exit(0)\`],
  });
  new Workload(stack, 'feed', {
    image,
    command: ['node', '-e', 'setInterval(() => {}, 1000)'],
    stopGracePeriod: Duration.seconds(1),
  });
  new Workload(stack, 'bot', {
    image: Image.fromBuild('examples/safety/bot'),
    uses: [migration],
    environment: { RELEASE },
    stopGracePeriod: Duration.seconds(1),
  });
  return stack;
}
`;
