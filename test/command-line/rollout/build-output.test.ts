import { chmodSync, mkdirSync } from 'node:fs';
import { DeskFixture, KEY } from '../desk/fixture';
import type { FakeChange, Outcome } from '../desk/project';

const BUILD = { context: '../../../bot', dockerfile: 'Dockerfile', target: null, platform: null, build_args: null };

const desk = new DeskFixture();

/** A deploy whose image fails, where Docker's command line is this script. */
function deploy(
  script: string | null,
  build: object = {},
  environment: Readonly<Record<string, string>> = {},
  before: Readonly<Record<string, FakeChange>> = {},
): Promise<Outcome> {
  desk.project.changes = {
    ...before,
    'docker_container.desk-gateway': { actions: ['delete', 'create'] },
    'docker_image.bot': {
      actions: ['create'],
      after: { name: 'desk-bot:1a2b', build: [{ ...BUILD, ...build }] },
      fails: true,
    },
    // Terraform does not come to this one.
    'docker_image.next': { actions: ['create'], after: { name: 'desk-next:3c4d', build: [BUILD] } },
  };
  const folder = `${desk.project.folder}/programs`;
  mkdirSync(folder);
  if (script !== null) {
    desk.project.write('programs/docker', `#!/bin/sh\n${script}\n`);
    chmodSync(`${folder}/docker`, 0o755);
  }
  const path = script === null ? nodeOnly(folder) : `${folder}:${process.env.PATH ?? ''}`;
  return desk.run(['deploy', 'desk', '--yes'], { PATH: path, ...environment });
}

/** A PATH that has what Terraform's stand-in needs, and nothing else. */
function nodeOnly(folder: string): string {
  desk.project.write('programs/node', `#!/bin/sh\nexec ${process.execPath} "$@"\n`);
  chmodSync(`${folder}/node`, 0o755);
  return folder;
}

test('A build that failed is run again, and its last lines are shown without colors and secrets', async () => {
  const { exitCode, stdout } = await deploy(
    `printf '\\033[91mbot.ts(7,3): error TS2322\\033[0m\\n\\n' >&2; echo 'with ${KEY}'; exit 1`,
  );
  expect(exitCode).toBe(1);
  expect(stdout).toContain('\ndesk-bot:1a2b: the build failed\n');
  expect(stdout).toContain('\n  bot.ts(7,3): error TS2322\n');
  expect(stdout).toContain('\n  with ***\n');
});

test('It is the same build on the same engine', async () => {
  const { stdout } = await deploy(
    'echo "$PWD|$DOCKER_HOST|${DOCKER_CONTEXT-none}|$DOCKER_BUILDKIT|$*"; exit 1',
    { target: 'production', platform: 'linux/arm64', build_args: { VERSION: '2' } },
    { DOCKER_BUILDKIT: '0' },
  );
  const command =
    'build --force-rm --file bot/Dockerfile --target production --platform linux/arm64 --build-arg VERSION=2 bot';
  expect(stdout).toContain(`\n$ docker ${command}\n`);
  expect(stdout).toContain(`\n  ${desk.project.folder}|${desk.engine.host}|none|1|${command}\n`);
});

test('Only the end of a long build is shown', async () => {
  const { stdout } = await deploy('seq 1 100; exit 1');
  expect(stdout.match(/^ {2}\d+$/gm)).toEqual(Array.from({ length: 30 }, (_, index) => `  ${71 + index}`));
});

test('A command line without BuildKit builds in its own way', async () => {
  const { stdout } = await deploy(
    'if [ -n "$DOCKER_BUILDKIT" ]; then echo "ERROR: BuildKit is enabled but the buildx component is missing or broken."; ' +
      'else echo "bot.ts(7,3): error TS2322"; fi; exit 1',
  );
  expect(stdout).toContain('\n  bot.ts(7,3): error TS2322\n');
  expect(stdout).not.toContain('buildx component');
});

test('A command line without BuildKit cannot say why a Dockerfile failed that takes it', async () => {
  const { stdout } = await deploy(
    'if [ -n "$DOCKER_BUILDKIT" ]; then echo "ERROR: BuildKit is enabled but the buildx component is missing or broken."; ' +
      'else echo "the --mount option requires BuildKit."; fi; exit 1',
  );
  expect(stdout).toContain("\ndesk-bot:1a2b: the build failed; Docker's command line has no buildx here, which this ");
  expect(stdout).not.toContain('requires BuildKit');
});

test('The command can be copied into a shell', async () => {
  const { stdout } = await deploy('echo built', { build_args: { TITLE: "Anna's bot" } });
  expect(stdout).toContain(" --build-arg 'TITLE=Anna'\\''s bot' bot\n");
});

test('A build that goes well the second time is said to have', async () => {
  const { stdout } = await deploy('echo built');
  expect(stdout).toContain('\ndesk-bot:1a2b: the build failed, and went well when it was run again\n');
});

test("Without Docker's command line that is said", async () => {
  const { exitCode, stdout } = await deploy(null);
  expect(exitCode).toBe(1);
  expect(stdout).toContain("desk-bot:1a2b: its output takes Docker's command line, which is not installed here\n");
});

test('Only the build that Terraform says failed is run again', async () => {
  const image = { actions: ['create'], after: { name: 'desk-other:3c4d', build: [BUILD] } };
  const { stdout } = await deploy('echo built', {}, {}, { 'docker_image.other': image });
  expect(stdout.match(/^\$ docker build/gm)).toHaveLength(1);
  expect(stdout).not.toMatch(/^desk-(other|next)/m);
});

test('An image whose pull failed is not built', async () => {
  const pull = { actions: ['create'], after: { name: 'node:24-slim' }, fails: true };
  const { stdout } = await deploy('echo built', {}, {}, { 'docker_image.first': pull });
  expect(stdout).not.toContain('docker build');
});

test('A Dockerfile beside the context is found', async () => {
  const dockerfile = `${desk.project.folder}/docker/bot.Dockerfile`;
  const { stdout } = await deploy('echo built', { dockerfile });
  expect(stdout).toContain(`\n$ docker build --force-rm --file ${dockerfile} bot\n`);
});

test('The command shows no secret that somebody gave as a build argument', async () => {
  const key = "a key that nobody's to see";
  desk.project.write('.secrets/desk/broker_key', key);
  const { stdout } = await deploy('echo built', { build_args: { KEY: key } }, { FAKE_SECRET: '' });
  expect(stdout).toContain("--build-arg 'KEY=***' ");
  expect(stdout).not.toContain('nobody');
});

test('A build that is interrupted while it runs again is waited for, and what runs is said', async () => {
  await deploy('echo built');
  const interrupted = `#!/bin/sh\nkill -INT $PPID; sleep 1; echo 'ERROR: context canceled'; exit 1\n`;
  desk.project.write('programs/docker', interrupted);
  const PATH = `${desk.project.folder}/programs:${process.env.PATH ?? ''}`;
  const environment = { DESK: 'plain', DOCKER_HOST: 'ssh://desk@host', PATH };
  const { exitCode, stdout, stderr } = await desk.project.runProgram(['deploy', 'desk', '--yes'], environment);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('\n  ERROR: context canceled\n');
  expect(stderr).toContain('The deploy of desk failed while it made the images.');
});

test.each([
  ['nothing again after somebody interrupted it', { FAKE_INTERRUPT: 'apply' }, false],
  ['again on an engine that only Terraform can reach', {}, true],
])('A deploy builds %s', async (_, environment, isBuilt) => {
  await deploy('echo built');
  // A program of its own gets the signal, and an engine that is not looked at has no ports that may be taken.
  const PATH = `${desk.project.folder}/programs:${process.env.PATH ?? ''}`;
  const everywhere = { DESK: 'plain', DOCKER_HOST: 'ssh://desk@host', PATH, ...environment };
  const { exitCode, stdout } = await desk.project.runProgram(['deploy', 'desk', '--yes'], everywhere);
  expect(exitCode).toBe(1);
  expect(stdout.includes('$ docker build')).toBe(isBuilt);
});
