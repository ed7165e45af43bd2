import { Image, PostgresDb, RiskLimits, RiskManager, type TradingStack } from '../../lib';

/** A program of the desk. */
export const image = Image.fromRegistry('ghcr.io/desk/bot:1.4.0');

/** The risk manager that an order executor needs. */
export function createRiskManager(stack: TradingStack): RiskManager {
  const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });
  return new RiskManager(stack, 'risk_manager', { image, limits });
}

export function createDatabase(stack: TradingStack): PostgresDb {
  return new PostgresDb(stack, 'db', { database: 'mt5', user: 'mt5_user' });
}
