import { type ChildProcess, type ChildProcessByStdio, spawn } from 'node:child_process';
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
  /** Asks the program to stop, as a signal to this process does. */
  readonly stop?: AbortSignal | undefined;
}

/** How a program ended. */
export interface ProgramEnd {
  /** `null` if a signal killed it. */
  readonly exitCode: number | null;
  /** Whether this process was asked to stop meanwhile. */
  readonly isInterrupted: boolean;
}

/** Runs a program to its end, even if this process is interrupted: the result has to be reported. */
export async function runProgram(
  program: string,
  command: readonly string[],
  { environment, onOutput, onError, onInterrupt, stop }: ProgramOptions,
): Promise<ProgramEnd> {
  let child: ChildProcess | undefined;
  let isAsked = false;
  let isInterrupted = false;
  const askOnce = (): void => {
    // Terraform takes a second signal as an order to stop immediately, even in the middle of its work.
    if (isAsked) return;
    isAsked = true;
    child?.kill('SIGINT');
  };
  const interrupt = (): void => {
    if (isInterrupted) return;
    isInterrupted = true;
    onInterrupt?.();
    askOnce();
  };
  // Registered before the program starts, which may already be working when this process continues.
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  stop?.addEventListener('abort', askOnce);
  try {
    const started = startAlone(program, command, environment);
    child = started;
    if (stop?.aborted === true) askOnce();
    const ended = new Promise<number | null>((resolve, reject) => {
      started.on('error', reject);
      started.on('close', resolve);
    });
    const [exitCode] = await Promise.all([
      ended,
      eachLine(started.stdout, onOutput),
      eachLine(started.stderr, onError),
    ]);
    return { exitCode, isInterrupted };
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt).off('SIGHUP', interrupt);
    stop?.removeEventListener('abort', askOnce);
  }
}

/**
 * Starts the program in a session of its own: Ctrl-C and a terminal that is closed reach it once, through this process.
 * The files that it writes, such as a plan and a state, are readable only by their owner.
 */
function startAlone(
  program: string,
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): ChildProcessByStdio<null, Readable, Readable> {
  const mask = process.umask(0o077);
  try {
    return spawn(program, command, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  } finally {
    process.umask(mask);
  }
}

async function eachLine(stream: Readable, listener: Listener): Promise<void> {
  for await (const line of createInterface({ input: stream })) listener(line);
}
