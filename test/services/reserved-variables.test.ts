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
    'desk/db: the variable POSTGRES_INITDB_WALDIR is up to the construct. Leave it out: outside of the volume',
  ],
  [
    "PostgreSQL's folder in a secret",
    (stack) => new PostgresDb(stack, 'db', { secrets: { PGDATA: key(stack) } }),
    'desk/db: the variable PGDATA is up to the construct. Give dataDirectory',
  ],
  [
    "Grafana's data outside of the volume",
    (stack) =>
      new MonitoringStack(stack, 'monitoring', { watch: [], grafana: { environment: { GF_PATHS_DATA: '/data' } } }),
    'the variable GF_PATHS_DATA is up to the construct. Leave it out, or give volume',
  ],
  [
    'another port of Grafana',
    (stack) =>
      new MonitoringStack(stack, 'monitoring', { watch: [], grafana: { environment: { GF_SERVER_HTTP_PORT: 3001 } } }),
    'the variable GF_SERVER_HTTP_PORT is up to the construct. Leave it out: others are told of HTTP on 3000',
  ],
  [
    'a limit beside the limits',
    (stack) => new RiskManager(stack, 'risk', { image, limits, environment: { MAX_DAILY_LOSS: 9_999_999 } }),
    'desk/risk: the variable MAX_DAILY_LOSS is up to the construct. Give limits.',
  ],
])('%s is refused', (_what, create, message) => {
  expect(() => createStack(create)).toThrow(message);
});
