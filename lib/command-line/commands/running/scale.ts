import type { App } from 'cdktf';
import { AppService, type TradingStack, Workload } from '../../../index';
import { checkReplicas, type RegisteredWorkload, rolloutTime, serviceIdOf, shownPath } from '../../../internal';
import type { CommandContext } from '../../context';
import type { DockerApi } from '../../engine/docker-api';
import { DockerWrites } from '../../engine/docker-writes';
import { describeLastError, type Task } from '../../engine/responses';
import { hasTasks } from '../../engine/workload-state';
import { CommandError, ExitCode } from '../../output/output';
import { CommandLock } from '../../state/command-lock';
import { deployedEngine } from '../../state/deployed-engine';
import { outputOf, stackNamed } from '../../synthesis/stacks';
import { workloadsNamed } from '../../services/services';
import { requiredService } from '../required-argument';

/** How often the tasks of a service are requested. */
const INTERVAL_MILLISECONDS = 1000;

/** How long a service without a health check may take to start. */
const UNPROBED_SECONDS = 60;

/** Changes how many replicas of a service run on a Swarm, and waits until they do. The next deploy returns to the code. */
export async function scale(
  app: App,
  name: string | undefined,
  service: string | undefined,
  replicas: number | undefined,
  context: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const example = (one: string): string => `scale -- ${stack.node.id} ${one} 3`;
  const id = requiredService(service, example, stack);
  const [workload] = workloadsNamed(stack, [id]);
  if (workload === undefined) throw new Error('a service that was found is not there');
  if (replicas === undefined) {
    const message = `How many replicas of ${id}? Pass the number after the service: npm run ${example(id)}`;
    throw new CommandError('usage', message, ExitCode.REFUSED);
  }
  checkScalable(workload, replicas, stack);
  const docker = await deployedEngine(app, stack, context.environment);
  await new CommandLock(outputOf(app, stack), stack).during('scale', () =>
    scaleLocked(workload, replicas, stack, docker, context),
  );
  const { spec } = workload;
  if (context.output.isJson) {
    context.output.document({ stack: stack.node.id, service: spec.name, replicas, inCode: spec.replicas });
  }
  context.output.heading(`${spec.name}: ${replicas} running`);
  if (replicas !== spec.replicas) {
    context.output.say(
      `The code has replicas: ${spec.replicas}, to which the next deploy returns. To keep the new number, set replicas: ${replicas}.`,
    );
  }
  return ExitCode.DONE;
}

/** @throws CommandError `scale-not-possible`, or TradingStackError `replicas-conflict` */
function checkScalable(workload: RegisteredWorkload, replicas: number, stack: TradingStack): void {
  const { spec } = workload;
  const refuse = (reason: string): never => {
    throw new CommandError('scale-not-possible', `${spec.name} cannot be scaled: ${reason}`, ExitCode.REFUSED);
  };
  const deploy = `npm run deploy -- ${stack.node.id}`;
  if (spec.kind === 'job') refuse(`it is a job, which runs once. To run it again, change it and deploy: ${deploy}`);
  const construct = stack.node.findAll().find((one) => shownPath(one) === spec.path);
  if (!(construct instanceof AppService || construct instanceof Workload)) {
    refuse('it is a server, of which one runs. Give it more memory and CPU with its option `resources`');
  }
  if (!hasTasks(workload)) {
    refuse(
      `on one host every replica is a container of its own, which the code has to know. Set replicas: ${replicas} on ` +
        `'${serviceIdOf(spec)}', and deploy: ${deploy}`,
    );
  }
  checkReplicas({ ...spec, replicas }, [spec], undefined);
  const runsOnce = spec.replicas === 1 && spec.updates?.order !== 'start-first';
  if (replicas > 1 && runsOnce) {
    refuse(describeSingle(serviceIdOf(spec), stack.node.id));
  }
}

/**
 * What to do with a service of which only one may run at a time, according to the code.
 * @param stack its id
 */
export function describeSingle(service: string, stack: string): string {
  return (
    `according to the code, only one may run at a time. If several may, set \`updatePolicy: UpdatePolicy.startFirst()\` on ` +
    `'${service}', and deploy: npm run deploy -- ${stack}`
  );
}

async function scaleLocked(
  workload: RegisteredWorkload,
  replicas: number,
  stack: TradingStack,
  docker: DockerApi,
  { output, now, pause }: CommandContext,
): Promise<void> {
  const { spec } = workload;
  const service = await docker.service(spec.name);
  if (service === undefined) {
    const message = `${spec.name} is not on the engine. Create it: npm run deploy -- ${stack.node.id}`;
    throw new CommandError('service-not-running', message);
  }
  await new DockerWrites(docker).scaleService(service, replicas);
  const deadline = now() + rolloutTime({ ...spec, replicas }, spec.startTimeoutSeconds ?? UNPROBED_SECONDS);
  const running = async (): Promise<void> => {
    for (;;) {
      const tasks = await docker.tasks(spec.name);
      if (isScaled(tasks, replicas)) return;
      if (now() >= deadline) throw notRunning(spec.name, tasks, replicas, { docker, stack: stack.node.id });
      await pause(INTERVAL_MILLISECONDS);
    }
  };
  await output.during(spec.name, running());
}

function isScaled(tasks: readonly Task[], replicas: number): boolean {
  const wanted = tasks.filter(({ DesiredState }) => DesiredState === 'running');
  return wanted.length === replicas && wanted.every(isRunning);
}

function isRunning({ Status }: Task): boolean {
  return Status.State === 'running';
}

function notRunning(
  name: string,
  tasks: readonly Task[],
  replicas: number,
  { docker: { address }, stack }: { readonly docker: DockerApi; readonly stack: string },
): CommandError {
  const running = tasks.filter((task) => task.DesiredState === 'running' && isRunning(task)).length;
  return new CommandError(
    'scale-failed',
    `${running} of ${replicas} replicas of ${name} run${describeLastError(tasks)}. To see what the others ` +
      `wait for: ${address.command} service ps ${name}. To return to the number of the code: npm run deploy -- ${stack}`,
  );
}
