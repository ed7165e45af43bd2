import { createColors } from 'picocolors';
import type { Colors } from 'picocolors/types';
import type { ErrorCode } from '../../index';

/** What a command tells its caller. */
export enum ExitCode {
  DONE = 0,
  FAILED = 1,
  REFUSED = 2,
}

/** Something that keeps a command from its work. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  /** The line of the user's code that it comes from: `desk.ts:42:17`. */
  readonly at?: string | undefined;
}

/** A reason to stop that needs no stack trace. */
export class CommandError extends Error implements Problem {
  /**
   * All problems that were found, in one error.
   * @param problems at least one
   */
  static fromProblems(problems: readonly Problem[]): CommandError {
    const [{ code }] = problems as readonly [Problem];
    const message = problems.map((problem) => problem.message).join('\n');
    return new CommandError(problems.length === 1 ? code : 'several-problems', message, ExitCode.FAILED, problems);
  }

  /** @param problems what the error consists of; the error itself by default */
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly exitCode: ExitCode = ExitCode.FAILED,
    private readonly parts: readonly Problem[] = [],
  ) {
    super(message);
  }

  get problems(): readonly Problem[] {
    return this.parts.length === 0 ? [this] : this.parts;
  }
}

/** A problem as it is shown: with its code, which the documentation explains. */
export function describeProblem({ code, message, at }: Problem): string {
  return `${message} [${code}]${at === undefined ? '' : `\n  at ${at}`}`;
}

/**
 * What is done before anything is applied.
 * @param changed what was changed all the same, as a sentence
 * @throws CommandError that says so too
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
    // Who did not confirm knows that nothing was changed.
    if (sentence === undefined && error.exitCode !== ExitCode.FAILED) throw error;
    throw new CommandError(error.code, `${error.message}\n${sentence ?? 'Nothing was changed.'}`, error.exitCode);
  }
}

const SLOW_MILLISECONDS = 2000;
const CLEAR = '\r\u001b[K';

/**
 * Where the words of a command go: to stdout, or to stderr where stdout is for one JSON document. Questions, problems
 * and progress always go to stderr.
 */
export class Output {
  readonly stream: NodeJS.WriteStream;
  readonly colors: Colors;
  /** Whether a line is there that the next one would be written behind. */
  private isCounting = false;

  constructor(readonly isJson = false) {
    this.stream = isJson ? process.stderr : process.stdout;
    this.colors = createColors(hasColors(this.stream));
  }

  get hasColors(): boolean {
    return this.colors.isColorSupported;
  }

  say(text: string): void {
    // A line that counts is on the same terminal, as a rule.
    if (this.isCounting) process.stderr.write(CLEAR);
    this.stream.write(`${text}\n`);
  }

  /** A line that stands out. */
  heading(text: string): void {
    this.say(this.colors.bold(text));
  }

  warn(text: string): void {
    this.say(this.colors.yellow(text));
  }

  problem(text: string): void {
    this.complain(createColors(hasColors(process.stderr)).red(text));
  }

  /** What another program has to say of what went wrong. */
  complain(text: string): void {
    process.stderr.write(`${this.isCounting ? CLEAR : ''}${text}\n`);
  }

  /** The document of a command that was asked for JSON. */
  document(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** Counts the seconds on a terminal while something slow and silent goes on. */
  async during<Result>(what: string | (() => string), work: Promise<Result>): Promise<Result> {
    const { stderr } = process;
    if (!stderr.isTTY) return work;
    const start = Date.now();
    const show = (): void => {
      if (Date.now() - start < SLOW_MILLISECONDS) return;
      this.isCounting = true;
      const subject = typeof what === 'string' ? what : what();
      stderr.write(`${CLEAR}${subject} … ${Math.round((Date.now() - start) / 1000)} s`);
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

/** Only on a terminal: a log file or another program is no place for them. See https://no-color.org. */
function hasColors(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR = '', TERM } = process.env;
  return stream.isTTY && NO_COLOR === '' && TERM !== 'dumb';
}
