import type { TradingStack } from '../../../index';
import { lastLines } from '../../engine/container-log';
import { type DockerApi, reasonOf } from '../../engine/docker-api';
import type { ContainerSummary } from '../../engine/responses';
import { describeState, statesOf, type WorkloadState } from '../../engine/workload-state';
import { shortAge } from '../../output/quantities';
import type { Output } from '../../output/output';
import { redaction } from '../../output/redaction';
import { printTable } from '../../output/table';
import { describeFailedCheck } from '../../rollout/failed-check';

/** A service that has crashed, and has no health check, counts as running after this time. */
const SETTLED_MILLISECONDS = 60_000;

/** A service or job as it is on the engine. */
export interface ServiceStatus {
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

/** What is known of the engine before its services are inspected. */
export interface EngineView {
  readonly docker: DockerApi;
  /** All containers. */
  readonly containers: readonly ContainerSummary[];
  /** By the clock of the engine, in milliseconds. */
  readonly now: number;
  /** What to do about a service that is not on the engine. */
  readonly remedy: string;
}

/** The services and jobs of a stack, in the order of the code. */
export async function servicesOf(
  stack: TradingStack,
  { docker, containers, now, remedy }: EngineView,
): Promise<readonly ServiceStatus[]> {
  const created = imageTimes(docker);
  const redact = redaction(stack);
  const states = await statesOf(stack.platform.workloads, docker, containers);
  return Promise.all(
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
        reason: up ? null : redact(await reasonFor(state, remedy, docker)),
      };
    }),
  );
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
  remedy: string,
  docker: DockerApi,
): Promise<string> {
  if (current === 'missing') return `it is not on the engine. ${remedy}`;
  if (container === null) return '';
  if (current === 'running' && health === 'unhealthy')
    return describeFailedCheck(workload, await docker.inspect(container));
  try {
    return (await lastLines(container, docker)).at(-1) ?? '';
  } catch (error) {
    return `(${reasonOf(error)})`;
  }
}

/** Prints a row for each of them, and why one is not up. */
export function printServices(stack: string, services: readonly ServiceStatus[], now: number, output: Output): void {
  const { red, green } = output.colors;
  if (services.length === 0) {
    output.say(`${stack} has no services.`);
    return;
  }
  printTable(
    output,
    ['SERVICE', 'STATE', 'UPTIME', 'RESTARTS', 'IMAGE', 'BUILT'],
    services.map((service) => {
      const { running, ...state } = service;
      const { imageCreatedAt, uptimeSeconds } = state;
      const words = describeState({ ...state, restarts: 0, ...(running !== null && { running }) });
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
