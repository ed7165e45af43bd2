import { LocalBackend, TerraformBackend, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import { Claims } from './platform/claims';
import { checkEngine, type Engine } from './engines/engine';
import { checkText, checkTexts } from './platform/plain-values';
import { Platform } from './platform/platform';
import type { NetworkOptions } from './platform/network';
import { checkDuration, Duration } from './workload/units/duration';
import { checkLogging, Logging } from './workload/policies/logging';
import { RestartPolicy } from './workload/policies/restart-policy';

/** Label of everything that a stack creates; its value is the stack's name. */
export const STACK_LABEL = 'cdktf-trading-stack.stack';

/** Properties of a {@link TradingStack}. */
export interface TradingStackProps {
  /** Where the stack runs. */
  readonly engine: Engine;
  /**
   * Starts the name of every container, service and volume, and names the folder of the secrets.
   * @default - the id
   */
  readonly name?: string;
  /** @default - a network with the stack's name, whose subnet the engine chooses */
  readonly network?: NetworkOptions;
  /**
   * What happens to the output of every workload.
   * @default Logging.jsonFile()
   */
  readonly logging?: Logging;
  /** @default RestartPolicy.unlessStopped() */
  readonly restartPolicy?: RestartPolicy;
  /**
   * Time that every workload has between the stop signal and the kill.
   * @default Duration.seconds(30)
   */
  readonly stopGracePeriod?: Duration;
  /**
   * Labels of every workload and of the network.
   * @default - the name of the stack
   */
  readonly labels?: Readonly<Record<string, string>>;
  /**
   * Path from the stack's output folder to the project's folder.
   * @default '../../..', which fits cdktf's own output folder
   */
  readonly projectDirectory?: string;
}

/**
 * One trading system: a Terraform stack whose constructs share an engine, a network and their defaults.
 *
 * @example
 * const stack = new TradingStack(app, 'mt5', { engine: Engine.docker(), network: { subnet: '172.28.0.0/24' } });
 */
export class TradingStack extends TerraformStack {
  readonly platform: Platform;
  /** Path of the local state from the stack's output folder; without a meaning where the app chose another backend. */
  readonly stateFile: string;

  /**
   * @throws TradingStackError if there is no engine, if a default is none, or if the id, the name, the network's name or the
   *   subnet is impossible or taken
   */
  constructor(scope: Construct, id: string, props: TradingStackProps) {
    super(scope, id);
    checkEngine((props as Partial<TradingStackProps> | undefined)?.engine, this.node.path);
    checkDefaults(props, this.node.path);
    const { engine, name = id, network = {}, projectDirectory = '../../..' } = props;
    checkText(projectDirectory, 'projectDirectory', this.node.path);
    // Output and state are in places with the id alone in their names, wherever in the tree the stack is.
    Claims.onProject(this).take(
      'stack id',
      id,
      this.node.path,
      'Give one of the stacks another id, and `name` its old one',
    );
    this.stateFile = `${projectDirectory}/terraform.${id}.tfstate`;
    this.platform = new Platform(this, 'platform', {
      engine,
      prefix: name,
      network,
      projectDirectory,
      defaults: {
        logging: (props.logging ?? Logging.jsonFile()).toSpec(),
        restart: (props.restartPolicy ?? RestartPolicy.unlessStopped()).toSpec(),
        labels: { [STACK_LABEL]: name, ...props.labels },
        stopGracePeriodSeconds: (props.stopGracePeriod ?? Duration.seconds(30)).toWholeSeconds(),
      },
    });
  }

  /**
   * State in a local file beside the project, unless the app chose another backend. cdktf's own default names the
   * folder of the checkout, so that a checkout which was moved could not be deployed again.
   */
  override ensureBackendExists(): TerraformBackend {
    const children = [...this.node.children, ...this.platform.node.children];
    const chosen = children.find((construct) => TerraformBackend.isBackend(construct));
    // Its id is always `backend`, and that is what many call a service of theirs.
    return chosen ?? new LocalBackend(this.platform, { path: this.stateFile });
  }
}

/** @throws TradingStackError for what only plain JavaScript can give as a default of all workloads */
function checkDefaults({ logging, stopGracePeriod, labels }: TradingStackProps, where: string): void {
  if (logging !== undefined) checkLogging(logging, 'logging', where);
  if (stopGracePeriod !== undefined) checkDuration(stopGracePeriod, 'stopGracePeriod', where);
  if (labels !== undefined) checkTexts(labels, 'labels', where);
}
