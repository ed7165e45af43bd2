import { Construct } from 'constructs';
import { TradingStackError } from '../errors';
import type { OptionShapes } from '../options/options';
import type { Connection, IConnectable } from './connections/connection';
import { UNPRIVILEGED } from './own-program';
import { Workload } from './workload';
import { WORKLOAD_OPTIONS, type WorkloadProps } from './workload-props';

/** What only means something while a program keeps running. */
const OF_SERVICES = [
  'restartPolicy',
  'startTimeout',
  'ports',
  'healthCheck',
  'replicas',
  'placement',
  'updatePolicy',
] as const satisfies readonly (keyof WorkloadProps)[];

/** Properties of a {@link Job}: those of every workload, but what only means something while a program keeps running. */
export type JobProps = Omit<WorkloadProps, (typeof OF_SERVICES)[number]>;

/** Options of the jobs that a server makes to set itself up. What they run is up to the server. */
export type ServerJobOptions = Omit<JobProps, 'image' | 'command' | 'entrypoint'>;

const {
  command: _command,
  entrypoint: _entrypoint,
  restartPolicy: _restartPolicy,
  startTimeout: _startTimeout,
  ports: _ports,
  healthCheck: _healthCheck,
  placement: _placement,
  updatePolicy: _updatePolicy,
  ...optionsOfJobs
} = WORKLOAD_OPTIONS;

/** The shapes of {@link ServerJobOptions}. */
export const SERVER_JOB_OPTIONS: OptionShapes<ServerJobOptions> = optionsOfJobs;

/**
 * A program that runs once to its end, and again when its definition, its image or a secret of it changes, or when its
 * container was removed; so it has to be repeatable. Whoever uses it starts after it has exited with 0; any other exit
 * code fails the deploy. It runs as user 1000 on a read-only root file system, as your services do.
 *
 * @example
 * const migration = new Job(stack, 'migrate', { image, command: ['alembic', 'upgrade', 'head'], uses: [database] });
 * new FeatureApi(stack, 'feature_api', { image, uses: [database, migration] });
 */
export class Job extends Construct implements IConnectable {
  readonly workload: Workload;

  /** @throws TradingStackError for anything that the engine would refuse or that could not work */
  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id);
    this.refuse(OF_SERVICES.filter((option) => (props as WorkloadProps)[option] !== undefined));
    this.workload = new Workload(this, 'Default', props, {
      kind: 'job',
      defaults: UNPRIVILEGED,
    });
  }

  connection(): Connection {
    return this.workload.connection();
  }

  /** The type has none of them: only plain JavaScript can give one. */
  private refuse(given: readonly string[]): void {
    if (given.length === 0) return;
    throw new TradingStackError(
      'invalid-value',
      this.node.path,
      `a job runs once and is done when it exits with 0, so it takes no ${given.join(', ')}`,
      `Leave ${given.length === 1 ? 'it' : 'them'} out`,
    );
  }
}
