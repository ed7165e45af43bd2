import { Cpu, Dependency, ExternalEndpoint, FeatureApi, PostgresDb, Size, StrategyRunner } from '../../../lib';
import { containerNamed, synthesizeStack } from '../../setup/synthesize';
import { BOT, startOf } from '../fixtures';

describe('StrategyRunner', () => {
  test('starts after the feature API and without waiting for an optional database', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const features = new FeatureApi(stack, 'feature_api', { image: BOT });
      new StrategyRunner(stack, 'strategy_runner', { image: BOT, uses: [features, Dependency.optional(database)] });
    });

    expect(startOf(terraform, 'desk-strategy-runner')).toEqual({
      environment: {
        PORT: '9090',
        FEATURE_API_URL: 'http://feature-api:8000',
        DATABASE_URL_FILE: '/run/secrets/db_url',
      },
      secrets: ['/run/secrets/db_url'],
      after: ['docker_container.desk-feature-api'],
    });
  });

  test('reaches a gateway on the host', () => {
    const terraform = synthesizeStack((stack) => {
      const gateway = new ExternalEndpoint(stack, 'mt5_gateway', { port: 5555 });
      new StrategyRunner(stack, 'strategy_runner', { image: BOT, uses: [gateway] });
    });

    expect(startOf(terraform, 'desk-strategy-runner').environment).toEqual({
      PORT: '9090',
      MT5_GATEWAY_URL: 'tcp://host.docker.internal:5555',
    });
    expect(containerNamed(terraform, 'desk-strategy-runner').host).toEqual([
      { host: 'host.docker.internal', ip: 'host-gateway' },
    ]);
  });

  test('has the limits of its resources', () => {
    const terraform = synthesizeStack((stack) => {
      const resources = { cpus: Cpu.cores(2), memory: Size.gibibytes(2), memoryReservation: Size.gibibytes(1) };
      new StrategyRunner(stack, 'strategy_runner', { image: BOT, resources });
    });

    expect(containerNamed(terraform, 'desk-strategy-runner')).toMatchObject({
      cpu_period: 100_000,
      cpu_quota: 200_000,
      memory: 2048,
      memory_swap: 2048,
      memory_reservation: 1024,
    });
  });
});
