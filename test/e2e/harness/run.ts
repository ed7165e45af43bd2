/** Child processes of the harness: programs with arguments, without a shell. */
import { execFile } from 'node:child_process';

/** The result of a program that has exited. */
export interface Outcome {
  /** The exit code, or a name if it did not start (`ENOENT`) or was stopped (`SIGTERM`). */
  readonly code: number | string;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  /** Variables in addition to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Time after which the program is stopped; no limit if it is not set. */
  readonly timeoutMs?: number;
}

/** Large enough for a build, whose last lines explain a failure. */
const OUTPUT_LIMIT = 64 * 1024 * 1024;

/** Runs a program until it exits. A failure is an outcome, not an exception. */
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

/** Runs a program that has to succeed, and returns its output. */
export async function mustRun(program: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  const outcome = await run(program, args, options);
  if (outcome.code !== 0) {
    const end = `${outcome.stdout}\n${outcome.stderr}`.trim().split('\n').slice(-20).join('\n');
    throw new Error(`${program} ${args.join(' ')} exited with ${outcome.code}:\n${end}`);
  }
  return outcome.stdout;
}
