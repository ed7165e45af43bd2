import { ConfigurationError, type Configuration } from './configuration';

/** The limits, in the currency of the account. */
export interface RiskLimits {
  /** Largest value of one position. */
  readonly positionSize: number;
  /** Largest loss of one day (UTC), if there is such a limit. */
  readonly dailyLoss: number | undefined;
  /** Largest loss since the highest value of the account, if there is such a limit. */
  readonly drawdown: number | undefined;
  /** Whether a loss beyond its limit stops trading until the next day, even if it is recovered before. */
  readonly breaks: boolean;
  /** How far the price of an order may be from the market price, as a fraction of it. */
  readonly priceDeviation: number;
}

const LARGEST_AMOUNT = 1e12;

/** Either in money, `MAX_POSITION_SIZE` and `MAX_DAILY_LOSS`, or as shares of `PAPER_TRADING_INITIAL_BALANCE`. */
export function readRiskLimits(configuration: Configuration): RiskLimits {
  const breaks = configuration.flag('CIRCUIT_BREAKER_ENABLED', true);
  const priceDeviation = configuration.amount('MAX_PRICE_DEVIATION_PCT', { max: 1, default: 0.05 });
  const always = { breaks, priceDeviation };
  const balance = configuration.amount('PAPER_TRADING_INITIAL_BALANCE', { max: LARGEST_AMOUNT, default: 10_000 });
  const [size, loss] = read(configuration, ['MAX_POSITION_SIZE', 'MAX_DAILY_LOSS'], LARGEST_AMOUNT);
  const [sizeShare, drawdownShare] = read(configuration, ['MAX_POSITION_SIZE_PCT', 'MAX_PORTFOLIO_DRAWDOWN_PCT'], 1);
  const inMoney = size !== undefined || loss !== undefined;
  const asShares = sizeShare !== undefined || drawdownShare !== undefined;
  if (inMoney && asShares) {
    throw new ConfigurationError(
      'the limits are given both in money (MAX_POSITION_SIZE, MAX_DAILY_LOSS) and as shares of the account ' +
        '(MAX_POSITION_SIZE_PCT, MAX_PORTFOLIO_DRAWDOWN_PCT); set only one kind',
    );
  }
  if (!asShares) return { positionSize: size ?? 10_000, dailyLoss: loss ?? 1_000, drawdown: undefined, ...always };
  return {
    positionSize: (sizeShare ?? 0.2) * balance,
    dailyLoss: undefined,
    drawdown: (drawdownShare ?? 0.15) * balance,
    ...always,
  };
}

function read(configuration: Configuration, names: readonly [string, string], max: number): (number | undefined)[] {
  return names.map((name) => configuration.optionalAmount(name, max));
}
