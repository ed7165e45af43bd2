import type { TradingStack } from '../../lib';
import { Image, MonitoringStack, PostgresDb, RiskLimits, RiskManager, Secret } from '../../lib';
import { createStack } from '../setup/synthesize';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const limits = RiskLimits.relative({ maxPositionSize: 0.2, maxDrawdown: 0.15 });

function key(stack: TradingStack): Secret {
  return Secret.provided(stack, 'key', { description: 'a key' });
}

test.each<[string, (stack: TradingStack) => unknown, string]>([
  [
    "PostgreSQL's log outside of the volume",
    (stack) => new PostgresDb(stack, 'db', { environment: { POSTGRES_INITDB_WALDIR: '/wal' } }),
    'POSTGRES_INITDB_WALDIR',
  ],
  [
    "PostgreSQL's folder in a secret",
    (stack) => new PostgresDb(stack, 'db', { secrets: { PGDATA: key(stack) } }),
    'PGDATA',
  ],
  [
    "Grafana's data outside of the volume",
    (stack) =>
      new MonitoringStack(stack, 'monitoring', { watch: [], grafana: { environment: { GF_PATHS_DATA: '/data' } } }),
    'GF_PATHS_DATA',
  ],
  [
    'another port of Grafana',
    (stack) =>
      new MonitoringStack(stack, 'monitoring', { watch: [], grafana: { environment: { GF_SERVER_HTTP_PORT: 3001 } } }),
    'GF_SERVER_HTTP_PORT',
  ],
  [
    'a risk limit that `limits` already sets',
    (stack) => new RiskManager(stack, 'risk', { image, limits, environment: { MAX_DAILY_LOSS: 9_999_999 } }),
    'MAX_DAILY_LOSS',
  ],
])('rejects a variable for %s', (_what, create, variable) => {
  expect(() => createStack(create)).toThrowCode('reserved-setting', `the variable ${variable} `);
});
