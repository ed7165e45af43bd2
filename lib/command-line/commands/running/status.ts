import type { App } from 'cdktf';
import type { CommandContext } from '../../context';
import { lastLines } from '../../engine/container-log';
import { type DockerApi, reasonOf } from '../../engine/docker-api';
import { dockerOf } from '../../engine/of-stack';
import { describeState, statesOf, type WorkloadState } from '../../engine/workload-state';
import { shortAge } from '../../output/age';
import { ExitCode, type Output } from '../../output/output';
import { redaction } from '../../output/redaction';
import { printTable } from '../../output/table';
import { describeFailedCheck } from '../../rollout/failed-check';
import { stackNamed } from '../../synthesis/stacks';

/** A service that has crashed, and has no health check, counts as running after this time. */
const SETTLED_MILLISECONDS = 60_000;

/** A service or job as it is on the engine. */
interface ServiceStatus {
  readonly name: string;
  readonly kind: 'service' | 'job';
  /** Docker's status, or `missing`. */
  readonly status: string;
  /** `null` without a health check, and for a service on another node. */
  readonly health: string | null;
  readonly exitCode: number | null;
  /** Number of running replicas, if there are several: `2 of 3`. */
  readonly running: string | null;
  /** When it was started; `null` if it is not on this engine. */
  readonly startedAt: string | null;
  /** By the clock of the engine; `null` while it does not run. */
  readonly uptimeSeconds: number | null;
  readonly restarts: number;
  readonly outOfMemory: boolean;
  readonly image: string;
  readonly imageCreatedAt: string | null;
  /** Whether it runs and is healthy, or is a job that has succeeded or is running. */
  readonly isUp: boolean;
  /** The last line of its log, or the result of its health check; `null` if it is up. */
  readonly reason: string | null;
}

/** Shows what runs. The exit code is 0 only if everything that should run does. */
export async function status(
  app: App,
  name: string | undefined,
  { output, environment }: CommandContext,
): Promise<ExitCode> {
  const stack = stackNamed(app, name);
  const docker = dockerOf(stack, environment);
  const [states, containers, now] = await Promise.all([
    statesOf(stack.platform.workloads, docker),
    docker.containers(),
    docker.now(),
  ]);
  const created = imageTimes(docker);
  const redact = redaction(stack);
  const services = await Promise.all(
    states.map(async (state): Promise<ServiceStatus> => {
      const up = isUp(state, now);
      const image = containers.find(({ Id }) => Id === state.container)?.ImageID;
      const startedAt = state.startedAt;
      const { name: service, kind, image: reference } = state.workload.spec;
      return {
        ...{ name: service, kind, status: state.status, health: state.health, exitCode: state.exitCode },
        running: state.running ?? null,
        startedAt,
        uptimeSeconds: uptimeOf(state, now),
        ...{ restarts: state.restarts, outOfMemory: state.outOfMemory },
        image: reference.name,
        imageCreatedAt: image === undefined ? null : ((await created(image)) ?? null),
        isUp: up,
        reason: up ? null : redact(await reasonFor(state, stack.node.id, docker)),
      };
    }),
  );
  const everythingIsUp = services.every((service) => service.isUp);
  if (output.isJson)
    output.document({ stack: stack.node.id, engine: docker.address.text, isUp: everythingIsUp, services });
  else print(stack.node.id, services, states, { now, output });
  return everythingIsUp ? ExitCode.DONE : ExitCode.FAILED;
}

function isUp(state: WorkloadState, now: number): boolean {
  const { workload, status: current, health, exitCode, restarts } = state;
  if (workload.spec.kind === 'job' && current === 'exited') return exitCode === 0;
  if (current !== 'running') return false;
  if (health !== null) return health === 'healthy';
  // One that crashes each time it is started runs in between.
  return restarts === 0 || (uptimeOf(state, now) ?? 0) * 1000 >= SETTLED_MILLISECONDS;
}

function uptimeOf({ status: current, startedAt }: WorkloadState, now: number): number | null {
  if (current !== 'running' || startedAt === null) return null;
  return Math.max(0, Math.floor((now - Date.parse(startedAt)) / 1000));
}

/** Several services may have the same image. */
function imageTimes(docker: DockerApi): (image: string) => Promise<string | undefined> {
  const times = new Map<string, Promise<string | undefined>>();
  return (image) => {
    const time = times.get(image) ?? docker.image(image).then((details) => details?.Created);
    times.set(image, time);
    return time;
  };
}

async function reasonFor(
  { workload, status: current, health, container }: WorkloadState,
  stack: string,
  docker: DockerApi,
): Promise<string> {
  if (current === 'missing') return `it is not on the engine. Create it: npm run deploy -- ${stack}`;
  if (container === null) return '';
  if (current === 'running' && health === 'unhealthy')
    return describeFailedCheck(workload, await docker.inspect(container));
  try {
    return (await lastLines(container, docker)).at(-1) ?? '';
  } catch (error) {
    return `(${reasonOf(error)})`;
  }
}

function print(
  stack: string,
  services: readonly ServiceStatus[],
  states: readonly WorkloadState[],
  { now, output }: { readonly now: number; readonly output: Output },
): void {
  const { red, green } = output.colors;
  if (services.length === 0) {
    output.say(`${stack} has no services.`);
    return;
  }
  printTable(
    output,
    ['SERVICE', 'STATE', 'UPTIME', 'RESTARTS', 'IMAGE', 'BUILT'],
    services.map((service, index) => {
      const state = states[index];
      const words = state === undefined ? service.status : describeState({ ...state, restarts: 0 });
      const { imageCreatedAt, uptimeSeconds } = service;
      return [
        `${service.name}${service.kind === 'job' ? ' (job)' : ''}`,
        (service.isUp ? green : red)(words),
        uptimeSeconds === null ? '' : shortAge(uptimeSeconds * 1000),
        service.restarts === 0 ? '' : String(service.restarts),
        service.image,
        imageCreatedAt === null ? '' : `${shortAge(now - Date.parse(imageCreatedAt))} ago`,
      ];
    }),
  );
  const reasons = services.filter(({ reason }) => reason !== null && reason !== '');
  if (reasons.length > 0) output.say('');
  if (services.every(({ status: current }) => current === 'missing')) {
    output.say(red(`None of them is on the engine. Create them: npm run deploy -- ${stack}`));
    return;
  }
  for (const service of reasons) output.say(red(`${service.name}: ${service.reason ?? ''}`));
}
