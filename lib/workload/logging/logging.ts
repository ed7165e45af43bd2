import { invalidValue, TradingStackError } from '../../errors';
import { checkOptions, type OptionShapes } from '../../options/options';
import { hasForm } from '../../options/form';
import type { LoggedWorkload, LoggingSpec } from '../../platform/spec';
import { Size } from '../units/size';
import { checkStoreUrl, type Rotation, STORE_PORT, storeOptions } from './log-store-driver';

/** Options of {@link Logging.jsonFile}. */
export interface JsonFileLoggingOptions {
  /**
   * Size at which a log file is rotated.
   * @default - 10 MB, Docker's `10m`
   */
  readonly maximumSize?: Size;
  /**
   * How many files are kept.
   * @default 3
   */
  readonly maximumFiles?: number;
  /**
   * Whether rotated files are compressed.
   * @default false
   */
  readonly compress?: boolean;
}

const JSON_FILE: OptionShapes<JsonFileLoggingOptions> = {
  maximumSize: Size,
  maximumFiles: 'number',
  compress: 'boolean',
};

/** Options of {@link Logging.logStore}. */
export interface LogStoreLoggingOptions extends JsonFileLoggingOptions {
  /**
   * Where the engine reaches the log store, from each of its machines: `http://10.0.0.5:9428`.
   * @default - port 9428, plus the stack's `hostPortOffset`, of the engine's own machine, where a MonitoringStack publishes it
   */
  readonly url?: string;
}

const LOG_STORE: OptionShapes<LogStoreLoggingOptions> = { ...JSON_FILE, url: 'string' };

/**
 * Where the output of a workload goes.
 *
 * @example
 * Logging.jsonFile({ maximumSize: Size.mebibytes(50), maximumFiles: 5 })
 */
export class Logging {
  /**
   * Files on the host with log rotation, so that a workload cannot fill the disk; `docker logs` reads them.
   * @throws TradingStackError if the size is zero, the number of files is not positive, or a single file is compressed
   */
  static jsonFile(options: JsonFileLoggingOptions = {}): Logging {
    const where = 'Logging.jsonFile';
    checkOptions(options, JSON_FILE, where);
    const { size, files, compress } = rotationOf(options, where);
    return Logging.fixed('json-file', { 'max-size': size, 'max-file': files, ...(compress && { compress: 'true' }) });
  }

  /**
   * A log store such as that of a MonitoringStack with the option `logs`, and files as those of {@link jsonFile}, from which
   * `docker logs` and the command `logs` read. A workload starts and runs without the store. Lines wait for it, up to 10,000
   * of each container. While it accepts connections and does not answer, stopping a container takes up to 90 seconds.
   * @throws TradingStackError like {@link jsonFile}, and if the URL is invalid
   */
  static logStore(options: LogStoreLoggingOptions = {}): Logging {
    const where = 'Logging.logStore';
    checkOptions(options, LOG_STORE, where);
    const rotation = rotationOf(options, where);
    if (options.url !== undefined) checkStoreUrl(options.url, where);
    return new Logging((workload) => {
      const { url = `http://127.0.0.1:${STORE_PORT + workload.hostPortOffset}` } = options;
      return { driver: 'splunk', options: storeOptions(url, rotation, workload), storeUrl: url };
    });
  }

  /**
   * Any log driver with its own options: `syslog`, `journald`, `fluentd`, `loki` … Options of `json-file` and `local`
   * are checked; the rest is up to the driver.
   * @throws TradingStackError if the name of a Docker driver is misspelled, or Docker refuses an option or its value
   * @see https://docs.docker.com/engine/logging/configure/
   */
  static driver(name: string, options: Readonly<Record<string, string>> = {}): Logging {
    checkDriver(name, options);
    return Logging.fixed(name, options);
  }

  /**
   * The default of the daemon. Also use it if the daemon has its own options for the driver: the engine merges them
   * with those of a container, and every plan would replace it.
   */
  static daemonDefault(): Logging {
    return Logging.fixed(null, {});
  }

  private static fixed(driver: string | null, options: Readonly<Record<string, string>>): Logging {
    return new Logging(() => ({ driver, options, storeUrl: null }));
  }

  private constructor(private readonly specOf: (workload: LoggedWorkload) => LoggingSpec) {}

  /** Driver and options of a workload as the engines take them. */
  toSpec(workload: LoggedWorkload): LoggingSpec {
    return this.specOf(workload);
  }
}

/** How the files of a driver are rotated, as the drivers read it. */
function rotationOf(
  { maximumSize = Size.bytes(10_000_000), maximumFiles = 3, compress = false }: JsonFileLoggingOptions,
  where: string,
): Rotation {
  if (!Number.isInteger(maximumFiles) || maximumFiles < 1) {
    throw invalidValue(where, 'maximumFiles', maximumFiles, 'a whole number, 1 or more');
  }
  if (maximumSize.toBytes() === 0) {
    throw invalidValue(where, 'maximumSize', String(maximumSize), 'a size above zero');
  }
  if (compress && maximumFiles === 1) {
    const what = 'Docker compresses rotated files only, and with one file there are none';
    throw new TradingStackError('option-conflict', where, what, 'Set maximumFiles to 2 or more, or remove compress');
  }
  return { size: driverSize(maximumSize), files: String(maximumFiles), compress };
}

/** A size as the log drivers read it: their `1m` and `1mib` are 1,000,000 bytes, and not those of `--memory`. */
function driverSize(size: Size): string {
  const bytes = size.toBytes();
  if (bytes % 1_000_000 === 0) return `${bytes / 1_000_000}m`;
  return bytes % 1000 === 0 ? `${bytes / 1000}k` : String(bytes);
}

/** Options of a driver, with the form of their values where Docker checks it. */
type DriverOptions = Readonly<Record<string, { readonly form: RegExp; readonly allowed: string } | null>>;

/** Options of every driver, among them those of the cache that `docker logs` reads where a driver cannot be read. */
const COMMON: DriverOptions = {
  mode: { form: /^(blocking|non-blocking)$/, allowed: "'blocking' or 'non-blocking'" },
  'max-buffer-size': null,
  'cache-disabled': null,
  'cache-max-size': null,
  'cache-max-file': null,
  'cache-compress': null,
};

/**
 * Options of the drivers that write files, and of no other driver. Sizes:
 * https://github.com/docker/go-units/blob/v0.5.0/size.go
 */
const ROTATION: DriverOptions = {
  'max-size': {
    form: /^(?=[\d.]*[1-9])(\d+b?|\d*\.?\d+ ?[kmgtp](i?b)?)$/i,
    allowed: "a size above zero: '10m', '1.5g'",
  },
  'max-file': { form: /^[1-9]\d*$/, allowed: "a whole number, 1 or more: '3'" },
  compress: { form: /^(true|false)$/, allowed: "'true' or 'false'" },
};

const FILE_DRIVERS = new Map<string, DriverOptions>([
  [
    'json-file',
    { ...COMMON, ...ROTATION, labels: null, 'labels-regex': null, env: null, 'env-regex': null, tag: null },
  ],
  ['local', { ...COMMON, ...ROTATION }],
]);

/** Docker's other drivers: https://docs.docker.com/engine/logging/configure/#supported-logging-drivers */
const OTHER_DRIVERS = ['none', 'syslog', 'journald', 'gelf', 'fluentd', 'awslogs', 'splunk', 'etwlogs', 'gcplogs'];

/**
 * Docker checks a driver when it creates or starts the container, and by then the previous container is gone.
 * @throws TradingStackError if Docker would refuse the driver, an option or a value
 */
function checkDriver(driver: string, options: Readonly<Record<string, string>>): void {
  const where = 'Logging.driver';
  const meant = [...FILE_DRIVERS.keys(), ...OTHER_DRIVERS].find((one) => lettersOf(one) === lettersOf(driver));
  if (driver === '') throw invalidValue(where, 'the driver', driver, "the name of a driver: 'journald'");
  if (meant !== undefined && meant !== driver) throw invalidValue(where, 'the driver', driver, `'${meant}'`);
  const known = FILE_DRIVERS.get(driver);
  for (const [name, value] of Object.entries(options)) {
    const isRotation = Object.hasOwn(ROTATION, name);
    if (OTHER_DRIVERS.includes(driver) && isRotation) {
      throw noSuchOption(driver, name, `Remove it: only ${[...FILE_DRIVERS.keys()].join(' and ')} rotate files`);
    }
    if (known === undefined) continue;
    if (!Object.hasOwn(known, name)) throw noSuchOption(driver, name, `Use one of ${Object.keys(known).join(', ')}`);
    const values = known[name];
    if (values && !hasForm(value, values.form)) throw invalidValue(where, `options.${name}`, value, values.allowed);
  }
}

function noSuchOption(driver: string, option: string, fix: string): TradingStackError {
  return new TradingStackError('unknown-option', 'Logging.driver', `${driver} has no option '${option}'`, fix);
}

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}
