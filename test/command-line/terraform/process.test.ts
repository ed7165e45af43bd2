import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

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
