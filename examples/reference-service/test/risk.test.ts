import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import type { Order, Side } from '../src/order';
import { readRiskLimits, type RiskLimits } from '../src/risk-limits';
import { RiskPolicy } from '../src/risk-policy';

const LIMITS: RiskLimits = { positionSize: 1_000, dailyLoss: 100, drawdown: undefined, breaks: true };

/** A policy, what trades on it and what it announced. */
function desk(limits: Partial<RiskLimits> = {}) {
  const breaks: string[] = [];
  const policy = new RiskPolicy({ ...LIMITS, ...limits }, (reason) => void breaks.push(reason));
  let count = 0;
  let day = 2;
  const at = (): string => `2026-01-0${day}T00:00:00.000Z`;
  const order = (side: Side, quantity: number, price: number): Order => ({
    id: String((count += 1)),
    symbol: 'A',
    side,
    quantity,
    price,
    strategy: 'test',
    createdAt: at(),
  });
  return {
    breaks,
    nextDay: () => (day += 1),
    fill: (side: Side, quantity: number, price: number): void => {
      const { id, ...trade } = order(side, quantity, price);
      policy.apply({ orderId: id, ...trade, filledAt: at() });
    },
    fillAgain: (): void =>
      policy.apply({ orderId: String(count), symbol: 'A', side: 'BUY', quantity: 9, price: 100, filledAt: at() }),
    ask: (side: Side, quantity: number, price: number): string => {
      const { approved, reason } = policy.decide(order(side, quantity, price), new Date(at()));
      return approved ? 'approved' : (reason ?? 'no reason');
    },
  };
}

describe('the largest position', () => {
  it('counts what is held already', () => {
    const { fill, ask } = desk();
    assert.equal(ask('BUY', 10, 100), 'approved');
    assert.match(ask('BUY', 10.1, 100), /the position in A after it is 1010\.00; at most 1000\.00 is allowed/);
    fill('BUY', 9, 100);
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.match(ask('BUY', 2, 100), /the position in A/);
  });

  it('is the same for what was sold', () => {
    const { fill, ask } = desk();
    fill('SELL', 9, 100);
    assert.match(ask('SELL', 2, 100), /the position in A/);
  });

  it('does not keep anybody from making a position smaller, only from turning it around', () => {
    const { fill, ask } = desk();
    fill('BUY', 10, 100);
    assert.equal(ask('SELL', 10, 150), 'approved');
    assert.match(ask('SELL', 25, 100), /the position in A after it is 1500/);
  });

  it('counts a fill that comes twice once', () => {
    const { fill, fillAgain, ask } = desk();
    fill('BUY', 9, 100);
    fillAgain();
    assert.equal(ask('BUY', 1, 100), 'approved');
  });
});

describe('the loss of a day', () => {
  it('stops what would make a position grow, and says so once', () => {
    const { fill, ask, breaks } = desk();
    fill('BUY', 5, 100);
    assert.equal(ask('BUY', 1, 80), 'approved');
    assert.match(ask('BUY', 1, 79), /the circuit breaker is open until tomorrow: the loss of today is 105\.00/);
    assert.match(ask('BUY', 1, 78), /circuit breaker/);
    assert.equal(ask('SELL', 5, 78), 'approved');
    assert.equal(breaks.length, 1);
  });

  it('is one that was realized too', () => {
    const { fill, ask } = desk();
    fill('BUY', 5, 100);
    fill('SELL', 5, 79);
    assert.match(ask('BUY', 1, 79), /the loss of today is 105/);
  });

  it('stops trading until the next day with the circuit breaker, even when it is made good', () => {
    const { fill, ask, nextDay } = desk();
    fill('BUY', 5, 100);
    ask('BUY', 1, 79);
    assert.match(ask('BUY', 1, 100), /circuit breaker/);
    nextDay();
    assert.equal(ask('BUY', 1, 100), 'approved');
  });

  it('stops trading as long as it is there without the circuit breaker', () => {
    const { fill, ask, breaks } = desk({ breaks: false });
    fill('BUY', 5, 100);
    assert.match(ask('BUY', 1, 79), /^the loss of today is 105/);
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.deepEqual(breaks, []);
  });

  it('is forgotten the next day', () => {
    const { fill, ask, nextDay } = desk({ breaks: false });
    fill('BUY', 5, 100);
    ask('BUY', 1, 79);
    nextDay();
    assert.equal(ask('BUY', 1, 79), 'approved');
  });
});

describe('the drawdown', () => {
  it('is counted from the most the account was worth, over days', () => {
    const { fill, ask, nextDay } = desk({ dailyLoss: undefined, drawdown: 150, breaks: false });
    fill('BUY', 5, 100);
    assert.equal(ask('BUY', 1, 120), 'approved');
    nextDay();
    assert.equal(ask('BUY', 1, 91), 'approved');
    nextDay();
    assert.match(ask('BUY', 1, 89), /the loss since the account was worth most is 155\.00; at most 150\.00/);
  });
});

describe('the limits', () => {
  const read = (environment: NodeJS.ProcessEnv): RiskLimits => readRiskLimits(new Configuration(environment));

  it('may be amounts or shares of the account', () => {
    assert.deepEqual(read({ MAX_POSITION_SIZE: '500', MAX_DAILY_LOSS: '50.5' }), {
      positionSize: 500,
      dailyLoss: 50.5,
      drawdown: undefined,
      breaks: true,
    });
    assert.deepEqual(
      read({
        MAX_POSITION_SIZE_PCT: '0.20',
        MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
        PAPER_TRADING_INITIAL_BALANCE: '20000',
        CIRCUIT_BREAKER_ENABLED: 'false',
      }),
      { positionSize: 4_000, dailyLoss: undefined, drawdown: 3_000, breaks: false },
    );
  });

  it('cannot be both', () => {
    assert.throws(() => read({ MAX_POSITION_SIZE: '1', MAX_PORTFOLIO_DRAWDOWN_PCT: '0.1' }), /set only one kind/);
  });

  it('are refused outside of their range', () => {
    for (const given of ['0', '-1', '1.01', '20', '20%', 'NaN']) {
      assert.throws(
        () => read({ MAX_POSITION_SIZE_PCT: given }),
        /MAX_POSITION_SIZE_PCT is .*a number above 0 and at most 1/,
      );
    }
    assert.throws(() => read({ MAX_DAILY_LOSS: '0' }), /MAX_DAILY_LOSS/);
    assert.throws(() => read({ CIRCUIT_BREAKER_ENABLED: 'yes' }), /one of true, false/);
  });
});
