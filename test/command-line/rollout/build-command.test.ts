import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineAddress } from '../../../lib/command-line/connection/address';
import { parsePlan } from '../../../lib/command-line/plan/changes';
import { buildCommands } from '../../../lib/command-line/rollout/build-command';

const BUILD = { context: '../../../bot', dockerfile: 'Dockerfile', target: null, platform: null, build_args: null };
const BEFORE = process.cwd();

let project: string;

beforeEach(() => {
  project = realpathSync(mkdtempSync(join(tmpdir(), 'builds-')));
  mkdirSync(join(project, 'cdktf.out/stacks/desk'), { recursive: true });
  process.chdir(project);
});

afterEach(() => {
  process.chdir(BEFORE);
  rmSync(project, { recursive: true });
});

function commandsOf(build: object | null, actions: readonly string[] = ['create']): string[] {
  const after = { name: 'desk-bot:1a2b', build: build === null ? [] : [{ ...BUILD, ...build }] };
  const change = { address: 'docker_image.bot', type: 'docker_image', change: { actions, after } };
  const place = {
    directory: 'cdktf.out/stacks/desk',
    address: engineAddress('ssh://anna@host', {}),
    redact: (text: string) => text.replaceAll("anna's key", '***'),
  };
  return buildCommands(parsePlan(JSON.stringify({ resource_changes: [change] })).changes, place);
}

test('A failed build can be run again with the command that is printed, on the same engine', () => {
  const build = { target: 'production', platform: 'linux/arm64', build_args: { VERSION: '2', TITLE: "Anna's bot" } };
  expect(commandsOf(build)).toEqual([
    'docker --host ssh://anna@host build --force-rm --file bot/Dockerfile --target production --platform linux/arm64 ' +
      "--build-arg VERSION=2 --build-arg 'TITLE=Anna'\\''s bot' bot",
  ]);
});

test('The command names a Dockerfile outside the build folder', () => {
  writeFileSync('bot.Dockerfile', '');
  expect(commandsOf({ dockerfile: '../../../bot.Dockerfile' })[0]).toContain(' --file bot.Dockerfile bot');
  expect(commandsOf({ dockerfile: '/opt/Dockerfile' })[0]).toContain(' --file /opt/Dockerfile bot');
});

test('The command does not show the value of a secret', () => {
  expect(commandsOf({ build_args: { KEY: "anna's key" } })[0]).toContain(" --build-arg 'KEY=***' bot");
});

test('An image that is pulled or removed has no command', () => {
  expect(commandsOf(null)).toEqual([]);
  expect(commandsOf({}, ['delete'])).toEqual([]);
});
