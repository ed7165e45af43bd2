import { FeatureApi } from './feature-api';
import { MarketData } from './market-data';
import { Migration } from './migration';
import { OrderExecutor } from './order-executor';
import { RiskManager } from './risk-manager';
import type { RoleConstructor } from './role';
import { StrategyRunner } from './strategy-runner';

/** The roles by their names in `ROLE`. */
export const roles = {
  'market-data': MarketData,
  'feature-api': FeatureApi,
  'strategy-runner': StrategyRunner,
  'risk-manager': RiskManager,
  'order-executor': OrderExecutor,
  migration: Migration,
} satisfies Record<string, RoleConstructor>;
