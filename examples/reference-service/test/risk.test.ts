import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Configuration } from '../src/configuration';
import type { Order, RiskAnswer, Side } from '../src/order';
import { readRiskLimits, type RiskLimits } from '../src/risk-limits';
import { RiskPolicy, type Rule } from '../src/risk-policy';

const LIMITS: RiskLimits = {
  positionSize: 1_000,
  dailyLoss: 100,
  drawdown: undefined,
  breaks: true,
  priceDeviation: 0.05,
};

/** A policy with functions that trade on it, and its announcements. */
function desk(limits: Partial<RiskLimits> = {}) {
  const breaks: string[] = [];
  const policy = new RiskPolicy({ ...LIMITS, ...limits }, ({ day, cause }) => void breaks.push(`${day}: ${cause}`));
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
    used: () => policy.used,
    rule: (side: Side, quantity: number, price: number, market = price): Rule | undefined =>
      policy.decide(order(side, quantity, price), market, new Date(at())).rule,
    nextDay: () => (day += 1),
    restore: (cause: string): void => {
      policy.restore({ day: at().slice(0, 10), cause });
    },
    tick: (price: number): void => {
      policy.mark('A', price, new Date(at()));
    },
    fill: (side: Side, quantity: number, price: number): void => {
      const { id, ...trade } = order(side, quantity, price);
      policy.apply({ orderId: id, ...trade, filledAt: at() });
    },
    fillOf: (past: number, side: Side, quantity: number, price: number): void => {
      const { id, ...trade } = order(side, quantity, price);
      policy.apply({ orderId: id, ...trade, filledAt: `2026-01-0${past}T12:00:00.000Z` });
    },
    fillAgain: (): void => {
      policy.apply({ orderId: String(count), symbol: 'A', side: 'BUY', quantity: 9, price: 100, filledAt: at() });
    },
    /** While the market price is `price`, unless another one is passed. */
    ask: (side: Side, quantity: number, price: number, market: number | undefined = price): string =>
      outcome(policy.decide(order(side, quantity, price), market, new Date(at()))),
    askInTheDark: (side: Side, quantity: number, price: number): string =>
      outcome(policy.decide(order(side, quantity, price), undefined, new Date(at()))),
  };
}

function outcome({ approved, reason }: RiskAnswer): string {
  return approved ? 'approved' : (reason ?? 'no reason');
}

describe('the largest position', () => {
  it('includes the current position', () => {
    const { fill, ask } = desk();
    assert.equal(ask('BUY', 10, 100), 'approved');
    assert.match(ask('BUY', 10.1, 100), /the position in A after it is 1010\.00; at most 1000\.00 is allowed/);
    fill('BUY', 9, 100);
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.match(ask('BUY', 2, 100), /the position in A/);
  });

  it('is valued at the market price, and not at the price of the order', () => {
    const { ask } = desk();
    assert.equal(ask('BUY', 10, 104, 100), 'approved');
    assert.match(ask('BUY', 10.1, 96, 100), /the position in A after it is 1010\.00/);
  });

  it('applies to short positions too', () => {
    const { fill, ask } = desk();
    fill('SELL', 9, 100);
    assert.match(ask('SELL', 2, 100), /the position in A/);
  });

  it('does not prevent an order that reduces a position, only one that reverses it', () => {
    const { fill, ask } = desk();
    fill('BUY', 10, 100);
    assert.equal(ask('SELL', 10, 150), 'approved');
    assert.match(ask('SELL', 25, 100), /the position in A after it is 1500/);
  });

  it('counts a repeated fill only once', () => {
    const { fill, fillAgain, ask } = desk();
    fill('BUY', 9, 100);
    fillAgain();
    assert.equal(ask('BUY', 1, 100), 'approved');
  });
});

describe('the price of an order', () => {
  it('may differ from the market price by 5 % and no more', () => {
    const { ask } = desk();
    assert.equal(ask('BUY', 1, 105, 100), 'approved');
    assert.equal(ask('SELL', 1, 95, 100), 'approved');
    assert.match(
      ask('BUY', 1e9, 0.000001, 100),
      /the price 0\.000001 is too far from the market's 100; at most 5\.00 % is allowed/,
    );
    assert.match(ask('BUY', 1, 105.1, 100), /the price 105\.1 is too far/);
  });

  it('has the same limit for an order that reduces a position', () => {
    const { fill, ask } = desk();
    fill('BUY', 5, 100);
    assert.match(ask('SELL', 5, 0.01, 100), /the price 0\.01 is too far/);
  });

  it('is refused if the market price is unknown', () => {
    const { fill, askInTheDark } = desk();
    fill('BUY', 5, 100);
    assert.match(askInTheDark('BUY', 1, 100), /the market's price of A is not known just now/);
    assert.match(askInTheDark('SELL', 5, 100), /the market's price of A is not known just now/);
  });

  it('does not affect later orders', () => {
    const { fill, ask, breaks } = desk({ dailyLoss: undefined, drawdown: 100 });
    fill('BUY', 5, 100);
    assert.match(ask('BUY', 1, 10_000, 100), /too far/);
    assert.match(ask('BUY', 1, 1, 100), /too far/);
    assert.equal(ask('BUY', 1, 104, 100), 'approved');
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.deepEqual(breaks, []);
  });

  it('does not determine the value of the account after the fill', () => {
    const { fill, tick, ask } = desk({ positionSize: 10_000, dailyLoss: undefined, drawdown: 100 });
    fill('BUY', 50, 100);
    tick(100);
    fill('BUY', 1, 104);
    assert.equal(ask('BUY', 1, 100), 'approved');
  });
});

describe('the loss of a day', () => {
  it('refuses orders that increase a position, and is announced once', () => {
    const { fill, ask, breaks } = desk();
    fill('BUY', 5, 100);
    assert.equal(ask('BUY', 1, 80), 'approved');
    assert.match(ask('BUY', 1, 79), /the circuit breaker is open until tomorrow: the loss of today is 105\.00/);
    assert.match(ask('BUY', 1, 78), /circuit breaker/);
    assert.equal(ask('SELL', 5, 78), 'approved');
    assert.equal(breaks.length, 1);
  });

  it('is detected when the price arrives, even if it is recovered before the next order', () => {
    const { fill, tick, ask, breaks } = desk();
    fill('BUY', 5, 100);
    tick(79);
    assert.deepEqual(breaks, ['2026-01-02: the loss of today is 105.00; at most 100.00 is allowed']);
    assert.match(ask('BUY', 1, 100), /circuit breaker/);
  });

  it('does not include a loss of yesterday that is read today', () => {
    const { fill, fillOf, nextDay, tick, ask, breaks } = desk();
    fill('BUY', 5, 100);
    nextDay();
    tick(100);
    fillOf(2, 'SELL', 5, 79);
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.deepEqual(breaks, []);
  });

  it('includes realized losses', () => {
    const { fill, ask } = desk();
    fill('BUY', 5, 100);
    fill('SELL', 5, 79);
    assert.match(ask('BUY', 1, 79), /the loss of today is 105/);
  });

  it('stops trading until the next day with the circuit breaker, even if it is recovered', () => {
    const { fill, ask, nextDay } = desk();
    fill('BUY', 5, 100);
    ask('BUY', 1, 79);
    assert.match(ask('BUY', 1, 100), /circuit breaker/);
    nextDay();
    assert.equal(ask('BUY', 1, 100), 'approved');
  });

  it('still stops trading after a restart, and is not announced again', () => {
    const { restore, fill, tick, ask, breaks } = desk();
    restore('the loss of before');
    fill('BUY', 5, 100);
    tick(79);
    tick(100);
    assert.match(ask('BUY', 1, 100), /the circuit breaker is open until tomorrow: the loss of before/);
    assert.equal(ask('SELL', 5, 100), 'approved');
    assert.deepEqual(breaks, []);
  });

  it('stops trading only as long as it lasts without the circuit breaker', () => {
    const { fill, ask, breaks } = desk({ breaks: false });
    fill('BUY', 5, 100);
    assert.match(ask('BUY', 1, 79), /^the loss of today is 105/);
    assert.equal(ask('BUY', 1, 100), 'approved');
    assert.deepEqual(breaks, []);
  });

  it('is reset on the next day', () => {
    const { fill, ask, nextDay } = desk({ breaks: false });
    fill('BUY', 5, 100);
    ask('BUY', 1, 79);
    nextDay();
    assert.equal(ask('BUY', 1, 79), 'approved');
  });
});

describe('the drawdown', () => {
  it('is measured from the highest value of the account, across days', () => {
    const { fill, ask, nextDay } = desk({ dailyLoss: undefined, drawdown: 150, breaks: false });
    fill('BUY', 5, 100);
    assert.equal(ask('BUY', 1, 120), 'approved');
    nextDay();
    assert.equal(ask('BUY', 1, 91), 'approved');
    nextDay();
    assert.match(ask('BUY', 1, 89), /the loss since the account was worth most is 155\.00; at most 150\.00/);
  });
});

describe('the metrics of a policy', () => {
  it('name the rule that an order was refused by', () => {
    const { fill, rule, tick } = desk();
    assert.equal(rule('BUY', 1, 100), undefined);
    assert.equal(rule('BUY', 1, 200, 100), 'price_deviation');
    assert.equal(rule('BUY', 11, 100), 'position_size');
    fill('BUY', 5, 100);
    tick(79);
    assert.equal(rule('BUY', 1, 79), 'circuit_breaker');
    const open = desk({ breaks: false });
    open.fill('BUY', 5, 100);
    assert.equal(open.rule('BUY', 1, 79), 'daily_loss');
  });

  it('show how much of each limit is used', () => {
    const { fill, tick, used } = desk({ drawdown: 200 });
    assert.deepEqual(used(), { position_size: 0, daily_loss: 0, drawdown: 0 });
    fill('SELL', 5, 100);
    tick(110);
    assert.deepEqual(used(), { position_size: 0.55, daily_loss: 0.5, drawdown: 0.25 });
    assert.deepEqual(Object.keys(desk({ dailyLoss: undefined }).used()), ['position_size']);
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
      priceDeviation: 0.05,
    });
    assert.deepEqual(
      read({
        MAX_POSITION_SIZE_PCT: '0.20',
        MAX_PORTFOLIO_DRAWDOWN_PCT: '0.15',
        PAPER_TRADING_INITIAL_BALANCE: '20000',
        CIRCUIT_BREAKER_ENABLED: 'false',
        MAX_PRICE_DEVIATION_PCT: '0.01',
      }),
      { positionSize: 4_000, dailyLoss: undefined, drawdown: 3_000, breaks: false, priceDeviation: 0.01 },
    );
  });

  it('cannot be both', () => {
    assert.throws(() => read({ MAX_POSITION_SIZE: '1', MAX_PORTFOLIO_DRAWDOWN_PCT: '0.1' }), /set only one kind/);
  });

  it('are refused outside their range', () => {
    for (const given of ['0', '-1', '1.01', '20', '20%', 'NaN']) {
      assert.throws(
        () => read({ MAX_POSITION_SIZE_PCT: given }),
        /MAX_POSITION_SIZE_PCT is .*a number above 0 and at most 1/,
      );
    }
    assert.throws(() => read({ MAX_DAILY_LOSS: '0' }), /MAX_DAILY_LOSS/);
    assert.throws(() => read({ MAX_PRICE_DEVIATION_PCT: '5' }), /MAX_PRICE_DEVIATION_PCT is "5"; .* at most 1/);
    assert.throws(() => read({ CIRCUIT_BREAKER_ENABLED: 'yes' }), /one of true, false/);
  });
});
