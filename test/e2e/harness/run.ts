/** Child processes of the harness: programs with arguments, never a line for a shell. */
import { execFile } from 'node:child_process';

/** What a program that ended has left. */
export interface Outcome {
  /** The exit code, or a word when it never ran (`ENOENT`) or was stopped (`SIGTERM`). */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Variables on top of the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** After this time the program is stopped. Without it there is no limit. */
  readonly timeoutMs?: number;
}

/** A build prints a lot, and the end of it is what explains a failure. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs a program to its end. A failure is an outcome, not an exception. */
export function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      program,
      [...args],
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...process.env, ...options.env },
        timeout: options.timeoutMs ?? 0,
        maxBuffer: OUTPUT_LIMIT,
        encoding: 'utf8',
      },
      (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : (error.code ?? error.signal ?? 1), stdout, stderr });
      },
    );
  });
}

/** Runs a program that has to succeed, and returns what it printed. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(program, args, options);
  if (outcome.code !== 0) {
    const end = `${outcome.stdout}\n${outcome.stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`${program} ${args.join(' ')} ended with ${outcome.code}:\n${end}`);
  }
  return outcome.stdout;
}
