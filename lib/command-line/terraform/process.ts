import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

type Listener = (line: string) => void;

/** What takes the lines of a program, and what it runs with. */
export interface ProgramOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly onOutput: Listener;
  readonly onError: Listener;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly exitCode: number;
  /** Whether somebody wanted to stop it, and us. */
  readonly isInterrupted: boolean;
}

/** Runs a program to its end, also when this process is interrupted meanwhile: what it leaves behind has to be told. */
export async function runProgram(
  program: string,
  command: readonly string[],
  { environment, onOutput, onError }: ProgramOptions,
): Promise<ProgramEnd> {
  let child: ChildProcess | undefined;
  let isInterrupted = false;
  // A terminal sends the interrupt to the program too, which then stops in good order; we wait for that.
  const wait = (): void => {
    isInterrupted = true;
  };
  const passOn = (): void => {
    isInterrupted = true;
    child?.kill('SIGTERM');
  };
  // Before the program starts, which may be at work before we are again.
  process.on('SIGINT', wait).on('SIGTERM', passOn).on('SIGHUP', passOn);
  try {
    const started = startPrivately(program, command, environment);
    child = started;
    const ended = new Promise<number>((resolve, reject) => {
      started.on('error', reject);
      started.on('close', (code) => {
        resolve(code ?? 1);
      });
    });
    const [exitCode] = await Promise.all([
      ended,
      eachLine(started.stdout, onOutput),
      eachLine(started.stderr, onError),
    ]);
    return { exitCode, isInterrupted };
  } finally {
    process.off('SIGINT', wait).off('SIGTERM', passOn).off('SIGHUP', passOn);
  }
}

/** What it writes, such as a plan and a state, nobody else on the machine can read. */
function startPrivately(
  program: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, Readable> {
  const mask = process.umask(0o077);
  try {
    return spawn(program, command, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  } finally {
    process.umask(mask);
  }
}

async function eachLine(stream: Readable, listener: Listener): Promise<void> {
  for await (const line of createInterface({ input: stream })) listener(line);
}
