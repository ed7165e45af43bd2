import { Engine, Image, PostgresDb, TradingStack, Workload } from '../../../lib';
import { createApp, createStack, synthesizeStack, type TerraformBlock } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

function synthesizeImage(image: Image): TerraformBlock {
  const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image }));
  const [only, ...others] = Object.values(resource.docker_image ?? {});
  expect(others).toEqual([]);
  return only ?? {};
}

describe('an image from a registry', () => {
  const digest = `sha256:${'a'.repeat(64)}`;

  test.each([
    'redis:7.4-alpine',
    'ghcr.io/desk/bot:2.4',
    'localhost:5000/bot:v1_0',
    `redis@${digest}`,
    `ghcr.io/desk/bot:2.4@${digest}`,
  ])('%s is pulled by that name', (name) => {
    const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry(name) }));
    expect(Object.values(resource.docker_image ?? {})).toMatchObject([{ name }]);
  });

  test.each(['', 'Redis:7', 'redis:', 'redis 7', 'redis@sha256:abc', '-redis:7', 'redis:7:4', 'redis:7\n'])(
    '%j is no name of an image',
    (name) => {
      expect(() => synthesizeImage(Image.fromRegistry(name))).toThrow(
        `desk/bot: the image cannot be '${name}'. Give a name such as 'redis:7.4-alpine'.`,
      );
    },
  );

  test.each(['redis', 'redis:latest', 'localhost:5000/bot'])('%s is refused: it is another one tomorrow', (name) => {
    expect(() => synthesizeImage(Image.fromRegistry(name))).toThrow(
      `desk/bot: the image '${name}' is whatever its publisher moved it to last. Give a version as the tag, or a digest.`,
    );
  });
});

describe('an image that is built', () => {
  const project = TemporaryProject.forEveryTest();

  test('is named after the stack, its folder and what it is built from', () => {
    project.write('services/Feature-Api/Dockerfile', 'FROM python:3.13-slim\n');
    expect(synthesizeImage(Image.fromBuild('services/Feature-Api')).name).toMatch(/^desk-feature-api:[0-9a-f]{16}$/);
  });

  test.each([
    ['MT5', 'ctx', 'mt5-ctx'],
    ['desk', 'my ctx_', 'desk-my-ctx'],
    ['desk', '_-private-_', 'desk-private'],
    ['desk', 'feature__api', 'desk-feature__api'],
    ['desk', 'v1..2', 'desk-v1-2'],
    ['desk', 'бот', 'desk'],
  ])('of the stack %s from the folder %s is called %s: Docker takes no other letters', (stack, folder, name) => {
    project.write(`${folder}/Dockerfile`, 'FROM python:3.13-slim\n');
    const { platform } = new TradingStack(createApp(), stack, { engine: Engine.docker() });
    expect(Image.fromBuild(folder).bind(platform, 'desk/bot').name).toMatch(new RegExp(`^${name}:[0-9a-f]{16}$`));
  });

  test.each([
    'My Image',
    'desk/Bot',
    'bot:1',
    `bot@sha256:${'a'.repeat(64)}`,
    'a_-b',
    'a___b',
    'a..b',
    '-bot',
    'bot/',
    '',
  ])('cannot be called %j', (name) => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { name }))).toThrow(
      `desk/bot: the name of the built image cannot be '${name}'. ` +
        "Give small letters and digits, with . _ - / between them, and no tag: 'desk/feature-api'.",
    );
  });

  test.each(['desk/feature-api', 'registry.desk.example:5000/bot', 'a__b', 'a---b', 'a.b_c'])(
    'can be called %s',
    (name) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
      expect(synthesizeImage(Image.fromBuild('bot', { name })).name).toMatch(new RegExp(`^${name}:[0-9a-f]{16}$`));
    },
  );

  test('to a stage that is not there is refused, with the stages that are', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim AS base\nFROM base AS Api\nFROM base\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { target: 'worker' }))).toThrow(
      "desk/bot: target cannot be 'worker'. Give one of the stages of the Dockerfile: base, Api.",
    );
  });

  test('to a stage that is no text is refused: plain JavaScript can give one', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim AS base\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { target: null as never }))).toThrow(
      'desk/bot: target cannot be null. Give one of the stages of the Dockerfile: base.',
    );
  });

  test('to a stage of a Dockerfile that names none is refused, also by its number, which the builder does not know', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { target: '0' }))).toThrow(
      "desk/bot: target cannot be '0'. Give a stage of the Dockerfile, which names none: FROM … AS ….",
    );
  });

  test('is built again when what it is built from changes: the provider does not look', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    const { name, triggers } = synthesizeImage(Image.fromBuild('bot'));
    expect(triggers).toEqual({ content: String(name).split(':')[1] });
  });

  test('is built in its folder, wherever the project was checked out', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(synthesizeImage(Image.fromBuild('bot')).build).toEqual({
      context: '../../../bot',
      dockerfile: 'Dockerfile',
    });
  });

  test('takes what the build is told', () => {
    project.write('bot/docker/Dockerfile.api', 'FROM python:3.13-slim AS base\nFROM base AS api\n');
    const image = Image.fromBuild('bot', {
      name: 'desk/api',
      dockerfile: 'docker/Dockerfile.api',
      target: 'api',
      buildArgs: { GREETING: '${HOME}' },
      platform: 'linux/arm64',
    });
    const built = synthesizeImage(image);
    expect(built.name).toMatch(/^desk\/api:[0-9a-f]{16}$/);
    expect(built.build).toEqual({
      context: '../../../bot',
      dockerfile: 'docker/Dockerfile.api',
      target: 'api',
      build_args: { GREETING: '$${HOME}' },
      platform: 'linux/arm64',
    });
  });

  test('can have its Dockerfile outside of the folder', () => {
    project.write('bot/main.py', 'pass\n');
    project.write('docker/bot.Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot', { dockerfile: '../docker/bot.Dockerfile' });
    expect(synthesizeImage(image).build).toMatchObject({ dockerfile: '../../../docker/bot.Dockerfile' });
  });

  test('can be told its Dockerfile by a whole path', () => {
    project.write('bot/docker/Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot', { dockerfile: project.locate('bot/docker/Dockerfile') });
    expect(synthesizeImage(image).build).toMatchObject({ dockerfile: 'docker/Dockerfile' });
  });

  test('that many use is built once', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot');
    const { resource } = synthesizeStack((stack) => {
      new Workload(stack, 'one', { image });
      new Workload(stack, 'other', { image: Image.fromBuild('bot') });
    });
    expect(Object.keys(resource.docker_image ?? {})).toHaveLength(1);
  });

  test('keeps its Terraform address when the source changes', () => {
    const addresses = ['1\n', '2\n'].map((content) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
      project.write('bot/main.py', content);
      const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromBuild('bot') }));
      return Object.keys(resource.docker_image ?? {});
    });
    expect(addresses[0]).toEqual(addresses[1]);
  });

  test('is another build under the same name: that is refused', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim AS one\nFROM python:3.13-slim AS two\n');
    const stack = createStack((desk) => {
      new Workload(desk, 'one', { image: Image.fromBuild('bot', { target: 'one' }) });
    });
    expect(() => new Workload(stack, 'two', { image: Image.fromBuild('bot', { target: 'two' }) })).toThrow(
      /^desk\/two: image name 'desk-bot:[0-9a-f]{16}' is already taken by a different build\. Give one of the builds another name\.$/,
    );
  });

  test('from a folder that is not there is refused', () => {
    expect(() => synthesizeImage(Image.fromBuild('bto'))).toThrow(
      `desk/bot: the build folder 'bto' is not there: looked for ${project.locate('bto')}. ` +
        `Create it, or give its path from ${project.locate('')}, the folder that the app runs in.`,
    );
  });

  test('from a folder without a Dockerfile is refused', () => {
    project.write('bot/main.py', 'pass\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { dockerfile: 'Dockerfile.api' }))).toThrow(
      `desk/bot: the Dockerfile 'Dockerfile.api' is not there: looked for ${project.locate('bot/Dockerfile.api')}. ` +
        'Create it, or give its path from the build folder as `dockerfile`.',
    );
  });

  test('from a folder that is not there is refused by a database too, which looks at the Dockerfile first', () => {
    expect(() => synthesizeStack((stack) => new PostgresDb(stack, 'db', { image: Image.fromBuild('bto') }))).toThrow(
      "desk/db: the build folder 'bto' is not there: looked for",
    );
  });
});

describe('the programs of an image that is built are those of', () => {
  const project = TemporaryProject.forEveryTest();

  function baseImages(dockerfile: string, target?: string): string[] {
    project.write('bot/Dockerfile', dockerfile);
    return Image.fromBuild('bot', target === undefined ? {} : { target }).baseImages(
      createStack().platform,
      'desk/bot',
    );
  }

  const STAGES = 'FROM node:22 AS build\nFROM python:3.13-slim AS base\nFROM base AS api\nFROM build AS worker\n';

  test.each([
    ['the image that its only stage starts from', 'FROM python:3.13-slim\n', undefined, ['python:3.13-slim']],
    ['the image behind its last stage', STAGES, undefined, ['node:22']],
    ['the image behind the stage that is asked for', STAGES, 'api', ['python:3.13-slim']],
    ['the image behind a stage in other letters', STAGES, 'API', ['python:3.13-slim']],
    [
      'the image behind a stage that is started from in other letters',
      'FROM node:22 AS Base\nFROM base\n',
      undefined,
      ['node:22'],
    ],
    [
      'the image behind the last stage of a name',
      'FROM node:22 AS a\nFROM python:3.13-slim AS a\n',
      'a',
      ['python:3.13-slim'],
    ],
    ['the image of a stage that is called like it', 'FROM alpine AS alpine\n', undefined, ['alpine']],
    ['no image without a stage', '# nothing yet\n', undefined, []],
  ])('%s', (_what, dockerfile, target, images) => {
    expect(baseImages(dockerfile, target)).toEqual(images);
  });
});
