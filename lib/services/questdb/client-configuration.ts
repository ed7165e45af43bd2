import type { Construct } from 'constructs';
import { checkOptions, type OptionShapes } from '../../options/options';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { type Secret, SecretDelivery } from '../../workload/secrets/secret';
import { QUESTDB_HTTP_PORT } from './settings';

/** Options of {@link QuestDb.clientConfiguration}. */
export interface QuestDbClientOptions {
  /**
   * Name of the variable. `_FILE` is appended if it is delivered as a file.
   * @default 'QDB_CLIENT_CONF'
   */
  readonly variable?: string;
  /**
   * How it reaches the consumer. `Sender.from_env()` of the clients reads the variable itself, which is
   * `SecretDelivery.EXPORTED`.
   * @default SecretDelivery.FILE
   */
  readonly delivery?: SecretDelivery;
}

const OPTIONS: OptionShapes<QuestDbClientOptions> = { variable: 'string', delivery: 'string' };

/** Where and as whom QuestDB's own clients log in. */
interface ClientLogin {
  readonly host: string;
  readonly user: string;
  readonly password: Secret;
  readonly startAfter: readonly string[];
}

/** @throws TradingStackError for an unknown option */
export function clientConfiguration(owner: Construct, login: ClientLogin, options: QuestDbClientOptions): IConnectable {
  const { path: from } = owner.node;
  checkOptions(options, OPTIONS, `${from}.clientConfiguration`);
  const { variable = 'QDB_CLIENT_CONF', delivery = SecretDelivery.FILE } = options;
  const { host, user, password, startAfter } = login;
  const secret = {
    owner,
    id: 'client_configuration',
    key: 'client-configuration',
    parts: { password },
    // https://questdb.com/docs/connect/clients/configuration-string/: a semicolon in a value is doubled.
    compose: (contents: Readonly<Record<string, string>>) =>
      `http::addr=${host}:${QUESTDB_HTTP_PORT};username=${user};password=${(contents.password ?? '').replaceAll(';', ';;')};`,
  };
  const connection: Connection = {
    from,
    within: Platform.of(owner).path,
    host,
    environment: {},
    secrets: { [variable]: { secret, delivery } },
    startAfter,
    extraHosts: [],
  };
  return { connection: () => connection };
}
