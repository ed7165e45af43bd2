import {
  AppService,
  OrderExecutor,
  type OrderExecutorProps,
  RiskLimits,
  RiskManager,
  Secret,
  type TradingStack,
} from '../../../lib';
import { createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, HTTP_PLACES, placesOf, startOf } from '../fixtures';

const LIMITS = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });

describe.each(ENGINES)('the order path on $engineName', ({ createEngine }) => {
  test('the risk manager starts first, and the order executor trades on paper after it', () => {
    createStack(
      (stack) => {
        const riskManager = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
        const executor = new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager });

        expect(riskManager.workload.spec).toMatchObject({
          environment: { PORT: '8080', MAX_POSITION_SIZE_PCT: '0.2', MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15' },
          dependsOn: [],
        });
        expect(executor.workload.spec).toMatchObject({
          environment: { PORT: '8081', TRADING_ENVIRONMENT: 'paper' },
          dependsOn: [riskManager.workload.address],
        });
      },
      { engine: createEngine() },
    );
  });
});

describe('RiskManager', () => {
  test('passes its limits to the program', () => {
    const terraform = synthesizeStack(
      (stack) => new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS }),
    );

    expect(startOf(terraform, 'desk-risk-manager').environment).toEqual({
      PORT: '8080',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
    });
  });

  test('shows its risk checks below the panels of every HTTP service', () => {
    createStack((stack) => {
      const { panels } = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS }).metrics;

      expect(placesOf(panels)).toEqual([
        ...HTTP_PLACES,
        'trading: Risk checks',
        'trading: Refusals by reason',
        'trading: Used share of the limits',
        'errors: Failures',
      ]);
    });
  });

  test.each(['MAX_POSITION_SIZE_PCT', 'MAX_DAILY_LOSS_FILE'])('rejects a limit in the variable %s', (variable) => {
    const create = () =>
      createStack((stack) => {
        const environment = { [variable]: 1 };
        new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS, environment });
      });

    expect(create).toThrowCode('reserved-setting', 'desk/risk_manager', variable, 'limits');
  });

  test('rejects a limit in a secret', () => {
    const create = () =>
      createStack((stack) => {
        const secrets = { MAX_POSITION_SIZE: Secret.generated(stack, 'limit') };
        new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS, secrets });
      });

    expect(create).toThrowCode('reserved-setting', 'desk/risk_manager', 'MAX_POSITION_SIZE');
  });

  test.each([
    ['no limits', {}, 'missing-option'],
    ['plain numbers', { limits: { maxPositionSize: 0.2 } }, 'wrong-type'],
  ] as const)('rejects %s, which only untyped code can pass', (_, props, code) => {
    const create = () =>
      createStack((stack) => new RiskManager(stack, 'risk_manager', { image: BOT, ...props } as never));

    expect(create).toThrowCode(code, 'desk/risk_manager', 'limits');
  });
});

describe('OrderExecutor', () => {
  const order = (props: (stack: TradingStack) => Partial<OrderExecutorProps> = () => ({})) =>
    synthesizeStack((stack) => {
      const riskManager = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
      new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager, ...props(stack) });
    });

  test('starts after its risk manager is healthy', () => {
    expect(startOf(order(), 'desk-order-executor').after).toEqual(['docker_container.desk-risk-manager']);
  });

  test('connects to its risk manager as `uses` says', () => {
    const terraform = synthesizeStack((stack) => {
      const riskManager = new RiskManager(stack, 'risk_manager', {
        image: BOT,
        limits: LIMITS,
        sockets: [{ name: 'checks', port: 5557, portVariable: 'ZMQ_RISK_PORT' }],
      });
      const checks = riskManager.socket('checks').url({ variable: 'RISK_MANAGER_URL' });
      new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager, uses: [checks] });
    });

    expect(startOf(terraform, 'desk-order-executor')).toMatchObject({
      environment: { RISK_MANAGER_URL: 'tcp://risk-manager:5557' },
      after: ['docker_container.desk-risk-manager'],
    });
  });

  test('accepts a subclass of RiskManager', () => {
    class StrictRiskManager extends RiskManager {}

    createStack((stack) => {
      const riskManager = new StrictRiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
      new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager });
    });
  });

  test.each<[string, (stack: TradingStack) => object, 'missing-option' | 'wrong-type']>([
    ['no risk manager', () => ({}), 'missing-option'],
    [
      'another service as its risk manager',
      (stack) => ({ riskManager: new AppService(stack, 'risk', { image: BOT }) }),
      'wrong-type',
    ],
  ])('rejects %s, which only untyped code can pass', (_what, props, code) => {
    const create = () =>
      createStack((stack) => new OrderExecutor(stack, 'order_executor', { image: BOT, ...props(stack) } as never));

    expect(create).toThrowCode(code, 'desk/order_executor', 'riskManager');
  });

  test('shows its orders below the panels of every HTTP service', () => {
    createStack((stack) => {
      const riskManager = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
      const { panels } = new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager }).metrics;

      expect(placesOf(panels)).toEqual([
        ...HTTP_PLACES,
        'trading: Orders',
        'trading: Fills within an hour',
        'trading: Mode',
        'errors: Failures',
      ]);
    });
  });

  test('tells the program to trade on paper', () => {
    expect(startOf(order(), 'desk-order-executor').environment).toMatchObject({ TRADING_ENVIRONMENT: 'paper' });
  });

  test('accepts an explicit request to trade on paper', () => {
    expect(() => order(() => ({ environment: { TRADING_ENVIRONMENT: 'paper' } }))).not.toThrow();
  });

  test.each([
    ['TRADING_ENVIRONMENT', 'live'],
    ['TRADING_ENVIRONMENT_FILE', '/app/live'],
  ])('rejects live trading through the variable %s', (variable, value) => {
    expect(() => order(() => ({ environment: { [variable]: value } }))).toThrowCode(
      'live-trading',
      'desk/order_executor',
      `${variable} is '${value}'`,
      `Remove ${variable}`,
    );
  });

  test.each(['TRADING_ENVIRONMENT', 'TRADING_ENVIRONMENT_FILE'])('rejects a secret in %s', (variable) => {
    expect(() => order((stack) => ({ secrets: { [variable]: Secret.generated(stack, 'mode') } }))).toThrowCode(
      'live-trading',
      'desk/order_executor',
      `${variable} is a secret`,
    );
  });
});

describe('RiskLimits', () => {
  test('absolute limits are amounts of money', () => {
    expect(RiskLimits.absolute({ maxPositionSize: 10_000, maxDailyLoss: 1_000 }).environment).toEqual({
      MAX_POSITION_SIZE: 10_000,
      MAX_DAILY_LOSS: 1_000,
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('absolute limits cannot be %s', (amount) => {
    expect(() => RiskLimits.absolute({ maxPositionSize: amount, maxDailyLoss: 1 })).toThrowCode(
      'invalid-value',
      'RiskLimits.absolute',
      'maxPositionSize',
      String(amount),
    );
    expect(() => RiskLimits.absolute({ maxPositionSize: 1, maxDailyLoss: amount })).toThrowCode(
      'invalid-value',
      'maxDailyLoss',
    );
  });

  test.each([0, -0.1, 1.01, 20, Number.NaN])('relative limits cannot be %s', (share) => {
    expect(() => RiskLimits.relative({ maxPositionSize: share, maxDrawdown: 0.1 })).toThrowCode(
      'invalid-value',
      'RiskLimits.relative',
      'maxPositionSize',
    );
    expect(() => RiskLimits.relative({ maxPositionSize: 0.1, maxDrawdown: share })).toThrowCode(
      'invalid-value',
      'maxDrawdown',
      '0.2 for 20 %',
    );
  });

  test.each([
    [() => RiskLimits.absolute({ maxPositionSize: 1 } as never), 'missing-option', 'maxDailyLoss'],
    [() => RiskLimits.relative({ maxPositionSize: '0.2', maxDrawdown: 0.1 } as never), 'wrong-type', 'maxPositionSize'],
    [() => RiskLimits.relative({ maxPositionSize: 0.2, maxDailyLoss: 0.1 } as never), 'unknown-option', 'maxDailyLoss'],
  ] as const)('%s is rejected', (create, code, option) => {
    expect(create).toThrowCode(code, option);
  });
});
