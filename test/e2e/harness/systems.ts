/** The five example systems on an engine: whether they are healthy, and whether they trade. */
import { containersOf, eventually, execute } from './engine';
import { CHECKED_FILLS, UNCHECKED_FILLS } from './fills';

/** An example, with its network and the user and name of its database. */
export interface System {
  readonly stack: string;
  readonly network: string;
  readonly database: string;
  readonly login: readonly [user: string, name: string];
  /** What a client asks for that needs the database, at a port that the stack publishes. */
  readonly reading: string;
}

export const SYSTEMS: readonly System[] = [
  {
    stack: 'mt5',
    network: 'mt5-net',
    database: 'mt5-db',
    login: ['mt5_user', 'mt5'],
    reading: 'http://127.0.0.1:8000/health',
  },
  {
    stack: 'binance',
    network: 'trading_network',
    database: 'binance-db',
    login: ['trading', 'trading'],
    reading: 'http://127.0.0.1:8180/api/fills',
  },
  {
    stack: 'alpaca',
    network: 'trading-net',
    database: 'alpaca-db',
    login: ['trading_bot_user', 'trading_bot'],
    reading: 'http://127.0.0.1:8200/api/fills',
  },
  {
    stack: 'mastertrade',
    network: 'mastertrade_network',
    database: 'mastertrade_postgres',
    login: ['mastertrade', 'mastertrade'],
    reading: 'http://127.0.0.1:8390/api/fills',
  },
  {
    stack: 'platform',
    network: 'platform',
    database: 'platform-postgres',
    login: ['postgres', 'trading_platform'],
    reading: 'http://127.0.0.1:8480/health',
  },
];

/**
 * Waits until one more order has been filled.
 * @returns the number of orders that were filled without approval, which has to be 0
 */
export async function uncheckedAfterFill({ database, login: [user, name] }: System): Promise<number> {
  const count = async (statement: string): Promise<number> =>
    Number(await execute(database, 'psql', '-U', user, '-d', name, '-tA', '-c', statement));
  const before = await count(CHECKED_FILLS);
  await eventually(
    () => count(CHECKED_FILLS),
    (fills) => fills > before,
    180,
  );
  return count(UNCHECKED_FILLS);
}

/** Services that do not run or fail their probe, and jobs that did not exit with 0. */
export async function unhealthy(stack: string): Promise<string[]> {
  const containers = [...(await containersOf(stack)).values()];
  if (containers.length === 0) return ['nothing runs'];
  return containers
    .filter(({ State: { Status, ExitCode, Health } }) =>
      Status === 'running' ? (Health?.Status ?? 'healthy') !== 'healthy' : Status !== 'exited' || ExitCode !== 0,
    )
    .map(({ Name, State }) => `${Name}: ${State.Status} ${State.Health?.Status ?? ''} ${State.ExitCode}`);
}
