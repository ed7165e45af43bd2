import { Construct } from 'constructs';
import { type BackedUpServer, Backup } from '../../backup/backup';
import type { BackupOptions } from '../../backup/backup-options';
import { alreadyTaken, invalidName, invalidValue, TradingStackError } from '../../errors';
import { checkOptions, listeningOn } from '../../options/options';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Endpoint } from '../../workload/connections/endpoint';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { HealthCheck } from '../../workload/health/health-check';
import { Secret } from '../../workload/secrets/secret';
import { ConfigFile } from '../../workload/storage/config-file';
import { Volume } from '../../workload/storage/volume';
import { Cpu } from '../../workload/units/cpu';
import { Duration } from '../../workload/units/duration';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import { warnOfPlainSettings } from '../server';
import { checkTopology, definitionsText } from './definitions';
import { rabbitMqMetrics } from './metrics';
import { backedUpBroker } from './backup';
import { passwordChange } from './password-change';
import { RABBITMQ_BROKER_OPTIONS, type RabbitMqBrokerProps } from './rabbitmq-broker-props';
import {
  checkRabbitMqIdentity,
  checkRabbitMqSettings,
  movesManagement,
  portsOpenedBy,
  RABBITMQ_MANAGEMENT_PORT,
  RABBITMQ_PORT,
  RABBITMQ_USER,
  rabbitMqImage,
  settingsFor,
  settingsText,
} from './settings';
import { topologyJob } from './topology-job';
import { type RabbitMqUser, type RabbitMqUserOptions, USER_OPTIONS, usersText } from './users';
import { checkName, checkPattern } from './values';

const DEFAULT_MEMORY = Size.gibibytes(1);
/** A plain file, so that a plan shows changed permissions. */
const DEFINITIONS = '/etc/rabbitmq/definitions.json';

/**
 * A RabbitMQ broker with users, queues and limits from code. A consumer gets `RABBITMQ_URL_FILE` as the first user, or as
 * a user of its own with {@link RabbitMqBroker.user}. There is no user `guest`.
 *
 * Users and queues are imported at every start. Changing them replaces the broker; messages in durable queues survive.
 * What is removed from the code stays in the broker until it is deleted there.
 *
 * Quorum queues, including those that clients declare, keep a message however often it is delivered without an
 * acknowledgement: an operator policy lifts RabbitMQ's limit of 20, at which it deletes the message. A `delivery-limit` in
 * a policy, or `x-delivery-limit` in the arguments of a queue, takes precedence.
 *
 * @example
 * const broker = new RabbitMqBroker(stack, 'rabbitmq', { queues: [{ name: 'orders' }] });
 * new StrategyRunner(stack, 'strategy', { image, uses: [broker.user('strategy', { write: '^(amq.default|orders)$' })] });
 */
export class RabbitMqBroker extends Construct implements IConnectable, IMonitored {
  readonly workload: Workload;
  readonly password: Secret;
  /** The broker, as the first user. */
  readonly endpoint: Endpoint;
  readonly metrics: MetricsSource;
  private readonly virtualHost: string;
  private readonly management: Endpoint | undefined;
  private readonly backedUp: () => BackedUpServer;
  private readonly users: RabbitMqUser[] = [];
  /** By name of the user; they are hashed after the last user has been added. */
  private readonly passwords: Record<string, Secret> = {};

  /** @throws TradingStackError for an invalid option, and for an image, setting, variable or host name that cannot be used */
  constructor(scope: Construct, id: string, props: RabbitMqBrokerProps = {}) {
    super(scope, id);
    const { path: where } = this.node;
    checkOptions(props, listeningOn(RABBITMQ_BROKER_OPTIONS, RABBITMQ_PORT), where);
    const { user = 'admin', virtualHost = '/', exchanges = [], queues = [], policies = [], management = true } = props;
    if (virtualHost === '') throw invalidValue(where, 'virtualHost', virtualHost, "a name, or '/' for the default one");
    checkName(virtualHost, 'virtualHost', where);
    checkRabbitMqIdentity(props, where);
    const topology = { exchanges, queues, policies };
    checkTopology(topology, where);
    const memory = props.resources?.memory ?? DEFAULT_MEMORY;
    checkRabbitMqSettings(props.settings ?? {}, memory, where);
    warnOfPlainSettings(this, props.settings);
    this.virtualHost = virtualHost;
    this.password = props.password ?? Secret.generated(this, 'password');
    const everything = { configure: '.*', write: '.*', read: '.*' };
    this.addUser({ name: user, tags: ['administrator'], permissions: everything }, this.password);
    const users = this.usersWithHashes();
    const imports = { users: users.path, definitions: DEFINITIONS };
    const settings = { ...settingsFor(memory, management, imports), ...props.settings };
    const image = rabbitMqImage(props.image, this);
    const plugins = ['rabbitmq_prometheus', ...(management ? ['rabbitmq_management'] : [])];

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image },
      {
        secretFiles: [users],
        rotatedInPlace: [users],
        holdsData: true,
        knownPorts: portsOpenedBy(settings),
        files: [
          // Sorted after the image's own files in that folder: the last value of a setting wins.
          ConfigFile.fromText('/etc/rabbitmq/conf.d/90-stack.conf', settingsText(settings)),
          ConfigFile.fromText('/etc/rabbitmq/enabled_plugins', `[${plugins.join(',')}].\n`),
          ConfigFile.fromLateText(DEFINITIONS, () => definitionsText(virtualHost, this.users, topology)),
        ],
        imageEntrypoint: ['docker-entrypoint.sh'],
        volumes: [(props.volume ?? Volume.retained(`${id}_data`)).mountExclusivelyAt('/var/lib/rabbitmq')],
        // With 256 MiB, a broker without a message is above its watermark and blocks publishers.
        minimum: { memory: Size.mebibytes(512) },
        defaults: {
          healthCheck: listeningCheck(),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY },
          runAs: RABBITMQ_USER,
          // RabbitMQ names its data folder after the host, so the name contains nothing that may be renamed.
          hostname: 'rabbitmq',
          stopGracePeriod: Duration.seconds(60),
        },
      },
    );
    this.endpoint = this.endpointAs(this, user, this.password);
    this.management = management ? this.createManagement(user) : undefined;
    this.metrics = rabbitMqMetrics(id, this.workload.host);
    this.backedUp = () => backedUpBroker(this.workload, { ...props, image, user, password: this.password });
    if (exchanges.length + queues.length === 0 || !management || movesManagement(props.settings ?? {})) return;
    // No user is called that: the ids of users start with the id of the broker and `_`.
    topologyJob(new Construct(this, `${id}-topology`), {
      image,
      broker: this.workload,
      user,
      password: this.password,
      virtualHost,
      topology,
      networks: props.networks,
      options: props.jobs ?? {},
    });
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * The HTTP API of management, as the first user.
   * @throws TradingStackError if the broker was created with `management: false`
   */
  get managementEndpoint(): Endpoint {
    if (this.management !== undefined) return this.management;
    const what = 'managementEndpoint is used, but management is disabled';
    throw new TradingStackError('option-conflict', this.node.path, what, 'Remove `management: false`');
  }

  /**
   * A user with a password of its own, for one consumer. A pattern matches anywhere in a name: `orders` also allows
   * `old-orders`, `^orders$` does not. An omitted permission allows nothing. Publishing directly to a queue means writing
   * to the exchange `amq.default`; a client's own reply queue needs all three permissions on its name.
   * @throws TradingStackError for an invalid option, and for a name that is invalid or taken
   */
  user(name: string, options: RabbitMqUserOptions = {}): Endpoint {
    checkOptions(options, USER_OPTIONS, `${this.node.path}.user('${name}')`);
    const { tags = [], password: ownPassword, ...permissions } = options;
    this.checkUserName(name);
    for (const [kind, pattern] of Object.entries(permissions)) {
      checkPattern(pattern, `${kind} of the user '${name}'`, this.node.path);
    }
    const owner = new Construct(this, `${this.node.id}_${name}`);
    const password = ownPassword ?? Secret.generated(owner, 'password');
    this.addUser({ name, tags, permissions }, password);
    return this.endpointAs(owner, name, password);
  }

  /**
   * Backs up the definitions of all virtual hosts over the HTTP API: queues, exchanges, bindings, policies, users and
   * permissions, also those that clients have declared. **It contains no messages**, and no hashes of passwords. A restore
   * adds what is missing while the broker runs, and changes nothing that exists.
   * @throws TradingStackError for an invalid option, a second backup, an image that is built with the stack, and a broker
   * whose HTTP API is disabled or elsewhere
   */
  backup(options: BackupOptions): Backup {
    return new Backup(this, this.backedUp(), options);
  }

  private addUser(user: RabbitMqUser, password: Secret): void {
    this.checkUserName(user.name);
    this.users.push(user);
    this.passwords[user.name] = password;
  }

  private checkUserName(name: string): void {
    const { path: where } = this.node;
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name === 'guest') {
      const allowed = "letters, digits, _ and, after the first character, . and -; 'guest' is not allowed";
      throw invalidName(where, 'the name of the user', name, allowed);
    }
    if (this.users.some((user) => user.name === name)) {
      throw alreadyTaken('duplicate-name', where, 'user', name, 'another one', 'Create one user for each consumer');
    }
  }

  /** RabbitMQ imports hashes from a file; a password in a variable would be visible in the plan and in `docker inspect`. */
  private usersWithHashes(): Secret {
    return Secret.derived(this, 'users.json', {
      parts: this.passwords,
      compose: (passwords) => usersText(this.users, passwords),
    });
  }

  private endpointAs(owner: Construct, user: string, password: Secret): Endpoint {
    password.changes.push(passwordChange(this.workload.address, user));
    return new Endpoint(owner, {
      scheme: 'amqp',
      host: this.workload.host,
      port: RABBITMQ_PORT,
      envPrefix: 'RABBITMQ',
      // Encoded even if it is `/`: some clients read `amqp://…:5672/` as a virtual host with an empty name.
      path: `/${encodeURIComponent(this.virtualHost)}`,
      name: this.virtualHost,
      user,
      password,
      startAfter: this.workload.addresses,
    });
  }

  private createManagement(user: string): Endpoint {
    const { host, addresses: startAfter } = this.workload;
    return new Endpoint(new Construct(this, `${this.node.id}-management`), {
      scheme: 'http',
      host,
      port: RABBITMQ_MANAGEMENT_PORT,
      envPrefix: 'RABBITMQ_MANAGEMENT',
      user,
      password: this.password,
      startAfter,
    });
  }
}

/** With bash, which the image's entry point needs anyway: RabbitMQ's own tools start an Erlang VM for each check. */
function listeningCheck(): HealthCheck {
  // The port opens last, after users and queues have been imported.
  return HealthCheck.command(['bash', '-c', `</dev/tcp/127.0.0.1/${RABBITMQ_PORT}`], {
    interval: Duration.seconds(10),
    startPeriod: Duration.seconds(60),
  });
}
