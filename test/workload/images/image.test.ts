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
  ])('the image %s is pulled by that name', (name) => {
    const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromRegistry(name) }));
    expect(Object.values(resource.docker_image ?? {})).toMatchObject([{ name }]);
  });

  test.each(['', 'Redis:7', 'redis:', 'redis 7', 'redis@sha256:abc', '-redis:7', 'redis:7:4', 'redis:7\n'])(
    'the image name %j is refused',
    (name) => {
      expect(() => synthesizeImage(Image.fromRegistry(name))).toThrowCode('invalid-name', `desk/bot: '${name}'`);
    },
  );

  test.each([
    'redis',
    'redis:latest',
    'localhost:5000/bot',
    'freqtrade:stable',
    'bot:develop',
    'bot:main',
    'bot:edge',
    'redis:alpine',
    'node:lts-alpine3.20',
    'timescaledb:latest-pg17',
  ])('the image %s is refused because it is not pinned', (name) => {
    expect(() => synthesizeImage(Image.fromRegistry(name))).toThrowCode(
      'image-not-pinned',
      `desk/bot: the image '${name}'`,
    );
  });

  test.each([`freqtrade:stable@${digest}`, 'bot:1.2-stable', 'freqtrade:2024.5', 'bot:v2-main'])(
    'the image %s is a fixed version',
    (name) => {
      expect(synthesizeImage(Image.fromRegistry(name)).name).toBe(name);
    },
  );

  test('a moving tag is refused with the command that prints its digest', () => {
    expect(() => synthesizeImage(Image.fromRegistry('freqtrade:stable'))).toThrowCode(
      'image-not-pinned',
      'docker buildx imagetools inspect freqtrade:stable',
    );
  });

  test('an image is pulled for another platform', () => {
    const image = Image.fromRegistry('bot:1', { platform: 'linux/amd64' });
    expect(synthesizeImage(image)).toMatchObject({ name: 'bot:1', platform: 'linux/amd64' });
  });

  test('one image cannot be pulled for two platforms, and a Swarm chooses the platform by itself', () => {
    const arm = Image.fromRegistry('bot:1', { platform: 'linux/arm64' });
    const both = (): unknown =>
      createStack((stack) => {
        new Workload(stack, 'a', { image: Image.fromRegistry('bot:1') });
        new Workload(stack, 'b', { image: arm });
      });
    expect(both).toThrowCode('image-name-taken', 'desk/b');
    const onSwarm = (): unknown =>
      createStack((stack) => new Workload(stack, 'b', { image: arm }), { engine: Engine.swarm() });
    expect(onSwarm).toThrowCode('unsupported-by-engine', 'bot:1');
  });

  test('an image with a registry and the tag latest is refused with the command that shows its digest', () => {
    expect(() => synthesizeImage(Image.fromRegistry('localhost:5000/bot:latest'))).toThrowCode(
      'image-not-pinned',
      '`docker buildx imagetools inspect localhost:5000/bot:latest`',
    );
  });
});

describe('an image that is built', () => {
  const project = TemporaryProject.forEveryTest();

  test('a built image is named after the stack, its folder and the hash of its content', () => {
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
  ])('an image of the stack %s from the folder %s has the name %s, which Docker accepts', (stack, folder, name) => {
    project.write(`${folder}/Dockerfile`, 'FROM python:3.13-slim\n');
    const { platform } = new TradingStack(createApp(), stack, { engine: Engine.docker() });
    expect(Image.fromBuild(folder).bind(platform, 'desk/bot').name).toMatch(new RegExp(`^${name}:[0-9a-f]{16}$`));
  });

  test.each(['My Image', 'desk/Bot', `bot@sha256:${'a'.repeat(64)}`, 'a_-b', 'a___b', 'a..b', '-bot', 'bot/', ''])(
    'the name %j of a built image is refused',
    (name) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
      expect(() => synthesizeImage(Image.fromBuild('bot', { name }))).toThrowCode(
        'invalid-name',
        `desk/bot: '${name}'`,
      );
    },
  );

  test.each(['desk/feature-api', 'registry.desk.example:5000/bot', 'a__b', 'a---b', 'a.b_c'])(
    'the name %s of a built image is accepted',
    (name) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
      expect(synthesizeImage(Image.fromBuild('bot', { name })).name).toMatch(new RegExp(`^${name}:[0-9a-f]{16}$`));
    },
  );

  test('a stage that does not exist is refused with the stages that do', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim AS base\nFROM base AS Api\nFROM base\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { target: 'worker' }))).toThrowCode(
      'build-folder-invalid',
      "desk/bot: the Dockerfile has no stage 'worker'",
      'base, Api',
    );
  });

  test('the number of a stage is refused, because the builder identifies stages by name only', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { target: '0' }))).toThrowCode(
      'build-folder-invalid',
      "the Dockerfile has no stage '0'",
      'FROM … AS …',
    );
  });

  test('an image is built again when its content changes, which the provider does not notice', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    const { name, triggers } = synthesizeImage(Image.fromBuild('bot'));
    expect(triggers).toEqual({ content: String(name).split(':')[1] });
  });

  test('an image is built in its folder, wherever the project was checked out', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    expect(synthesizeImage(Image.fromBuild('bot')).build).toEqual({
      context: '../../../bot',
      dockerfile: 'Dockerfile',
      no_cache: '${var.cdktf_trading_stack_no_cache}',
    });
  });

  test('an image is built with every option', () => {
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
      no_cache: '${var.cdktf_trading_stack_no_cache}',
      context: '../../../bot',
      dockerfile: 'docker/Dockerfile.api',
      target: 'api',
      build_args: { GREETING: '$${HOME}' },
      platform: 'linux/arm64',
    });
  });

  test('the Dockerfile can be outside of the folder', () => {
    project.write('bot/main.py', 'pass\n');
    project.write('docker/bot.Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot', { dockerfile: '../docker/bot.Dockerfile' });
    expect(synthesizeImage(image).build).toMatchObject({ dockerfile: '../../../docker/bot.Dockerfile' });
  });

  test('the Dockerfile can have an absolute path', () => {
    project.write('bot/docker/Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot', { dockerfile: project.locate('bot/docker/Dockerfile') });
    expect(synthesizeImage(image).build).toMatchObject({ dockerfile: 'docker/Dockerfile' });
  });

  test('an image that several workloads use is built once', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
    const image = Image.fromBuild('bot');
    const { resource } = synthesizeStack((stack) => {
      new Workload(stack, 'one', { image });
      new Workload(stack, 'other', { image: Image.fromBuild('bot') });
    });
    expect(Object.keys(resource.docker_image ?? {})).toHaveLength(1);
  });

  test('an image keeps its Terraform address when the source changes', () => {
    const addresses = ['1\n', '2\n'].map((content) => {
      project.write('bot/Dockerfile', 'FROM python:3.13-slim\n');
      project.write('bot/main.py', content);
      const { resource } = synthesizeStack((stack) => new Workload(stack, 'bot', { image: Image.fromBuild('bot') }));
      return Object.keys(resource.docker_image ?? {});
    });
    expect(addresses[0]).toEqual(addresses[1]);
  });

  test('two different builds with one name are refused', () => {
    project.write('bot/Dockerfile', 'FROM python:3.13-slim AS one\nFROM python:3.13-slim AS two\n');
    const stack = createStack((desk) => {
      new Workload(desk, 'one', { image: Image.fromBuild('bot', { target: 'one' }) });
    });
    expect(() => new Workload(stack, 'two', { image: Image.fromBuild('bot', { target: 'two' }) })).toThrowCode(
      'image-name-taken',
      'desk/two: ',
      "'desk-bot'",
    );
  });

  test('a folder that does not exist is refused', () => {
    expect(() => synthesizeImage(Image.fromBuild('bto'))).toThrowCode(
      'path-missing',
      "desk/bot: the build folder 'bto'",
      project.locate('bto'),
    );
  });

  test('a folder without a Dockerfile is refused', () => {
    project.write('bot/main.py', 'pass\n');
    expect(() => synthesizeImage(Image.fromBuild('bot', { dockerfile: 'Dockerfile.api' }))).toThrowCode(
      'path-missing',
      "desk/bot: the Dockerfile 'Dockerfile.api'",
      project.locate('bot/Dockerfile.api'),
    );
  });

  test('a folder that does not exist is refused by a database, which reads the Dockerfile first', () => {
    expect(() =>
      synthesizeStack((stack) => new PostgresDb(stack, 'db', { image: Image.fromBuild('bto') })),
    ).toThrowCode('path-missing', "desk/db: the build folder 'bto'");
  });

  test('an empty path, or an option that does not exist, is refused', () => {
    expect(() => Image.fromBuild('')).toThrowCode('invalid-path', 'Image.fromBuild: ');
    const options = { buildargs: {} } as never;
    expect(() => Image.fromBuild('bot', options)).toThrowCode('unknown-option', "Did you mean 'buildArgs'?");
  });
});

describe('the base image of a build', () => {
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
    ['the image behind a stage in upper case', STAGES, 'API', ['python:3.13-slim']],
    [
      'the image behind a stage that another one refers to in lower case',
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
    ['the image of a stage with the same name', 'FROM alpine AS alpine\n', undefined, ['alpine']],
    ['no image without a stage', '# nothing yet\n', undefined, []],
  ])('the base image of a build is %s', (_what, dockerfile, target, images) => {
    expect(baseImages(dockerfile, target)).toEqual(images);
  });
});
