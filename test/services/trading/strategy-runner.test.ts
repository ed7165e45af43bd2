import {
  Cpu,
  ExternalEndpoint,
  FeatureApi,
  PostgresDb,
  Size,
  StrategyRunner,
  type StrategyRunnerProps,
  Dependency,
} from '../../../lib';
import { containerNamed, createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, startOf } from '../fixtures';

describe.each(ENGINES)('StrategyRunner on $engineName', ({ createEngine }) => {
  test('creates one program', () => {
    const terraform = synthesizeStack((stack) => new StrategyRunner(stack, 'strategy_runner', { image: BOT }), {
      engine: createEngine(),
    });

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a StrategyRunner', () => {
  test('answers for its health on port 9090 unless told otherwise', () => {
    const terraform = synthesizeStack((stack) => {
      new StrategyRunner(stack, 'first', { image: BOT });
      new StrategyRunner(stack, 'second', { image: BOT, port: 9191 });
    });

    expect(JSON.stringify(containerNamed(terraform, 'desk-first').healthcheck)).toContain(':9090/health');
    expect(JSON.stringify(containerNamed(terraform, 'desk-second').healthcheck)).toContain(':9191/health');
  });

  test('answers on port 9090 where a port is given as undefined', () => {
    createStack((stack) => {
      // The types refuse it where exactOptionalPropertyTypes is on; elsewhere it compiles.
      const props = { image: BOT, port: undefined } as unknown as StrategyRunnerProps;

      expect(new StrategyRunner(stack, 'strategy_runner', props).endpoint.port).toBe(9090);
    });
  });

  test('needs the features and can do without the database', () => {
    const terraform = synthesizeStack((stack) => {
      const database = new PostgresDb(stack, 'db');
      const features = new FeatureApi(stack, 'feature_api', { image: BOT });
      new StrategyRunner(stack, 'strategy_runner', { image: BOT, uses: [features, Dependency.optional(database)] });
    });

    expect(startOf(terraform, 'desk-strategy-runner')).toEqual({
      environment: {
        PORT: '9090',
        FEATURE_API_URL: 'http://feature_api:8000',
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

  test('keeps to its limits', () => {
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

  test('shows its signals and the age of its market data', () => {
    createStack((stack) => {
      const { panels } = new StrategyRunner(stack, 'strategy_runner', { image: BOT }).metrics;

      expect(panels.map((panel) => panel.title)).toEqual(
        expect.arrayContaining(['Requests', 'Signals', 'Age of market data']),
      );
    });
  });

  test('shows what it is told to, and nothing else', () => {
    createStack((stack) => {
      const panels = [{ title: 'Fills', query: 'fills_total{job="$job"}', legend: 'all', unit: 'short' }];

      expect(new StrategyRunner(stack, 'strategy_runner', { image: BOT, panels }).metrics.panels).toEqual(panels);
    });
  });
});
