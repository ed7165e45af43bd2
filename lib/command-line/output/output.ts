import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types';
import type { ErrorCode } from '../../index';
import { writeTo } from './write';

/** The exit code of a command. */
export enum ExitCode {
  DONE = 0,
  FAILED = 1,
  REFUSED = 2,
}

/** A reason why a command cannot do its work. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** The line of the user's code that it comes from: `desk.ts:42:17`. */
  readonly at?: string | undefined;
  /** What another program, such as Terraform, printed about it. */
  readonly errors?: readonly string[];
}

/** An expected error, which needs no stack trace. */
export class CommandError extends Error implements Problem {
  /**
   * All problems that were found, in one error.
   * @param problems at least one
   */
  static fromProblems(problems: readonly Problem[]): CommandError {
    const { code, message } = asOne(problems);
    return new CommandError(code, message, ExitCode.FAILED, problems);
  }

  /**
   * @param parts the problems that the error consists of; the error itself by default
   * @param errors what another program printed about it
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly exitCode: ExitCode = ExitCode.FAILED,
    private readonly parts: readonly Problem[] = [],
    readonly errors: readonly string[] = [],
  ) {
    super(message);
  }

  get problems(): readonly Problem[] {
    return this.parts.length === 0 ? [this] : this.parts;
  }
}

function asOne(problems: readonly Problem[]): Problem {
  const [first, ...others] = problems;
  if (first !== undefined && others.length === 0) return first;
  return { code: 'several-problems', message: problems.map(({ message }) => message).join('\n') };
}

/** The part of a JSON document that describes problems, or that there are none. */
export function documentOf(problems: readonly Problem[]): object {
  if (problems.length === 0) return { code: null, message: null };
  const { code, message, at, errors = [] } = asOne(problems);
  if (problems.length === 1) return { code, message, at, ...(errors.length > 0 && { errors }) };
  return { code, message, problems: problems.map((one) => ({ code: one.code, message: one.message, at: one.at })) };
}

/** A problem as it is shown: with its code, which the documentation explains. */
export function describeProblem({ code, message, at }: Problem): string {
  return `${message} [${code}]${at === undefined ? '' : `\n  at ${at}`}`;
}

/**
 * Appends "Nothing was changed." to errors that occur before an apply.
 * @param changed returns a sentence to use instead if something was changed
 * @throws CommandError with the sentence
 */
export async function beforeAnyChange<Result>(
  work: Promise<Result>,
  changed: () => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const sentence = await changed();
    // After a refusal it is clear that nothing was changed.
    if (sentence === undefined && error.exitCode !== ExitCode.FAILED) throw error;
    const message = `${error.message}\n${sentence ?? 'Nothing was changed.'}`;
    throw new CommandError(error.code, message, error.exitCode, [], error.errors);
  }
}

const SLOW_MILLISECONDS = 2000;
const CLEAR = '\r\u001b[K';

/**
 * Where a command prints: to stdout, or to stderr if stdout is for one document. Questions, problems and progress
 * always go to stderr.
 */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly colors: Colors;
  /** Whether the counter is on the current line of the terminal. */
  private isCounting = false;

  /** @param hasDocument whether stdout is for one document, by default the one in JSON */
  constructor(
    readonly isJson = false,
    hasDocument = isJson,
  ) {
    this.stream = hasDocument ? process.stderr : process.stdout;
    this.colors = createColors(hasColors(this.stream));
  }

  get hasColors(): boolean {
    return this.colors.isColorSupported;
  }

  say(text: string): void {
    // The counter is usually on the same terminal.
    if (this.isCounting) process.stderr.write(CLEAR);
    this.stream.write(`${text}\n`);
  }

  /** Prints a highlighted line. */
  heading(text: string): void {
    this.say(this.colors.bold(text));
  }

  warn(text: string): void {
    this.say(this.colors.yellow(text));
  }

  problem(text: string): void {
    this.complain(createColors(hasColors(process.stderr)).red(text));
  }

  /** Prints the errors of another program. */
  complain(text: string): void {
    process.stderr.write(`${this.isCounting ? CLEAR : ''}${text}\n`);
  }

  /** Writes to stdout, as fast as it is read. */
  write(text: string): Promise<void> {
    return writeTo(process.stdout, text);
  }

  /** Prints the document of a command with --json. */
  document(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Counts seconds on a terminal during slow work that prints nothing. */
  async during<Result>(what: string | (() => string), work: Promise<Result>): Promise<Result> {
    const { stderr } = process;
    if (!stderr.isTTY) return work;
    const start = Date.now();
    const show = (): void => {
      if (Date.now() - start < SLOW_MILLISECONDS) return;
      this.isCounting = true;
      const subject = typeof what === 'string' ? what : what();
      const elapsed = ` … ${Math.round((Date.now() - start) / 1000)} s`;
      // A line that wraps could not be cleared: each tick would leave one behind. Some terminals report no width.
      const room = Math.max(0, (stderr.columns || 80) - 1 - elapsed.length);
      stderr.write(`${CLEAR}${subject.slice(0, room)}${elapsed}`);
    };
    const timer = setInterval(show, 500);
    try {
      return await work;
    } finally {
      clearInterval(timer);
      if (this.isCounting) stderr.write(CLEAR);
      this.isCounting = false;
    }
  }
}

/** Only on a terminal, not for log files and other programs. See https://no-color.org. */
function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = '', TERM } = process.env;
  return stream.isTTY && NO_COLOR === '' && TERM !== 'dumb';
}
