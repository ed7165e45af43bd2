import { FeatureApi } from './feature-api';
import { MarketData } from './market-data';
import type { RoleConstructor } from './role';
import { StrategyRunner } from './strategy-runner';

/** The roles by their names in `ROLE`. */
export const roles = {
  'market-data': MarketData,
  'feature-api': FeatureApi,
  'strategy-runner': StrategyRunner,
} satisfies Record<string, RoleConstructor>;
