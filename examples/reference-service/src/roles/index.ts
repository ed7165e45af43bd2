import { AlertSystem } from './alert-system';
import { Analytics } from './analytics';
import { ApiGateway } from './api-gateway';
import { Arbitrage } from './arbitrage';
import { DataAccess } from './data-access';
import { FeatureApi } from './feature-api';
import { MarketData } from './market-data';
import { Migration } from './migration';
import { MonitoringUi } from './monitoring-ui';
import { OrderExecutor } from './order-executor';
import { RiskManager } from './risk-manager';
import type { RoleConstructor } from './role';
import { StrategyRunner } from './strategy-runner';
import { WebSocketService } from './websocket';

/** The roles by their names in `ROLE`. */
export const roles = {
  'market-data': MarketData,
  'feature-api': FeatureApi,
  'strategy-runner': StrategyRunner,
  'risk-manager': RiskManager,
  'order-executor': OrderExecutor,
  'alert-system': AlertSystem,
  'api-gateway': ApiGateway,
  websocket: WebSocketService,
  analytics: Analytics,
  'data-access': DataAccess,
  arbitrage: Arbitrage,
  'monitoring-ui': MonitoringUi,
  migration: Migration,
} satisfies Record<string, RoleConstructor>;
