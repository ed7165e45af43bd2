import { isProbed, replacedCheck, type WorkloadSpec } from '../../platform/spec';

/** Name of the shell that runs the script, by which a plan recognizes it. */
const NAME = 'restart-when-unhealthy';

/** A container that has not been healthy since its start is left alone for this long, and as long as a deploy waits. */
const PATIENCE_SECONDS = 300;

/**
 * Runs the health check, and ends the program when it has failed too often, so that the restart policy of the engine
 * starts the container again.
 *
 * - The engine kills a probe that takes too long. Therefore a failure is counted before the probe, and forgotten after
 *   its success.
 * - /dev/shm is in memory, writable on a read-only root file system, and new for each start.
 * - Process 1 is the init process, which forwards signals to the program. The kernel protects it from SIGKILL of its own
 *   container, but it ends when the program does, so everything else in the container is killed.
 */
const SCRIPT = `
retries=$1 grace=$2 start=$3 patience=$4 signal=$5
shift 5
state=/dev/shm/${NAME}
read -r now _ </proc/uptime
now=\${now%%.*}
begun=$now failures=0 worked=0 asked=0
[ -r $state ] && read -r begun failures worked asked <$state
case :$begun:$failures:$worked:$asked: in
  *[!0-9:]* | *::*) begun=$now failures=0 worked=0 asked=0 ;;
esac
age=$((now - begun))
save() { echo "$begun $failures $worked $asked" >$state; }
log() { { echo "${NAME}: $1" >/proc/1/fd/2; } 2>/dev/null; }
restart() {
  [ $failures -ge $retries ] || return
  [ $worked = 1 ] || { [ $patience != never ] && [ $age -ge $patience ]; } || return
  asked=$now
  save
  log "the health check failed $failures times in a row: stopping the program with $signal"
  kill -\${signal#SIG} 1
  exit 1
}
if [ $asked -gt 0 ]; then
  echo 'the program is stopping, to be restarted' >&2
  [ $((now - asked)) -ge $grace ] || exit 1
  log "the program did not end within $grace s: killing it"
  kill -s KILL -- -1
  exit 1
fi
restart
if [ $worked = 1 ] || [ $age -ge $start ]; then failures=$((failures + 1)); fi
save
"$@"
code=$?
if [ $code = 0 ]; then
  failures=0 worked=1
  save
  exit 0
fi
restart
exit $code
`;

/** The workload with a health check that restarts it, if its restart policy says so. */
export function withRestartWhenUnhealthy(spec: WorkloadSpec): WorkloadSpec {
  const check = replacedCheck(spec.healthCheck);
  const { whenUnhealthy } = spec.restart;
  if (whenUnhealthy === 'never' || check === null || !isProbed(check)) return spec;
  const patience = whenUnhealthy === 'always' ? Math.max(PATIENCE_SECONDS, spec.startTimeoutSeconds ?? 0) : 'never';
  const test = restartingTest(check.test, {
    retries: check.retries,
    grace: spec.stopGracePeriodSeconds,
    start: Math.ceil(check.startPeriodMilliseconds / 1000),
    patience,
    // The engine takes lower-case letters, which `kill` of a shell does not.
    signal: (spec.stopSignal ?? 'SIGTERM').toUpperCase(),
  });
  return { ...spec, healthCheck: { ...check, test } };
}

/** When the script acts; times in seconds. */
interface RestartSettings {
  readonly retries: number;
  readonly grace: number;
  readonly start: number;
  readonly patience: number | 'never';
  readonly signal: string;
}

/** The test of a health check that restarts its container. */
export function restartingTest(
  [kind, ...command]: readonly string[],
  { retries, grace, start, patience, signal }: RestartSettings,
): string[] {
  const probe = kind === 'CMD-SHELL' ? [...SHELL, ...command] : command;
  const settings = [retries, grace, start, patience, signal].map(String);
  return ['CMD', ...SHELL, SCRIPT, NAME, ...settings, ...probe];
}

const SHELL = ['/bin/sh', '-c'];

/** Number of words before the probe in the test of a health check that restarts its container. */
const WORDS_BEFORE_PROBE = ['CMD', ...SHELL, SCRIPT, NAME, 'retries', 'grace', 'start', 'patience', 'signal'].length;

/** The test of a health check as its workload has it, and whether it restarts the container. For a plan. */
export function withoutRestart(test: readonly string[]): {
  readonly test: readonly string[];
  readonly restarts: boolean;
} {
  if (test[4] !== NAME) return { test, restarts: false };
  const probe = test.slice(WORDS_BEFORE_PROBE);
  const isShell = probe.length === SHELL.length + 1 && SHELL.every((word, index) => probe[index] === word);
  return { test: isShell ? ['CMD-SHELL', ...probe.slice(SHELL.length)] : ['CMD', ...probe], restarts: true };
}
