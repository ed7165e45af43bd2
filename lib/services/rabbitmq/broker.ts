import { Construct } from 'constructs';
import { alreadyTaken, invalidValue, TradingStackError } from '../../errors';
import { checkBoolean, checkNames, checkText, listOf } from '../../platform/plain-values';
import { ConfigFile } from '../../workload/storage/config-file';
import type { Connection, IConnectable } from '../../workload/connections/connection';
import { Cpu } from '../../workload/units/cpu';
import { type Volume, serverVolume } from '../../workload/storage/volume';
import { Duration } from '../../workload/units/duration';
import { Endpoint } from '../../workload/connections/endpoint';
import { HealthCheck } from '../../workload/health/health-check';
import { Image } from '../../workload/images/image';
import type { IMonitored, MetricsSource } from '../../workload/connections/monitored';
import { memoryLimit } from '../../workload/policies/resources';
import { checkSecret, Secret } from '../../workload/secrets/secret';
import { Size } from '../../workload/units/size';
import { Workload } from '../../workload/workload';
import type { WorkloadOptions } from '../../workload/workload-props';
import { checkPermissions, checkTopology } from './checks';
import {
  definitionsText,
  type RabbitMqExchange,
  type RabbitMqPermissions,
  type RabbitMqPolicy,
  type RabbitMqQueue,
  type RabbitMqUser,
  usersText,
} from './definitions';
import { rabbitMqMetrics } from './metrics';
import {
  checkRabbitMqSettings,
  portsOpenedBy,
  RABBITMQ_MANAGEMENT_PORT,
  RABBITMQ_PORT,
  type RabbitMqSettings,
  refuseHostName,
  RESERVED_VARIABLES,
  settingsFor,
  settingsText,
} from './settings';
import { checkVariables } from '../server-settings';

/** Properties of a {@link RabbitMqBroker}. */
export interface RabbitMqBrokerProps extends WorkloadOptions {
  /** @default Image.fromRegistry('rabbitmq:4.3-management-alpine') */
  readonly image?: Image;
  /**
   * Name of the first user, an administrator.
   * @default 'admin'
   */
  readonly user?: string;
  /** @default - a generated one */
  readonly password?: Secret;
  /**
   * Virtual host that everything is in.
   * @default '/'
   */
  readonly virtualHost?: string;
  /**
   * Exchanges beside RabbitMQ's own.
   * @default - none
   */
  readonly exchanges?: readonly RabbitMqExchange[];
  /**
   * Queues that are there when the first consumer comes.
   * @default - none: consumers declare their own
   */
  readonly queues?: readonly RabbitMqQueue[];
  /** @default - none */
  readonly policies?: readonly RabbitMqPolicy[];
  /**
   * Whether management is enabled: its HTTP interface and its pages, on port 15672 of the network.
   * @default true
   */
  readonly management?: boolean;
  /**
   * Settings over those that follow from the memory: `{ consumer_timeout: 900000 }`. Ports, users and what is imported
   * are none of them.
   * @default - none
   */
  readonly settings?: RabbitMqSettings;
  /**
   * Where the data is.
   * @default - a kept volume with the id in its name
   */
  readonly volume?: Volume;
}

/** Options of {@link RabbitMqBroker.user}. */
export interface RabbitMqUserOptions extends RabbitMqPermissions {
  /**
   * What it may see or change in management: `monitoring`, `management`, `policymaker`, `administrator`.
   * @default - nothing
   */
  readonly tags?: readonly string[];
  /** @default - a generated one */
  readonly password?: Secret;
}

const MINIMUM = Size.mebibytes(256);
const DEFAULT_MEMORY = Size.gibibytes(1);
/** RabbitMQ names the folder of the data after it, so it has nothing of what may be renamed. */
const HOSTNAME = 'rabbitmq';
/** Beside the image's own configuration. In plain text, so that a plan shows who gets another right. */
const DEFINITIONS = '/etc/rabbitmq/definitions.json';

/**
 * A RabbitMQ broker with users, queues and limits from code. Others get `RABBITMQ_URL_FILE` as the first user, or as a
 * user of their own with {@link RabbitMqBroker.user}. There is no user `guest`.
 *
 * Users and queues are imported at every start. A change of them replaces the broker, and messages in durable queues
 * survive that. What goes from the code stays in the broker until somebody deletes it there.
 *
 * Quorum queues, also those that clients declare, keep a message however often it is delivered without an
 * acknowledgement: an operator policy lifts the limit of 20 after which RabbitMQ deletes it. A `delivery-limit` in a
 * policy, or `x-delivery-limit` among the arguments of a queue, holds.
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
  private readonly users: RabbitMqUser[] = [];
  /** By the name of the user; the hashes are made from them after the last user has come. */
  private readonly passwords: Record<string, Secret> = {};

  /**
   * @throws TradingStackError if a name, type or pattern is impossible, the memory is too small, or a setting, a variable
   *   or a host name is given that others rely on
   */
  constructor(scope: Construct, id: string, props: RabbitMqBrokerProps = {}) {
    super(scope, id);
    const { user = 'admin', virtualHost = '/', exchanges = [], queues = [], policies = [], management = true } = props;
    const where = this.node.path;
    checkBoolean(management, 'management', where);
    checkText(virtualHost, 'virtualHost', where);
    if (virtualHost === '') throw invalidValue(where, 'virtualHost', virtualHost, "a name, or '/' for the usual one");
    refuseHostName(props.hostname, where);
    checkVariables(props, RESERVED_VARIABLES, where);
    const topology = { exchanges, queues, policies };
    checkTopology(topology, where);
    const memory = memoryLimit(props.resources, DEFAULT_MEMORY, where);
    checkNames(props.settings ?? {}, 'settings', where);
    checkRabbitMqSettings(props.settings ?? {}, memory, where);
    this.virtualHost = virtualHost;
    this.password = props.password ?? Secret.generated(this, 'password');
    checkSecret(this.password, 'password', this.node.path);
    this.addUser({ name: user, tags: ['administrator'], permissions: EVERYTHING }, this.password);
    const users = this.usersWithHashes();
    const imports = { users: users.path, definitions: DEFINITIONS };
    const settings = { ...settingsFor(memory, management, imports), ...props.settings };
    const plugins = ['rabbitmq_prometheus', ...(management ? ['rabbitmq_management'] : [])];
    const volume = serverVolume(props.volume, `${id}_data`, 'volume', this.node.path);

    this.workload = new Workload(
      this,
      'Default',
      { ...props, image: props.image ?? Image.fromRegistry('rabbitmq:4.3-management-alpine') },
      {
        secretFiles: [users],
        knownPorts: portsOpenedBy(settings),
        files: [
          // After the image's own files in that folder: of two that say the same, the last counts.
          ConfigFile.fromText('/etc/rabbitmq/conf.d/90-stack.conf', settingsText(settings)),
          ConfigFile.fromText('/etc/rabbitmq/enabled_plugins', `[${plugins.join(',')}].\n`),
          ConfigFile.fromLateText(DEFINITIONS, () => definitionsText(virtualHost, this.users, topology)),
        ],
        imageEntrypoint: ['docker-entrypoint.sh'],
        volumes: [volume.mountExclusivelyAt('/var/lib/rabbitmq')],
        minimum: { memory: MINIMUM },
        defaults: {
          healthCheck: listeningCheck(),
          resources: { cpus: Cpu.cores(1), memory: DEFAULT_MEMORY },
          runAs: 'rabbitmq',
          hostname: HOSTNAME,
          stopGracePeriod: Duration.seconds(60),
        },
      },
    );
    this.endpoint = this.endpointAs(this, user, this.password);
    this.management = management ? this.createManagement(user) : undefined;
    this.metrics = rabbitMqMetrics(id, this.workload.host);
  }

  connection(): Connection {
    return this.endpoint.connection();
  }

  /**
   * Management's HTTP interface, as the first user.
   * @throws TradingStackError if the broker was created with `management: false`
   */
  get managementEndpoint(): Endpoint {
    if (this.management === undefined) {
      throw new TradingStackError(
        'invalid-value',
        this.node.path,
        'its management is not enabled',
        'Leave `management: false` out',
      );
    }
    return this.management;
  }

  /**
   * A user with a password of its own, for one consumer. A pattern matches anywhere in a name, so `orders` allows
   * `old-orders` as well, and `^orders$` does not; what is left out allows nothing. To publish straight to a queue is
   * to write to the exchange `amq.default`; a reply queue of a client's own needs all three on its name.
   * @throws TradingStackError if there is such a user, its name is impossible, there is no such right, or a pattern is no
   *   regular expression
   */
  user(name: string, options: RabbitMqUserOptions = {}): Endpoint {
    const { tags = [], password: given, ...permissions } = options;
    checkPermissions(permissions, name, this.node.path);
    listOf(checkText, 'wordy')(tags, `the tags of the user '${name}'`, this.node.path);
    this.checkUserName(name);
    if (given !== undefined) checkSecret(given, `the password of the user '${name}'`, this.node.path);
    const owner = new Construct(this, `${this.node.id}_${name}`);
    const password = given ?? Secret.generated(owner, 'password');
    this.addUser({ name, tags, permissions }, password);
    return this.endpointAs(owner, name, password);
  }

  private addUser(user: RabbitMqUser, password: Secret): void {
    this.checkUserName(user.name);
    this.users.push(user);
    this.passwords[user.name] = password;
  }

  private checkUserName(name: string): void {
    checkText(name, 'the name of the user', this.node.path);
    if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]*$/.test(name) || name === 'guest') {
      const allowed = "letters, digits, and . _ - inside; 'guest' is the one that everybody tries";
      throw invalidValue(this.node.path, 'the name of the user', name, allowed);
    }
    if (this.users.some((user) => user.name === name)) {
      throw alreadyTaken(
        'invalid-value',
        this.node.path,
        'user',
        name,
        'another one',
        'Give each consumer a user of its own',
      );
    }
  }

  /** RabbitMQ reads hashes from a file; a variable with a password would be in plain text in the plan and in inspect. */
  private usersWithHashes(): Secret {
    return Secret.derived(this, 'users.json', {
      parts: this.passwords,
      compose: (passwords) => usersText(this.users, passwords),
    });
  }

  private endpointAs(owner: Construct, user: string, password: Secret): Endpoint {
    return new Endpoint(owner, {
      scheme: 'amqp',
      host: this.workload.host,
      port: RABBITMQ_PORT,
      envPrefix: 'RABBITMQ',
      // Encoded also where it is `/`: some clients take `amqp://…:5672/` for a virtual host without a name.
      path: `/${encodeURIComponent(this.virtualHost)}`,
      name: this.virtualHost,
      user,
      password,
      startAfter: this.workload.addresses,
    });
  }

  private createManagement(user: string): Endpoint {
    const { host, addresses: startAfter } = this.workload;
    const owner = new Construct(this, `${this.node.id}-management`);
    const props = {
      scheme: 'http',
      host,
      port: RABBITMQ_MANAGEMENT_PORT,
      envPrefix: 'RABBITMQ_MANAGEMENT',
      startAfter,
    };
    return new Endpoint(owner, { ...props, user, password: this.password });
  }
}

const EVERYTHING: RabbitMqPermissions = { configure: '.*', write: '.*', read: '.*' };

/** Through bash, which the image's own entry point needs: RabbitMQ's own tools start an Erlang machine each time. */
function listeningCheck(): HealthCheck {
  // The port opens last, after users and queues are imported.
  return HealthCheck.command(['bash', '-c', `</dev/tcp/127.0.0.1/${RABBITMQ_PORT}`], {
    interval: Duration.seconds(10),
    startPeriod: Duration.seconds(60),
  });
}
