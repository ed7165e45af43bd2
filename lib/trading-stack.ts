import { LocalBackend, type TerraformBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { invalidName, invalidValue, raise, TradingStackError } from './errors';
import { Claims } from './platform/claims';
import { Engine } from './engines/engine';
import { checkOptions, each, HINTS, type OptionShapes, type Hint } from './options/options';
import { STACK_LABEL } from './platform/naming';
import { Platform } from './platform/platform';
import { NETWORK_OPTIONS, type NetworkOptions } from './platform/network';
import { stateFileName } from './platform/project';
import { networkOf, type NetworkReference } from './workload/networks/network';
import { Duration } from './workload/units/duration';
import { Logging } from './workload/logging/logging';
import { MACHINE, type Machine, machineSpec } from './machine';
import { RestartPolicy } from './workload/policies/restart-policy';

/** Properties of a {@link TradingStack}. */
export interface TradingStackProps {
  /**
   * Where the stack runs.
   * @default Engine.docker()
   */
  readonly engine?: Engine;
  /**
   * Prefix of the name of every container, service and volume, and name of the folder of the secrets.
   * @default - the id
   */
  readonly name?: string;
  /**
   * The network of all workloads.
   * @default - a network with the stack's name, whose subnet the engine chooses
   */
  readonly network?: NetworkOptions;
  /**
   * Where the output of every workload goes.
   * @default Logging.jsonFile()
   */
  readonly logging?: Logging;
  /**
   * What the engine does when a workload exits and, with `whenUnhealthy`, when one is unhealthy that holds no data.
   * @default RestartPolicy.unlessStopped()
   */
  readonly restartPolicy?: RestartPolicy;
  /**
   * Time that a workload gets between the stop signal and the kill, unless it or its server needs another.
   * @default Duration.seconds(30)
   */
  readonly stopGracePeriod?: Duration;
  /**
   * Labels of every workload and of the network, in addition to one with the name of the stack.
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * What is added to the host port of every published port, so that a second system that publishes the same ones fits on
   * the host: with 1000, `PublishedPort.loopback(5432)` publishes 5432 of the container as 6432. Ports of programs on
   * the network of the host stay the same.
   * @default 0
   */
  readonly hostPortOffset?: number;
  /**
   * What the machine has: `{ cpus: Cpu.cores(8), memory: Size.gibibytes(32) }`. The report compares it with the limits of
   * the services, and a warning says when their memory does not fit; `doctor` compares it with the machine itself.
   * @default - the limits are compared with nothing
   */
  readonly machine?: Machine;
  /**
   * Path from the stack's output folder to the project's folder.
   * @default '../../..', which fits cdktf's own output folder
   */
  readonly projectDirectory?: string;
}

const ENGINE_CODE = "engine: Engine.docker({ host: 'ssh://desk@trading-1' })";
const ENGINE_HINT: Hint = { text: `Use \`${ENGINE_CODE}\``, code: [ENGINE_CODE] };

const OPTIONS: OptionShapes<TradingStackProps> = {
  engine: 'object',
  name: 'string',
  network: NETWORK_OPTIONS,
  logging: Logging,
  restartPolicy: RestartPolicy,
  stopGracePeriod: Duration,
  labels: each('string'),
  hostPortOffset: 'number',
  machine: MACHINE,
  projectDirectory: 'string',
  [HINTS]: {
    unknown: new Map([['host', ENGINE_HINT]]),
    wrongType: new Map([['engine', ENGINE_HINT]]),
  },
};

/**
 * One trading system: a Terraform stack whose constructs share an engine, a network and their defaults.
 *
 * @example
 * const stack = new TradingStack(app, 'mt5', { network: { subnet: '172.28.0.0/24' } });
 */
export class TradingStack extends TerraformStack {
  readonly platform: Platform;
  /** The network of the stack, for `networks` of a workload that is on further ones. */
  readonly network: NetworkReference;
  /** Where the stack runs. `stack.engine.traits.reservesCpu` and others say what that engine can do. */
  readonly engine: Engine;
  /** Path of the local state from the stack's output folder; meaningless if the app adds another backend. */
  readonly stateFile: string;

  /**
   * @throws TradingStackError for an unknown option, an invalid offset or a restart policy that the engine does not
   * support, and if the id, the name, the network's name or the subnet is invalid or taken
   */
  constructor(scope: Construct, id: string, props: TradingStackProps = {}) {
    super(scope, checkId(id, scope));
    checkOptions(props, OPTIONS, this.node.path);
    checkEngine(props.engine, this.node.path);
    const { engine = Engine.docker(), name = id, network = {}, projectDirectory = '../../..' } = props;
    const { hostPortOffset = 0, logging = Logging.jsonFile() } = props;
    checkOffset(hostPortOffset, this.node.path);
    // Folders of output and state are named after the id alone, wherever in the tree the stack is.
    Claims.onProject(this).take({
      code: 'stack-taken',
      kind: 'stack id',
      value: id,
      owner: this.node.path,
      fix: 'Change the id of one of the stacks, and set `name` to its old id',
    });
    this.stateFile = `${projectDirectory}/${stateFileName(id)}`;
    this.platform = new Platform(this, 'platform', {
      engine,
      prefix: name,
      network,
      projectDirectory,
      machine: props.machine === undefined ? null : machineSpec(props.machine),
      defaults: {
        logging: (workload) => logging.toSpec(workload),
        restart: (props.restartPolicy ?? RestartPolicy.unlessStopped()).toSpec(),
        labels: { [STACK_LABEL]: name, ...props.labels },
        hostPortOffset,
        stopGracePeriodSeconds: (props.stopGracePeriod ?? Duration.seconds(30)).toWholeSeconds(),
      },
    });
    this.engine = this.platform.engine;
    this.network = networkOf(this.platform);
  }

  /**
   * State in a local file in the project's folder, unless the app adds another backend. cdktf's own default is an
   * absolute path, so that a checkout that was moved could not be deployed again.
   */
  override ensureBackendExists(): TerraformBackend {
    // Created in the scope of the platform, because its id is always `backend`, a common id of services.
    return this.platform.backend ?? new LocalBackend(this.platform, { path: this.stateFile });
  }
}

/** Constructs and cdktf would throw errors of their own, without a code. */
function checkId(id: string, scope: Construct): string {
  if (typeof id === 'string' && /^[\w.-]+$/.test(id)) return id;
  const where = scope.node.path === '' ? 'TradingStack' : scope.node.path;
  throw invalidName(where, 'the id', id, "letters, digits, underscores, dots and hyphens: 'desk-1'");
}

function checkOffset(offset: number, where: string): void {
  if (Number.isInteger(offset) && offset >= 0 && offset < 65_535) return;
  throw invalidValue(where, 'hostPortOffset', offset, 'a whole number from 0 to 65534: 1000');
}

/** The compiler checks this too, but in plain JavaScript it may be the options of an engine. */
function checkEngine(engine: Partial<Engine> | undefined, where: string): void {
  if (typeof engine !== 'object' || typeof engine.createProvider === 'function') return;
  raise(new TradingStackError('wrong-type', where, 'engine must be an Engine, got an object', ENGINE_HINT.text));
}
