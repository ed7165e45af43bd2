import { invalidValue, wrongSpelling } from '../../errors';
import { checkBoolean, checkFilledText, checkTexts } from '../../platform/plain-values';
import type { LoggingSpec } from '../../platform/spec';
import { isA } from '../is-a';
import { checkLogOptions } from './log-options';
import { checkSize, Size } from '../units/size';

/** Options of {@link Logging.jsonFile}. */
export interface JsonFileLoggingOptions {
  /**
   * A log file that reaches this size is put aside.
   * @default Size.mebibytes(10)
   */
  readonly maximumSize?: Size;
  /**
   * How many files are kept.
   * @default 3
   */
  readonly maximumFiles?: number;
  /**
   * Whether files that were put aside are compressed.
   * @default false
   */
  readonly compress?: boolean;
}

/**
 * Where the output of a workload goes.
 *
 * @example
 * Logging.jsonFile({ maximumSize: Size.mebibytes(50), maximumFiles: 5 })
 */
export class Logging {
  /**
   * Files on the host that turn over, so that a chatty bot cannot fill the disk; `docker logs` reads them.
   * @throws TradingStackError for a size of zero, for a number of files that is none, and for a single file that is compressed
   */
  static jsonFile(options: JsonFileLoggingOptions = {}): Logging {
    const { maximumSize = Size.mebibytes(10), maximumFiles = 3, compress = false } = options;
    if (!Number.isInteger(maximumFiles) || maximumFiles < 1) {
      throw invalidValue('Logging.jsonFile', 'maximumFiles', maximumFiles, 'a whole number, 1 or more');
    }
    checkBoolean(compress, 'compress', 'Logging.jsonFile');
    checkSize(maximumSize, 'maximumSize', 'Logging.jsonFile');
    if (maximumSize.toBytes() === 0) {
      throw invalidValue('Logging.jsonFile', 'maximumSize', String(maximumSize), 'a size above zero');
    }
    if (compress && maximumFiles === 1) {
      throw invalidValue('Logging.jsonFile', 'compress', compress, 'maximumFiles of 2 or more with it');
    }
    return new Logging('json-file', {
      'max-size': dockerSize(maximumSize),
      'max-file': String(maximumFiles),
      ...(compress && { compress: 'true' }),
    });
  }

  /**
   * Any driver of the engine, with its own options: `syslog`, `journald`, `fluentd`, `loki` …
   * @throws TradingStackError for one of Docker's own in another spelling, for an option or a value that `json-file` or
   *   `local` would refuse, and for an option of these two with another of Docker's own; the rest is up to the driver
   * @see https://docs.docker.com/engine/logging/configure/
   */
  static driver(name: string, options: Readonly<Record<string, string>> = {}): Logging {
    checkFilledText(name, 'the driver', 'Logging.driver');
    checkTexts(options, 'options', 'Logging.driver');
    checkLogOptions(name, options);
    return new Logging(name, options);
  }

  /**
   * What the daemon is configured for. Also the way out where the daemon's own configuration has options for the same
   * driver: the engine mixes them with those of a container, and every plan would replace it.
   */
  static daemonDefault(): Logging {
    return new Logging(null, {});
  }

  private constructor(
    private readonly name: string | null,
    private readonly options: Readonly<Record<string, string>>,
  ) {}

  /** Driver and options as the engines take them. */
  toSpec(): LoggingSpec {
    return { driver: this.name, options: this.options };
  }
}

/** Docker's spelling: `10m`, `512k`. */
function dockerSize(size: Size): string {
  const kibibytes = size.toBytes() / 1024;
  return kibibytes % 1024 === 0 ? `${kibibytes / 1024}m` : `${Math.ceil(kibibytes)}k`;
}

/** @throws TradingStackError for what only plain JavaScript can give: Compose's `{ driver: 'journald' }` */
export function checkLogging(given: unknown, property: string, where: string): void {
  if (isA(Logging, given)) return;
  const { driver } = (given ?? {}) as { readonly driver?: unknown };
  const name = [given, driver].find((one) => typeof one === 'string');
  const spelled = name === undefined || name === 'json-file' ? 'jsonFile()' : `driver('${name}')`;
  throw wrongSpelling(where, property, given, `${property}: Logging.${spelled}`);
}
