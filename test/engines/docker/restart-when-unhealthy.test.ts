import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withoutRestart, withRestartWhenUnhealthy } from '../../../lib/engines/docker/restart-when-unhealthy';
import type { WorkloadSpec } from '../../../lib/platform/spec';
import { fullSpec, HEALTH_CHECK } from '../workload-spec';

const PASSES = 'exit 0';
const FAILS = 'exit 7';
/** As the engine does with a probe that takes too long. */
const KILLS_CHECK = 'kill -9 $PPID';
const STOPPED = ['-TERM 1'];
const KILLED = ['-TERM 1', '-s KILL -- -1'];

let folder: string;
let now: number;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'container-'));
  now = 5000;
  start();
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** What is new in each start of a container. */
function start(): void {
  rmSync(join(folder, 'state-of-restart-when-unhealthy'), { force: true });
  for (const name of ['signals', 'log']) writeFileSync(join(folder, name), '');
}

function content(name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function signals(): string[] {
  return content('signals').split('\n').filter(Boolean);
}

function testOf(probe: readonly string[], changes: Partial<WorkloadSpec> = {}): readonly string[] {
  const healthCheck = { ...HEALTH_CHECK, test: probe, retries: 3, startPeriodMilliseconds: 60_000 };
  const restart = { condition: 'always', maximumRetries: null, whenUnhealthy: 'always' } as const;
  const spec = fullSpec({ restart, healthCheck, stopSignal: null, stopGracePeriodSeconds: 30, ...changes });
  return withRestartWhenUnhealthy(spec).healthCheck?.test ?? [];
}

/**
 * Runs the health check as the engine does, some seconds after the last one, with a `kill` that only writes down the
 * signals: the real one would end every process of this machine.
 */
function check(line: string, secondsLater = 5, changes: Partial<WorkloadSpec> = {}): number | null {
  now += secondsLater;
  writeFileSync(join(folder, 'uptime'), `${now}.25 9999.99\n`);
  const [, shell = '', flag = '', script = '', ...words] = testOf(['CMD-SHELL', line], changes);
  const inFolder = script
    .replaceAll('/dev/shm/', join(folder, 'state-of-'))
    .replaceAll('/proc/uptime', join(folder, 'uptime'))
    .replaceAll('/proc/1/fd/2', join(folder, 'log'));
  const safe = `kill() { echo "$*" >>${join(folder, 'signals')}; }\n${inFolder}`;
  return spawnSync(shell, [flag, safe, ...words]).status;
}

test('a program that was healthy is stopped when its health check has failed as often as it may', () => {
  expect([check(PASSES), check(FAILS), check(FAILS)]).toEqual([0, 7, 7]);
  expect(signals()).toEqual([]);
  check(FAILS);

  expect(signals()).toEqual(STOPPED);
  expect(content('log')).toContain('the health check failed 3 times in a row');
});

test('a failure before the last success does not count', () => {
  for (const line of [PASSES, FAILS, FAILS, PASSES, FAILS, FAILS]) check(line);
  expect(signals()).toEqual([]);
});

test('a probe that the engine killed counts as a failure', () => {
  check(PASSES);
  for (let times = 0; times < 3; times += 1) check(KILLS_CHECK);
  expect(signals()).toEqual([]);
  check(KILLS_CHECK);

  expect(signals()).toEqual(STOPPED);
});

test('a program that has not ended after its grace period is killed, and is not sent the stop signal again', () => {
  for (const line of [PASSES, FAILS, FAILS, FAILS]) check(line);
  expect([check(PASSES, 10), check(PASSES, 19)]).toEqual([1, 1]);
  expect(signals()).toEqual(STOPPED);
  check(PASSES, 1);

  expect(signals()).toEqual(KILLED);
});

test.each(['SIGINT', 'int', 'sigint'])('the program gets the stop signal of its workload: %s', (stopSignal) => {
  for (const line of [PASSES, FAILS, FAILS, FAILS]) check(line, 5, { stopSignal });
  expect(signals()).toEqual(['-INT 1']);
});

test('a program that starts is left alone for five minutes, however often its health check fails', () => {
  for (const later of [0, 100, 100, 99]) check(FAILS, later);
  expect(signals()).toEqual([]);
  check(FAILS, 1);

  expect(signals()).toEqual(STOPPED);
});

test('a program that starts is left alone for as long as a deploy waits for it', () => {
  for (const later of [0, 300, 300, 299]) check(FAILS, later, { startTimeoutSeconds: 900 });
  expect(signals()).toEqual([]);
  check(FAILS, 1, { startTimeoutSeconds: 900 });

  expect(signals()).toEqual(STOPPED);
});

test('a server with data is left alone until it has been healthy', () => {
  const restart = { condition: 'always', maximumRetries: null, whenUnhealthy: 'after-start' } as const;
  for (const later of [0, 1000, 1000, 1000, 1000]) check(FAILS, later, { restart });
  expect(signals()).toEqual([]);
  for (const line of [PASSES, FAILS, FAILS, FAILS]) check(line, 5, { restart });

  expect(signals()).toEqual(STOPPED);
});

test('failures in the start period do not count before the first success', () => {
  const healthCheck = { ...HEALTH_CHECK, test: ['CMD-SHELL', FAILS], retries: 3, startPeriodMilliseconds: 400_000 };
  for (const later of [0, 200, 199, 1, 1]) check(FAILS, later, { healthCheck });
  expect(signals()).toEqual([]);
  check(FAILS, 1, { healthCheck });

  expect(signals()).toEqual(STOPPED);
});

test('a program that stays unhealthy after a restart is not restarted again for five minutes', () => {
  for (const line of [PASSES, FAILS, FAILS, FAILS]) check(line);
  expect(signals()).toEqual(STOPPED);
  start();
  for (const later of [0, 100, 100, 99]) check(FAILS, later);

  expect(signals()).toEqual([]);
});

test.each(['', '5000 a[$(touch /tmp/hacked)] 1 0\n'])(
  'starts to count again when its state is unreadable: %j',
  (state) => {
    writeFileSync(join(folder, 'state-of-restart-when-unhealthy'), state);
    for (const line of [PASSES, FAILS, FAILS, FAILS]) check(line);

    expect(signals()).toEqual(STOPPED);
  },
);

test.each([
  ['a command line', ['CMD-SHELL', 'curl -f http://127.0.0.1:8000/ || exit 1']],
  ['a program', ['CMD', 'pg_isready', '-q']],
])('the test that restarts a container contains that of its workload: %s', (_what, probe) => {
  expect(withoutRestart(testOf(probe))).toEqual({ test: probe, restarts: true });
  expect(withoutRestart(probe)).toEqual({ test: probe, restarts: false });
});
