import { AppService, BackgroundWorker, BindMount, Image, type ImageBuildOptions, Job, Workload } from '../../../lib';
import { permissionFixesOf } from '../../../lib/command-line/rollout/permissions/fixes';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { warningsOf } from '../../services/fixtures';
import { containerNamed, createStack, ENGINES, synthesize } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();

function imageOf(dockerfile: string, options: ImageBuildOptions = {}): Image {
  project.write('bot/Dockerfile', dockerfile);
  return Image.fromBuild('bot', options);
}

const OF_10001 = 'FROM python:3.13-slim\nUSER 10001\n';

describe('the user of a Dockerfile', () => {
  const userOf = (dockerfile: string, options?: ImageBuildOptions): WorkloadSpec['user'] =>
    new AppService(createStack(), 'bot', { image: imageOf(dockerfile, options) }).workload.spec.user;

  // Each USER is what Docker 28.5 writes into the image.
  test.each([
    ['a number', OF_10001],
    ['a name', 'FROM node:24-slim\nUSER node\n'],
    ['that of a stage that it starts from', 'FROM python:3.13-slim AS base\nUSER app\nFROM base\nCMD ["bot"]\n'],
    ['a build argument', 'FROM python:3.13-slim\nARG UID=10001\nUSER ${UID}:${UID}\n'],
    ['a variable', 'ARG UID=10001\nFROM python:3.13-slim\nARG UID\nENV APP_UID=$UID\nUSER $APP_UID\n'],
    ['a variable of the base image', 'FROM mcr.microsoft.com/dotnet/aspnet:9.0\nUSER $APP_UID\n'],
  ])('is kept: %s', (_what, dockerfile) => {
    expect(userOf(dockerfile)).toBeNull();
  });

  test.each([
    ['none', 'FROM python:3.13-slim\n'],
    ['root', 'FROM python:3.13-slim\nUSER app\nUSER root\n'],
    ['0', 'FROM python:3.13-slim\nUSER 0:1000\n'],
    ['a variable that is root', 'FROM python:3.13-slim\nARG APP=root\nUSER ${APP}\n'],
    ['an empty variable', 'FROM python:3.13-slim AS base\nUSER app\nFROM base\nARG APP\nUSER ${APP}\n'],
    ['that of another stage', 'FROM node:24-slim AS build\nUSER node\nFROM python:3.13-slim\n'],
  ])('is replaced by 1000 if it is root: %s', (_what, dockerfile) => {
    expect(userOf(dockerfile)).toBe('1000:1000');
  });

  test('is that of the stage that is built, with the build arguments', () => {
    const dockerfile = 'FROM python:3.13-slim AS api\nARG APP=root\nUSER $APP\nFROM api\nUSER root\n';
    expect(userOf(dockerfile, { target: 'api' })).toBe('1000:1000');
    expect(userOf(dockerfile, { target: 'api', buildArgs: { APP: 'app' } })).toBeNull();
    expect(userOf(dockerfile, { buildArgs: { APP: 'app' } })).toBe('1000:1000');
  });

  test.each(ENGINES)('leaves everything else hardened on $engineName', ({ createEngine }) => {
    createStack(
      (stack) => {
        const image = imageOf(OF_10001);
        for (const { workload } of [
          new AppService(stack, 'api', { image }),
          new BackgroundWorker(stack, 'worker', { image }),
          new Job(stack, 'report', { image }),
        ]) {
          expect(workload.spec).toMatchObject({ user: null, readOnlyRootFilesystem: true, imageUser: '10001' });
          expect(workload.spec.security).toMatchObject({ addCapabilities: [], dropCapabilities: ['ALL'] });
        }
      },
      { engine: createEngine() },
    );
  });

  test('is left to the image in the output', () => {
    const stack = createStack((desk) => new AppService(desk, 'api', { image: imageOf(OF_10001) }));
    expect(containerNamed(synthesize(stack), 'desk-api').user).toBeUndefined();
  });

  test('gives way to runAs', () => {
    const stack = createStack();
    expect(new AppService(stack, 'api', { image: imageOf(OF_10001), runAs: '1000' }).workload.spec.user).toBe('1000');
  });

  test('does not count for a service that knows the user of its program', () => {
    const service = { defaults: { runAs: 'postgres' } };
    expect(new Workload(createStack(), 'db', { image: imageOf(OF_10001) }, service).spec.user).toBe('postgres');
  });

  test('is in the warnings about what it cannot open', () => {
    const stack = createStack((desk) => {
      const bindMounts = [
        BindMount.readOnly('/var/run/docker.sock', '/var/run/docker.sock'),
        BindMount.writable('/srv/desk/data', '/data', { ifMissing: 'create' }),
      ];
      new AppService(desk, 'api', { image: imageOf(OF_10001), bindMounts });
    });
    expect(warningsOf(stack)).toEqual([
      expect.stringContaining('which 10001 cannot open: set `groups`'),
      '/srv/desk/data for 10001: `install -d -o 10001 /srv/desk/data` [folder-not-writable]',
    ]);
  });

  test('is not root, so a failed deploy does not propose capabilities or hardened: false', () => {
    const stack = createStack((desk) => new AppService(desk, 'api', { image: imageOf(OF_10001) }));
    const [workload] = stack.platform.workloads;
    if (workload === undefined) throw new Error('no workload');
    expect(permissionFixesOf(['setpriv: setresuid failed: Operation not permitted'], workload)).toEqual([]);
  });
});
