import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Configuration } from './configuration';

/** The file and its predecessor together use at most twice this. */
const LARGEST_BYTES = 10_485_760;

/** Where log lines go. */
export interface LogStream {
  write(line: string): void;
}

/**
 * The log on standard output and in a file, which outlives the container if it is in a volume. A full file replaces its
 * predecessor, `<file>.1`, so that the volume does not fill the disk.
 */
export class LogFile implements LogStream {
  private size: number;

  /** In the file of `LOG_FILE`, or `undefined` if that variable is not set. */
  static optional(configuration: Configuration): LogFile | undefined {
    const path = configuration.optionalText('LOG_FILE');
    return path === undefined ? undefined : new LogFile(path);
  }

  /** @param largest size in bytes at which the next line starts a new file */
  constructor(
    private readonly path: string,
    private readonly output: LogStream = process.stdout,
    private readonly largest = LARGEST_BYTES,
  ) {
    mkdirSync(dirname(path), { recursive: true });
    this.size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  }

  write(line: string): void {
    this.output.write(line);
    try {
      if (this.size >= this.largest) {
        renameSync(this.path, `${this.path}.1`);
        this.size = 0;
      }
      appendFileSync(this.path, line);
      this.size += Buffer.byteLength(line);
    } catch (error) {
      // A full disk must not stop trading, and the line is on standard output.
      process.stderr.write(`${this.path} cannot be written: ${(error as Error).message}\n`);
    }
  }
}
