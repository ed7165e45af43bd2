import { AppService, OrderExecutor, RiskLimits, RiskManager, type TradingStack } from '../../../lib';
import { createStack, ENGINES, synthesizeStack } from '../../setup/synthesize';
import { BOT, createdBy, startOf } from '../fixtures';

const LIMITS = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });

describe.each(ENGINES)('the order path on $engineName', ({ createEngine }) => {
  test('is a risk manager, and an executor after it', () => {
    const terraform = synthesizeStack(
      (stack) => {
        const riskManager = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
        new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager });
      },
      { engine: createEngine() },
    );

    expect(createdBy(terraform)).toMatchSnapshot();
  });
});

describe('a RiskManager', () => {
  test('is told its limits', () => {
    const terraform = synthesizeStack(
      (stack) => new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS }),
    );

    expect(startOf(terraform, 'desk-risk-manager').environment).toEqual({
      PORT: '8080',
      MAX_POSITION_SIZE_PCT: '0.2',
      MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
    });
  });

  test('cannot be told other limits beside them', () => {
    const contradict = () =>
      createStack(
        (stack) =>
          new RiskManager(stack, 'risk_manager', {
            image: BOT,
            limits: LIMITS,
            environment: { MAX_POSITION_SIZE_PCT: 1 },
          }),
      );

    expect(contradict).toThrow(/risk_manager.*MAX_POSITION_SIZE_PCT/s);
  });
});

describe('a RiskManager without limits', () => {
  test.each([undefined, null, { maxPositionSize: 0.2 }, { environment: {} }, 0.2])('cannot be: %j', (limits) => {
    const create = () =>
      createStack((stack) => new RiskManager(stack, 'risk_manager', { image: BOT, limits: limits as never }));

    expect(create).toThrow(
      /^desk\/risk_manager: limits cannot be .*\. Write limits: RiskLimits\.relative\(\{ maxPositionSize: 0\.2/,
    );
  });

  test.each(['absolute', 'relative'] as const)('cannot come of RiskLimits.%s without one of them', (kind) => {
    expect(() => RiskLimits[kind](undefined as never)).toThrow(/^RiskLimits: maxPositionSize cannot be undefined/);
    expect(() => RiskLimits[kind]({ maxPositionSize: 0.2 } as never)).toThrow(
      /^RiskLimits: max\w+ cannot be undefined/,
    );
    expect(() => RiskLimits[kind]({ maxPositionSize: '0.2' } as never)).toThrow("maxPositionSize cannot be '0.2'");
  });
});

describe('an OrderExecutor without a RiskManager', () => {
  test.each<[string, (stack: TradingStack) => unknown]>([
    ['nothing', () => undefined],
    ['its name', () => 'risk_manager'],
    ['another service', (stack) => new AppService(stack, 'risk_manager', { image: BOT })],
  ])('cannot be: %s', (_what, given) => {
    const create = () =>
      createStack((stack) => {
        new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager: given(stack) as never });
      });

    expect(create).toThrow(
      /^desk\/order_executor: riskManager cannot be .*\. Give the RiskManager that has to approve/,
    );
  });

  test('can have one of a class of its user’s own', () => {
    class StrictRiskManager extends RiskManager {}

    createStack((stack) => {
      const riskManager = new StrictRiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
      new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager });
    });
  });
});

describe('an OrderExecutor', () => {
  const order = (environment: Record<string, string> = {}) =>
    synthesizeStack((stack) => {
      const riskManager = new RiskManager(stack, 'risk_manager', { image: BOT, limits: LIMITS });
      new OrderExecutor(stack, 'order_executor', { image: BOT, riskManager, environment });
    });

  test('starts after its risk manager is healthy', () => {
    expect(startOf(order(), 'desk-order-executor').after).toEqual(['docker_container.desk-risk-manager']);
  });

  test('talks to it as `uses` says', () => {
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
      environment: { RISK_MANAGER_URL: 'tcp://risk_manager:5557' },
      after: ['docker_container.desk-risk-manager'],
    });
  });

  test('trades on paper, and says so', () => {
    expect(startOf(order(), 'desk-order-executor').environment).toMatchObject({ TRADING_ENVIRONMENT: 'paper' });
    expect(() => order({ TRADING_ENVIRONMENT: 'paper' })).not.toThrow();
  });

  test('cannot be made to trade live', () => {
    expect(() => order({ TRADING_ENVIRONMENT: 'live' })).toThrow(/order_executor.*TRADING_ENVIRONMENT/s);
    expect(() => order({ TRADING_ENVIRONMENT_FILE: '/app/live' })).toThrow(
      /^desk\/order_executor: TRADING_ENVIRONMENT_FILE asks for \/app\/live, and .*Leave TRADING_ENVIRONMENT_FILE out/,
    );
  });
});

describe('risk limits', () => {
  test('are amounts of money', () => {
    expect(RiskLimits.absolute({ maxPositionSize: 10_000, maxDailyLoss: 1_000 }).environment).toEqual({
      MAX_POSITION_SIZE: 10_000,
      MAX_DAILY_LOSS: 1_000,
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('are no amount of %s', (amount) => {
    expect(() => RiskLimits.absolute({ maxPositionSize: amount, maxDailyLoss: 1 })).toThrow(/maxPositionSize/);
    expect(() => RiskLimits.absolute({ maxPositionSize: 1, maxDailyLoss: amount })).toThrow(/maxDailyLoss/);
  });

  test.each([0, -0.1, 1.01, 20, Number.NaN])('are no share of %s', (share) => {
    expect(() => RiskLimits.relative({ maxPositionSize: share, maxDrawdown: 0.1 })).toThrow(/maxPositionSize/);
    expect(() => RiskLimits.relative({ maxPositionSize: 0.1, maxDrawdown: share })).toThrow(/0\.2 for 20 %/);
  });
});
