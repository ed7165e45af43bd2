import type { TradingStack } from '../../lib';
import {
  EnvFile,
  Image,
  InfluxDb,
  MonitoringStack,
  PostgresDb,
  QuestDb,
  RabbitMqBroker,
  RiskLimits,
  RiskManager,
  Secret,
} from '../../lib';
import { createStack } from '../setup/synthesize';
import { TemporaryProject } from '../workload/temporary-project';

const image = Image.fromRegistry('ghcr.io/desk/bot:2.4');
const project = TemporaryProject.forEveryTest();
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

describe('a variable of an env file in `uses`', () => {
  const using =
    (Server: typeof PostgresDb | typeof InfluxDb | typeof QuestDb | typeof RabbitMqBroker, line: string) => () => {
      project.write('db.env', `${line}\nLANG=C`);
      createStack((stack) => new Server(stack, 'db', { uses: [new EnvFile(stack, 'settings', { path: 'db.env' })] }));
    };

  test.each([
    [PostgresDb, 'PGDATA=/tmp/x'],
    [PostgresDb, 'PGPORT=5433'],
    [InfluxDb, 'INFLUXD_ENGINE_PATH=/tmp/x'],
    [QuestDb, 'QDB_CAIRO_ROOT=/tmp/x'],
    [QuestDb, 'QUESTDB_DATA_DIR=/tmp/x'],
    [QuestDb, 'JVM_PREPEND=-Xmx2g'],
    [QuestDb, 'QDB_PG_PASSWORD=canary'],
    [RabbitMqBroker, 'RABBITMQ_MNESIA_DIR=/tmp/x'],
    [RabbitMqBroker, 'RABBITMQ_NODENAME=x@y'],
  ])('is refused by %p if the construct manages it: %s', (Server, line) => {
    const [variable = ''] = line.split('=');
    expect(using(Server, line)).toThrowCode(
      'reserved-setting',
      `the variable ${variable} of desk/settings is managed by this construct`,
      `omit: ['${variable}']`,
    );
  });

  test.each([PostgresDb, InfluxDb, QuestDb, RabbitMqBroker])('is accepted by %p otherwise', (Server) => {
    expect(using(Server, 'TZ=UTC')).not.toThrow();
  });
});
