import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { hasEnded, type ProcessRecord, thisProcess } from '../../../lib/command-line/processes/process-record';

const HERE: ProcessRecord = { ...thisProcess(), host: 'desk', boot: 'boot-1', namespace: 'pid:[1]' };
const ON_MAC: ProcessRecord = { host: 'desk', pid: process.pid };
const ENDED = spawnSync(process.execPath, ['--version']).pid;

test.each<[string, ProcessRecord, Partial<ProcessRecord>]>([
  ['whose id no process has', HERE, { pid: ENDED }],
  ['from before the host was restarted', HERE, { boot: 'boot-0' }],
  ['from before the host was restarted, in a container', HERE, { boot: 'boot-0', namespace: 'pid:[2]' }],
  ['whose id no process has, on a system without /proc', ON_MAC, { pid: ENDED }],
])('A process %s has ended', (_, here, record) => {
  expect(hasEnded({ ...here, ...record }, here)).toBe(true);
});

test.each<[string, ProcessRecord, Partial<ProcessRecord>]>([
  ['that is this one', HERE, {}],
  ['that is this one, on a system without /proc', ON_MAC, {}],
  ['of another machine', HERE, { host: 'laptop', boot: 'boot-0', pid: ENDED }],
  ['of a container with the name of the host', HERE, { namespace: 'pid:[2]', pid: ENDED }],
  ['of a container with the name of a host without /proc', ON_MAC, { boot: 'boot-1', pid: ENDED }],
])('A process %s may run', (_, here, record) => {
  expect(hasEnded({ ...here, ...record }, here)).toBe(false);
});

test('Nothing is known of a process without a record', () => {
  expect(hasEnded({}, HERE)).toBe(false);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux('A process has ended if another one has its id now', () => {
  expect(hasEnded({ ...HERE, started: '1' }, HERE)).toBe(true);
});

onLinux('The record of a process has its boot, its PID namespace and its start', () => {
  expect(thisProcess()).toEqual({
    host: expect.any(String) as string,
    pid: process.pid,
    boot: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    namespace: expect.stringMatching(/^pid:\[\d+\]$/) as string,
    started: expect.stringMatching(/^\d{2,}$/) as string,
  });
});

onLinux('A process has ended if only its id is left, because its parent does not ask for its exit code', async () => {
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [printed] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(printed.toString());
    while (!readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')) await new Promise(setImmediate);

    expect(hasEnded({ ...thisProcess(), pid })).toBe(true);
  } finally {
    parent.kill();
  }
});
