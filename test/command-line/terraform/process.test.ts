import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { runProgram } from '../../../lib/command-line/terraform/process';

const MODULE = require.resolve('../../../lib/command-line/terraform/process');
const COMPILER = require.resolve('ts-node/register/transpile-only');

/** Prints each signal that it receives, and exits half a second after the first. */
const CHILD = `
process.on('SIGINT', () => {
  console.log('child got SIGINT');
  setTimeout(() => process.exit(0), 500);
});
setInterval(() => undefined, 1000);
console.log('child started');
`;

const PROGRAM = `
const { runProgram } = require(${JSON.stringify(MODULE)});
const onOutput = (line) => console.log(line);
const onInterrupt = () => console.log('interrupted');
runProgram(process.execPath, ['-e', ${JSON.stringify(CHILD)}], { environment: process.env, onOutput, onError: onOutput, onInterrupt })
  .then((end) => console.log(JSON.stringify(end)));
`;

test('Signals reach a program once, are announced once, and its end is waited for', async () => {
  // A separate session has no terminal that would send Ctrl-C to the program itself.
  const parent = spawn(process.execPath, ['-r', COMPILER, '-e', PROGRAM], {
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(parent, 'close');
  const lines: string[] = [];
  for await (const line of createInterface({ input: parent.stdout })) {
    lines.push(line);
    if (line === 'child started') parent.kill('SIGINT');
    if (line === 'child got SIGINT') parent.kill('SIGTERM');
  }
  await ended;
  expect(lines).toEqual([
    'child started',
    'interrupted',
    'child got SIGINT',
    JSON.stringify({ exitCode: 0, isInterrupted: true }),
  ]);
});

test('A program that is asked to stop gets the signal once, even if this process is interrupted later', async () => {
  const lines: string[] = [];
  const stop = new AbortController();
  const onOutput = (line: string): void => {
    lines.push(line);
    if (line === 'child started') stop.abort();
    if (line === 'child got SIGINT') process.emit('SIGTERM');
  };
  const end = await runProgram(process.execPath, ['-e', CHILD], {
    environment: process.env,
    onOutput,
    onError: onOutput,
    stop: stop.signal,
  });
  expect({ lines, end }).toEqual({
    lines: ['child started', 'child got SIGINT'],
    end: { exitCode: 0, isInterrupted: true },
  });
});

test('A program that a signal killed has no exit code', async () => {
  const ignore = (): void => undefined;
  const options = { environment: process.env, onOutput: ignore, onError: ignore };
  const end = await runProgram(process.execPath, ['-e', "process.kill(process.pid, 'SIGKILL')"], options);
  expect(end).toEqual({ exitCode: null, isInterrupted: false });
});

/** The session of a process is the second number after the closing parenthesis and the state. */
test('A program has a session of its own, so that a terminal does not signal it', async () => {
  const script =
    "console.log(require('fs').readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')[3], process.pid)";
  const lines: string[] = [];
  const onOutput = (line: string): void => void lines.push(line);
  await runProgram(process.execPath, ['-e', script], { environment: process.env, onOutput, onError: onOutput });
  const [session, pid] = (lines[0] ?? '').split(' ');
  expect(session).toBe(pid);
});
