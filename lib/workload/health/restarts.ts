import { posix } from 'node:path';
import { TradingStackError } from '../../errors';
import type { ContainerEngine } from '../../platform/container-engine';
import { isProbed, replacedCheck, type RestartSpec, type WorkloadSpec } from '../../platform/spec';

/** What decides whether the health check of a workload can restart it. */
type Restarted = Pick<
  WorkloadSpec,
  'path' | 'kind' | 'healthCheck' | 'init' | 'namespaces' | 'security' | 'volumes' | 'bindMounts'
>;

/** Where the restart policy of a workload comes from. */
interface RestartPolicies {
  /** `undefined` if the user sets none for the workload. */
  readonly own: RestartSpec | undefined;
  readonly ofStack: RestartSpec;
  /** Whether a restart may help when it is unhealthy. */
  readonly isCuredByRestart: boolean;
  /** Whether it is a server with data, which may be in recovery for long. */
  readonly holdsData: boolean;
  /** Whether the image is known to have no `/bin/sh`. */
  readonly lacksShell: boolean;
}

/**
 * The restart policy of a workload.
 * @throws TradingStackError if its own policy restarts it when it is unhealthy, and its health check cannot do that
 */
export function resolveRestart(workload: Restarted, policies: RestartPolicies, engine: ContainerEngine): RestartSpec {
  const { own, ofStack, isCuredByRestart, holdsData, lacksShell } = policies;
  if (workload.kind === 'job') return { condition: 'no', maximumRetries: null, whenUnhealthy: 'never' };
  const policy = own ?? ofStack;
  // An engine that replaces unhealthy containers by itself does this already.
  if (policy.whenUnhealthy === 'never' || engine.defaults.service.stopsUnhealthy) {
    return { ...policy, whenUnhealthy: 'never' };
  }
  const obstacle = obstacleOf(workload, lacksShell);
  if (own === undefined) {
    return isCuredByRestart && !holdsData && obstacle === undefined ? policy : { ...policy, whenUnhealthy: 'never' };
  }
  if (obstacle === undefined) return holdsData ? { ...policy, whenUnhealthy: 'after-start' } : policy;
  const what = `its health check cannot restart it (whenUnhealthy): ${obstacle.what}`;
  throw new TradingStackError('option-conflict', workload.path, what, `${obstacle.fix}, or remove \`whenUnhealthy\``);
}

interface Obstacle {
  readonly what: string;
  readonly fix: string;
}

function obstacleOf(workload: Restarted, lacksShell: boolean): Obstacle | undefined {
  const { healthCheck, init, namespaces, security, volumes, bindMounts } = workload;
  const { pid, ipc } = namespaces;
  if (replacedCheck(healthCheck) === null || !isProbed(healthCheck)) {
    const what = healthCheck?.probe.kind === 'none' ? 'it has none' : 'it is that of the image';
    return { what, fix: 'Set another one: healthCheck: HealthCheck.http(8000)' };
  }
  if (lacksShell) return { what: 'it needs /bin/sh, which the image does not have', fix: 'Use an image with a shell' };
  if (!init) {
    const what = 'without an init process, the program is process 1, which its container cannot kill';
    return { what, fix: 'Use `init: true`' };
  }
  if (pid !== null) {
    const what = `it kills all processes that it sees, and with \`pid\` these include those of ${ownerOf(pid)}`;
    return { what, fix: 'Remove `pid`' };
  }
  if (ipc !== null && ipc !== 'private' && ipc !== 'shareable') {
    const what = `it counts failures in /dev/shm, which ${ipc === 'none' ? 'is missing' : `is that of ${ownerOf(ipc)}`}`;
    return { what, fix: 'Remove `ipc`' };
  }
  const mounted = [...volumes, ...bindMounts].find(({ path }) => ['/dev', '/dev/shm'].includes(posix.resolve(path)));
  if (mounted !== undefined) {
    const what = `it counts failures in /dev/shm, and with a mount at ${mounted.path} that is not new for each start`;
    return { what, fix: 'Remove the mount' };
  }
  const { addCapabilities: added, dropCapabilities: dropped } = security;
  if (dropped.includes('ALL') && added.includes('SETUID') && !added.includes('KILL')) {
    const what = 'the program may change its user, and without KILL it cannot be killed from the first one';
    return { what, fix: "Add 'KILL' to `capabilities`" };
  }
  return undefined;
}

function ownerOf(namespace: 'host' | { readonly name: string }): string {
  return typeof namespace === 'string' ? 'the host' : namespace.name;
}
