import { Image, PostgresDb, Workload } from '../../lib';
import { createStack, synthesizeStack, type TerraformBlock } from '../setup/synthesize';
import { TemporaryProject } from './temporary-project';

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
      arguments: { GREETING: '${HOME}' },
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
    ['the image of a stage that is called like it', 'FROM alpine AS alpine\n', undefined, ['alpine']],
    ['no image without a stage', '# nothing yet\n', undefined, []],
  ])('%s', (_what, dockerfile, target, images) => {
    expect(baseImages(dockerfile, target)).toEqual(images);
  });
});
