import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

type Listener = (line: string) => void;

/** How a program is run, and what receives its lines. */
export interface ProgramOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly onOutput: Listener;
  readonly onError: Listener;
  /** Called for the first signal that asks this process to stop. */
  readonly onInterrupt?: () => void;
}

/** How a program ended. */
export interface ProgramEnd {
  readonly exitCode: number;
  /** Whether this process was asked to stop meanwhile. */
  readonly isInterrupted: boolean;
}

/** Runs a program to its end, even if this process is interrupted: the result has to be reported. */
export async function runProgram(
  program: string,
  command: readonly string[],
  { environment, onOutput, onError, onInterrupt }: ProgramOptions,
): Promise<ProgramEnd> {
  let child: ChildProcess | undefined;
  let isInterrupted = false;
  const interrupt = (signal: NodeJS.Signals): void => {
    // Terraform takes a second signal as an order to stop immediately, even in the middle of its work.
    if (isInterrupted) return;
    isInterrupted = true;
    onInterrupt?.();
    if (signal !== 'SIGINT' || !hasTerminal()) child?.kill('SIGINT');
  };
  // Registered before the program starts, which may already be working when this process continues.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
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
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt).off('SIGHUP', interrupt);
  }
}

/** On a terminal Ctrl-C goes to every program in the foreground, so it must not be forwarded. */
function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/** The files that it writes, such as a plan and a state, are readable only by their owner. */
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
