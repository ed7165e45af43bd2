import { DeskFixture, HEALTHY, RUNNING } from '../desk/fixture';

const desk = new DeskFixture();

/** The plans and applies of Terraform, in order. */
function steps(): string[] {
  return desk.project.terraformCommands.filter((command) => /^(plan|apply)/.test(command));
}

/** What the deploys had the engine pull. */
function pulls(): string[] {
  return desk.engine.state.pulls.map(({ image }) => image);
}

describe('deploy --pull', () => {
  test('pulls every image of the stack once before it plans, and says which of them are new', async () => {
    desk.engine.state.images = ['node:24-slim', 'redis:7.4-alpine'];
    desk.engine.state.inRegistry = { 'node:24-slim': 'sha256:new', 'redis:7.4-alpine': 'sha256:4f8b' };
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--pull']);
    expect(pulls()).toEqual(['redis:7.4-alpine', 'node:24-slim']);
    expect(stdout).toMatch(/^redis:7.4-alpine: up to date\nnode:24-slim: pulled\n/m);
    expect(steps()).toEqual(['plan', 'apply']);
  });

  test('pulls the base images of a build and builds on them, without anything that has a digest', async () => {
    desk.project.write('bot/Dockerfile', BOT);
    desk.engine.state.inRegistry = { 'golang:1.25': 'sha256:a', 'debian:13-slim': 'sha256:b', 'tini:1': 'sha256:c' };
    desk.engine.state.images = ['node:24-slim', 'redis:7.4-alpine'];
    const { stdout } = await desk.run(['deploy', 'desk', '--yes', '--pull'], {}, 'build');
    expect(pulls()).toEqual(['redis:7.4-alpine', 'node:24-slim', 'golang:1.25', 'debian:13-slim', 'tini:1']);
    expect(stdout).toContain('with the base images that were pulled');
    expect(steps()[0]).toBe('plan -replace=docker_image.platform_image-desk-bot_B1FB0311');
  });

  test('ends before a plan if an image cannot be pulled, with every one of these images', async () => {
    desk.engine.state.images = ['node:24-slim'];
    desk.engine.state.pullError = 'manifest unknown';
    const { exitCode, stderr } = await desk.run(['deploy', 'desk', '--yes', '--pull']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      'redis:7.4-alpine cannot be pulled: manifest unknown. Check its name, and that the engine reaches its registry\n' +
        'node:24-slim cannot be pulled: manifest unknown. The engine has an image of that name: deploy without --pull to use it.',
    );
    expect(stderr).toContain('Nothing was changed.');
    expect(steps()).toEqual([]);
  });
});

describe('deploy --no-cache', () => {
  const image = 'docker_image.platform_image-desk-bot_B1FB0311';
  const bot = 'docker_container.desk-bot';

  beforeEach(() => {
    desk.project.write('bot/Dockerfile', BOT);
    desk.engine.state.containers = [...RUNNING, { name: 'desk-bot', ...HEALTHY }];
  });

  test('builds images again without the cache, before it replaces the containers of those that changed', async () => {
    const content = '0123456789abcdef';
    const after = { name: `desk-bot:${content}`, build: [{ context: '../../../bot' }], triggers: { content } };
    desk.project.changes = {
      [image]: { actions: ['delete', 'create'], before: after, after, reason: 'replace_by_request' },
      [bot]: { actions: ['delete', 'create'] },
    };
    const { exitCode, stdout } = await desk.run(['deploy', 'desk', '--yes', '--no-cache'], {}, 'build');
    expect(exitCode).toBe(0);
    const noCache = '-var=cdktf_trading_stack_no_cache=true';
    expect(steps()).toEqual([
      `plan ${noCache} -replace=${image}`,
      `plan ${noCache} -replace=${image} -target=${image}`,
      'apply',
      'plan',
      'apply',
    ]);
    expect(stdout).toContain('desk-bot: without the build cache (rebuilt)');
    expect(pulls()).toEqual([]);
  });

  test('changes nothing about a stack without builds', async () => {
    await desk.run(['deploy', 'desk', '--yes', '--no-cache']);
    expect(steps()).toEqual(['plan', 'apply']);
  });

  test('is part of the command that answers the question', async () => {
    const { stderr } = await desk.run(['deploy', 'desk', '--pull', '--no-cache']);
    expect(stderr).toContain('npm run deploy -- desk --pull --no-cache --yes');
  });
});

const BOT = `
FROM golang:1.25 AS build
FROM node:24-slim@sha256:${'0'.repeat(64)} AS front
FROM debian:13-slim
COPY --from=build /bot /bot
COPY --from=tini:1 /tini /tini
`;
