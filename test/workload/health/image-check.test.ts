import {
  AppService,
  BackgroundWorker,
  Duration,
  Engine,
  HealthCheck,
  Image,
  UpdatePolicy,
  Workload,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesize } from '../../setup/synthesize';
import { TemporaryProject } from '../temporary-project';

const project = TemporaryProject.forEveryTest();
const healthCheck = HealthCheck.ofImage();
const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');

describe('the health check of the image', () => {
  test('is not replaced, and the deploy waits for it', () => {
    const stack = createStack((desk) => {
      new AppService(desk, 'api', { image, healthCheck });
      new BackgroundWorker(desk, 'worker', { image, healthCheck, startTimeout: Duration.minutes(10) });
    });
    const terraform = synthesize(stack);
    const [api, worker] = ['desk-api', 'desk-worker'].map((name) => containerNamed(terraform, name));
    expect(api).toMatchObject({ wait: true, wait_timeout: 270 });
    expect(worker).toMatchObject({ wait: true, wait_timeout: 600 });
    expect([api?.healthcheck, worker?.healthcheck]).toEqual([undefined, undefined]);
  });

  test('is not replaced on a Swarm either, whatever the start timeout', () => {
    const engine = Engine.swarm();
    const stack = createStack(
      (desk) => new AppService(desk, 'api', { image, healthCheck, startTimeout: Duration.minutes(10) }),
      { engine },
    );
    expect(JSON.stringify(synthesize(stack))).not.toContain('healthcheck');
  });

  test.each(ENGINES)('lets a new version start before the old one stops on $engineName', ({ createEngine }) => {
    const stack = createStack(() => undefined, { engine: createEngine() });
    const updatePolicy = UpdatePolicy.startFirst();
    expect(new Workload(stack, 'api', { image, healthCheck, updatePolicy }).spec.updates?.order).toBe('start-first');
  });

  test.each([
    ['FROM python:3.13-slim\nHEALTHCHECK --interval=5s CMD bot check\n', true],
    ['FROM debian:13 AS base\nHEALTHCHECK CMD bot check\nFROM base\n', true],
    ['FROM ghcr.io/desk/base:2.4\n', true],
    ['FROM python:3.13-slim\n', false],
    ['FROM ghcr.io/desk/base:2.4\nHEALTHCHECK NONE\n', false],
    ['FROM debian:13 AS build\nHEALTHCHECK CMD bot check\nFROM debian:13\n', false],
  ])('of the Dockerfile %j can be kept: %s', (dockerfile, hasOne) => {
    project.write('bot/Dockerfile', dockerfile);
    const create = (): unknown => new AppService(createStack(), 'bot', { image: Image.fromBuild('bot'), healthCheck });
    if (hasOne) expect(create).not.toThrow();
    else expect(create).toThrowCode('health-check-missing', 'desk/bot', 'add HEALTHCHECK to its Dockerfile');
  });
});
