import { DeskFixture, RUNNING } from '../../desk/fixture';

const desk = new DeskFixture();
const OLD = 'desk-bot:aaaaaaaaaaaaaaaa';
const IDS = {
  'node:24-slim': 'sha256:node',
  'redis:7.4-alpine': 'sha256:redis',
  'desk-bot:bbbbbbbbbbbbbbbb': 'sha256:bad',
  [OLD]: 'sha256:old',
  'night-bot:cccccccccccccccc': 'sha256:night',
  'postgres:17-alpine': 'sha256:other',
};

/** A desk with a service that is built, and what builds and other stacks have left on the engine. */
beforeEach(async () => {
  desk.project.write('bot/Dockerfile', 'FROM node:24-slim\nCMD ["node", "main.js"]\n');
  desk.engine.state.images = Object.keys(IDS);
  desk.engine.state.imageIds = IDS;
  desk.engine.state.containers = [...RUNNING, { name: 'desk-bot', status: 'running' }];
  await desk.run(['deploy', 'desk', '--yes'], {}, 'build');
  desk.engine.state.actions = [];
});

function removed(): string[] {
  return desk.engine.state.actions.filter((action) => action.startsWith('DELETE /images'));
}

describe('images', () => {
  test('lists what the stack builds, and what its deploys have run, with what needs it', async () => {
    desk.engine.state.containers = [...RUNNING, { name: 'other', image: 'sha256:old', labels: {} }];
    const { stdout } = await desk.run(['images', 'desk', '--json'], {}, 'build');
    const { images } = JSON.parse(stdout) as { images: { name: string; containers: number; deploys: string[] }[] };

    expect(images.map(({ name, containers, deploys }) => [name, containers, deploys.length])).toEqual([
      ['node:24-slim', 0, 1],
      ['redis:7.4-alpine', 0, 1],
      ['desk-bot:bbbbbbbbbbbbbbbb', 0, 0],
      [OLD, 1, 0],
    ]);
    expect(removed()).toEqual([]);
  });

  test('refuses --keep without --prune, which it would do nothing for', async () => {
    const { exitCode, stderr } = await desk.run(['images', 'desk', '--keep', '1'], {}, 'build');

    expect([exitCode, stderr]).toEqual([2, expect.stringContaining("option '--keep' needs '--prune'")]);
  });

  test('--prune removes only what no container and no kept deploy needs, and nothing of others', async () => {
    desk.engine.state.containers = [...RUNNING, { name: 'other', image: 'sha256:old', labels: {} }];
    const { exitCode, stdout } = await desk.run(['images', 'desk', '--prune', '--yes'], {}, 'build');

    expect(exitCode).toBe(0);
    expect(removed()).toEqual(['DELETE /images/desk-bot:bbbbbbbbbbbbbbbb']);
    expect(stdout).toContain('\n1 removed, 50 MiB freed.\n');
    const again = await desk.run(['images', 'desk', '--prune', '--yes'], {}, 'build');
    expect(again.stdout).toContain('Nothing to remove: every image of desk is needed');
  });

  test('--prune keeps the images of as many deploys as --keep says, and says which rollbacks become impossible', async () => {
    const first = JSON.parse((await desk.run(['deploys', 'desk', '--json'])).stdout) as { deploys: { id: string }[] };
    desk.engine.state.imageIds = { ...IDS, 'redis:7.4-alpine': 'sha256:newer' };
    desk.engine.state.images = [...Object.keys(IDS), 'sha256:redis'];
    await desk.run(['deploy', 'desk', '--yes'], {}, 'build');
    desk.engine.state.actions = [];
    const questions: string[] = [];
    desk.context = { isInteractive: true, confirm: (question) => Promise.resolve(void questions.push(question)) };
    await desk.run(['images', 'desk', '--prune', '--keep', '1'], {}, 'build');

    expect(questions).toEqual([
      expect.stringContaining(`After that, ${first.deploys[0]?.id ?? ''} can no longer be rolled back to.`),
    ]);
    expect(removed()).toContain('DELETE /images/sha256:redis');
    expect(removed()).not.toContain('DELETE /images/redis:7.4-alpine');
  });

  test('--prune --yes says too which rollbacks become impossible', async () => {
    const first = JSON.parse((await desk.run(['deploys', 'desk', '--json'])).stdout) as { deploys: { id: string }[] };
    desk.engine.state.imageIds = { ...IDS, 'redis:7.4-alpine': 'sha256:newer' };
    desk.engine.state.images = [...Object.keys(IDS), 'sha256:redis'];
    await desk.run(['deploy', 'desk', '--yes'], {}, 'build');
    const { stdout } = await desk.run(['images', 'desk', '--prune', '--keep', '1', '--yes'], {}, 'build');

    expect(stdout).toContain(`\nAfter that, ${first.deploys[0]?.id ?? ''} can no longer be rolled back to.\n`);
  });

  test('--prune reports what the engine refuses to remove', async () => {
    desk.engine.state.imagesInUse = [OLD];
    const { exitCode, stderr } = await desk.run(['images', 'desk', '--prune', '--yes'], {}, 'build');

    expect(exitCode).toBe(1);
    expect(stderr).toContain(`${OLD} could not be removed: it is being used.`);
    expect(stderr).toContain('1 removed, 50 MiB freed. Run the command again. [image-not-removed]');
  });

  test('--prune needs a confirmation', async () => {
    const { exitCode, stderr } = await desk.run(['images', 'desk', '--prune', '--keep', '1'], {}, 'build');

    expect(exitCode).toBe(2);
    expect(stderr).toContain('npm run images -- desk --prune --keep 1 --yes [no-terminal]');
    expect(removed()).toEqual([]);
  });
});
