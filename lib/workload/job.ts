import { Construct } from 'constructs';
import { checkOptions, HINTS, type OptionShapes } from '../options/options';
import { COMPOSE_HINTS } from './compose-hints';
import type { Connection, IConnectable } from './connections/connection';
import { UNPRIVILEGED } from './policies/security';
import { Workload } from './workload';
import { WORKLOAD_PROPS, type WorkloadProps } from './workload-props';

/** Options that only make sense for a program that keeps running. */
const SERVICE_ONLY_OPTIONS = [
  'restartPolicy',
  'startTimeout',
  'ports',
  'healthCheck',
  'replicas',
  'placement',
  'updatePolicy',
] as const satisfies readonly (keyof WorkloadProps)[];

/** Properties of a {@link Job}: those of a workload, without the ones for a program that keeps running. */
export type JobProps = Omit<WorkloadProps, (typeof SERVICE_ONLY_OPTIONS)[number]>;

/** Options of the jobs that a server creates to set itself up. The server decides what they run. */
export type ServerJobOptions = Omit<JobProps, 'image' | 'command' | 'entrypoint'>;

/** The shapes of {@link JobProps}. */
export const JOB_PROPS: OptionShapes<JobProps> = {
  ...without(WORKLOAD_PROPS, SERVICE_ONLY_OPTIONS),
  [HINTS]: {
    ...COMPOSE_HINTS,
    unknown: new Map([
      ...COMPOSE_HINTS.unknown,
      ...SERVICE_ONLY_OPTIONS.map(
        (option) => [option, { text: 'Remove it: a job runs once, until it exits with 0', code: [] }] as const,
      ),
    ]),
  },
};

/** The shapes of {@link ServerJobOptions}, which the properties of such a job spread into their own table. */
export const SERVER_JOB_OPTIONS: OptionShapes<ServerJobOptions> = {
  ...without(JOB_PROPS, ['image', 'command', 'entrypoint']),
  [HINTS]: JOB_PROPS[HINTS] ?? COMPOSE_HINTS,
};

function without<Shapes extends object, Name extends keyof Shapes>(
  shapes: Shapes,
  names: readonly Name[],
): Omit<Shapes, Name> {
  const left = Object.entries(shapes).filter(([name]) => !names.includes(name as Name));
  return Object.fromEntries(left) as Omit<Shapes, Name>;
}

/**
 * A program that runs once until it exits with 0; any other exit code fails the deploy. It runs again when its
 * definition, its image or one of its secrets changes, or when its container was removed, so it has to be repeatable.
 * Workloads that use it start after it has finished. It runs as user 1000 on a read-only root file system.
 *
 * @example
 * const migration = new Job(stack, 'migrate', { image, command: ['alembic', 'upgrade', 'head'], uses: [database] });
 * new FeatureApi(stack, 'feature_api', { image, uses: [database, migration] });
 */
export class Job extends Construct implements IConnectable {
  readonly workload: Workload;

  /** @throws TradingStackError if an option is invalid, or the engine cannot do what it asks for */
  constructor(scope: Construct, id: string, props: JobProps) {
    super(scope, id);
    checkOptions(props, JOB_PROPS, this.node.path);
    this.workload = new Workload(this, 'Default', props, { kind: 'job', defaults: UNPRIVILEGED });
  }

  connection(): Connection {
    return this.workload.connection();
  }
}
