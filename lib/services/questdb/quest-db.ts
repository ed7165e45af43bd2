import { Construct } from 'constructs';
import { Backup } from '../../backup/backup';
import type { BackupOptions } from '../../backup/backup-options';
import { checkOptions, listeningOn, type OptionShapes } from '../../options/options';
import { Platform } from '../../platform/platform';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import { Secret } from '../../workload/secrets/secret';
import { Volume } from '../../workload/storage/volume';
import { Cpu } from '../../workload/units/cpu';
import { Duration } from '../../workload/units/duration';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { WORKLOAD_OPTIONS, type WorkloadOptions } from '../../workload/workload-props';
import { warnOfPlainSettings } from '../server';
import { clientConfiguration, type QuestDbClientOptions } from './client-configuration';
import { guardedEntrypoint } from './data-guard';
import { questDbMetrics } from './metrics';
import {
  checkQuestDbSettings,
  checkQuestDbImage,
  checkUserName,
  DEFAULT_IMAGE,
  jvmOptions,
  MINIMUM_MEMORY,
  portsOpenedBy,
  QUESTDB_HTTP_PORT,
  QUESTDB_METRICS_PORT,
  QUESTDB_SQL_PORT,
  type QuestDbSettings,
  settingsFor,
  variablesOf,
} from './settings';

/** Properties of a {@link QuestDb}. */
export interface QuestDbProps extends WorkloadOptions {
  /** @default Image.fromRegistry('questdb/questdb:10.0.1') */
  readonly image?: Image;
  /**
   * Name of the user, for all protocols.
   * @default 'admin'
   */
  readonly user?: string;
  /**
   * Password of the user. Each start reads it again, so it can be changed at any time.
   * @default - a generated password
   */
  readonly password?: Secret;
  /**
   * Settings of the server, named as in `server.conf`: `{ 'query.timeout': '5m' }`; they override those derived from its
   * memory. QuestDB ignores a name that it does not know. Ports, users, passwords and the folder of the data cannot be
   * set here.
   * @default - only those that follow from the other options
   */
  readonly settings?: QuestDbSettings;
  /**
   * Volume of the data.
   * @default - Volume.retained('<id>_data')
   */
  readonly volume?: Volume;
}

const OPTIONS: OptionShapes<QuestDbProps> = {
  ...WORKLOAD_OPTIONS,
  image: Image,
  user: 'string',
  password: Secret,
  settings: 'object',
  volume: Volume,
};

const DEFAULT_MEMORY = Size.gibibytes(2);
const DATA_FOLDER = '/var/lib/questdb';
const LIBRARIES_FOLDER = `${DATA_FOLDER}/libraries`;
/** The user of the image. */
const USER = 'questdb';
/** The only database of a server. */
const DATABASE = 'qdb';

/**
 * QuestDB for time series, with a password on every protocol. A consumer gets `QUESTDB_URL_FILE` for the PostgreSQL wire
 * protocol, or what it picks: {@link QuestDb.endpoint}, {@link QuestDb.httpEndpoint} for the REST API, and
 * {@link QuestDb.clientConfiguration} for QuestDB's own clients.
 *
 * @example
 * const ticks = new QuestDb(stack, 'questdb', { resources: { memory: Size.gibibytes(4) } });
 * new MarketDataService(stack, 'market_data', { image, uses: [ticks.clientConfiguration()] });
 * new AnalyticsService(stack, 'analytics', { image, uses: [ticks] });
 */
export class QuestDb extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** SQL over the PostgreSQL wire protocol. */
  readonly endpoint: Endpoint;
  /** The REST API, InfluxDB Line Protocol over HTTP and the web console. */
  readonly httpEndpoint: Endpoint;
  readonly metrics: MetricsSource;
  private readonly user: string;
  private readonly image: Image;
  private readonly volume: Volume;
  private readonly own: Pick<QuestDbProps, 'runAs' | 'placement'>;

  /**
   * @throws TradingStackError for an invalid option, for a setting or variable that the construct manages, for an
   *   image of unknown layout, and for a version of QuestDB that reads no passwords from files
   */
  constructor(scope: Construct, id: string, props: QuestDbProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(OPTIONS, QUESTDB_SQL_PORT), where);
    const { user = 'admin', image = Image.fromRegistry(DEFAULT_IMAGE) } = props;
    const memory = props.resources?.memory ?? DEFAULT_MEMORY;
    checkUserName(user, where);
    checkQuestDbImage(image, this);
    checkQuestDbSettings(props, memory, where);
    warnOfPlainSettings(this, props.settings);
    const settings = { ...settingsFor(memory, user), ...props.settings };
    const volume = props.volume ?? Volume.retained(`${id}_data`);
    const { JVM_PREPEND: ownJvmOptions = '', ...environment } = props.environment ?? {};
    this.user = user;
    this.image = image;
    this.volume = volume;
    this.own = props;
    this.password = (props.password ?? Secret.generated(this, 'password')).readBy('server');

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image, environment },
      {
        environment: {
          ...variablesOf(settings),
          JVM_PREPEND: jvmOptions(memory, LIBRARIES_FOLDER, String(ownJvmOptions)),
        },
        secrets: { QDB_HTTP_PASSWORD: this.password, QDB_PG_PASSWORD: this.password },
        volumes: [volume.mountExclusivelyAt(DATA_FOLDER)],
        imageEntrypoint: ['/docker-entrypoint.sh'],
        commandCarries: 'the arguments of the server and the check of its volume',
        holdsData: true,
        knownPorts: portsOpenedBy(settings),
        minimum: { memory: MINIMUM_MEMORY },
        defaults: {
          entrypoint: guardedEntrypoint({
            folder: DATA_FOLDER,
            libraries: LIBRARIES_FOLDER,
            volume: volume.nameOn(Platform.of(this)),
          }),
          healthCheck: statusCheck(),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY },
          runAs: USER,
          readOnlyRootFilesystem: true,
          // It finishes what it writes; after a kill the next start has to recover.
          stopGracePeriod: Duration.seconds(60),
        },
      },
    );

    const { host, addresses: startAfter } = this.workload;
    const login = { host, user, password: this.password, startAfter };
    const sql = { scheme: 'postgresql', port: QUESTDB_SQL_PORT, envPrefix: 'QUESTDB', path: DATABASE };
    this.endpoint = new Endpoint(this, { ...login, ...sql });
    const http = { scheme: 'http', port: QUESTDB_HTTP_PORT, envPrefix: 'QUESTDB_HTTP' };
    this.httpEndpoint = new Endpoint(new Construct(this, `${id}_http`), { ...login, ...http });
    this.metrics = questDbMetrics(id, host);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * The configuration string of QuestDB's own clients, which write over HTTP:
   * `http::addr=questdb:9000;username=admin;password=…;`.
   * @throws TradingStackError for an unknown option
   */
  clientConfiguration(options: QuestDbClientOptions = {}): IConnectable {
    const { host, addresses: startAfter } = this.workload;
    return clientConfiguration(this, { host, user: this.user, password: this.password, startAfter }, options);
  }

  /**
   * Backs up all tables as they are at a checkpoint. A restore stops the server meanwhile, and keeps the old data in the
   * volume.
   * @throws TradingStackError for an invalid option, a second backup, and an image that is built with the stack
   */
  backup(options: BackupOptions): Backup {
    const { runAs = USER, placement } = this.own;
    const server = {
      script: 'questdb',
      image: this.image,
      runAs,
      server: this.workload,
      placement,
      environment: { QUESTDB_HOST: this.workload.host, QUESTDB_USER: this.user },
      secrets: { QUESTDB_PASSWORD: this.password },
      restoredStopped: true,
      volumes: [this.volume.mountForBackupAt(DATA_FOLDER)],
      memory: MINIMUM_MEMORY,
    } as const;
    return new Backup(this, server, options);
  }
}

/**
 * With bash, which the image's entry point needs anyway. The ports open before the server answers, so a connection alone
 * does not mean that it is ready.
 */
function statusCheck(): HealthCheck {
  const request = String.raw`exec 3<>/dev/tcp/127.0.0.1/${QUESTDB_METRICS_PORT} && printf 'GET /status HTTP/1.0\r\n\r\n' >&3`;
  return HealthCheck.command(['bash', '-c', `${request} && read -r status <&3 && [[ $status == *' 200 '* ]]`], {
    startPeriod: Duration.seconds(60),
  });
}
