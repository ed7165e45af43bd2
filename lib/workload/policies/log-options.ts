import { invalidValue } from '../../errors';
import { hasForm } from '../../platform/plain-values';

type Values = Readonly<Record<string, { readonly form: RegExp; readonly allowed: string } | null>>;

/** Of any driver: https://docs.docker.com/engine/logging/configure/ and the cache of what `docker logs` cannot read. */
const OF_ANY: Values = {
  mode: { form: /^(blocking|non-blocking)$/, allowed: "'blocking' or 'non-blocking'" },
  'max-buffer-size': null,
  'cache-disabled': null,
  'cache-max-size': null,
  'cache-max-file': null,
  'cache-compress': null,
};

/** Of those that write files, and of no other. */
const OF_FILES: Values = {
  'max-size': { form: /^[1-9]\d*([kmgt]i?)?b?$/i, allowed: "a size above zero: '10m'" },
  'max-file': { form: /^[1-9]\d*$/, allowed: "a whole number, 1 or more: '3'" },
  compress: { form: /^(true|false)$/, allowed: "'true' or 'false'" },
};

/** Docker's own drivers that write files. What others take is up to them. */
const DRIVERS = new Map<string, Values>([
  [
    'json-file',
    { ...OF_ANY, ...OF_FILES, labels: null, 'labels-regex': null, env: null, 'env-regex': null, tag: null },
  ],
  ['local', { ...OF_ANY, ...OF_FILES }],
]);

/** Docker's own other drivers: https://docs.docker.com/engine/logging/configure/#supported-logging-drivers */
const OTHERS = ['none', 'syslog', 'journald', 'gelf', 'fluentd', 'awslogs', 'splunk', 'etwlogs', 'gcplogs'];

/**
 * Docker looks at driver and options when it makes the container or starts it, and by then the one before is gone.
 * @throws TradingStackError for a driver in another spelling, for an option that the driver does not know, and for a value
 *   that it would not take
 */
export function checkLogOptions(driver: string, options: Readonly<Record<string, string>>): void {
  const meant = [...DRIVERS.keys(), ...OTHERS].find((one) => lettersOf(one) === lettersOf(driver));
  if (meant !== undefined && meant !== driver) throw invalidValue(WHERE, 'the driver', driver, `'${meant}'`);
  for (const [name, value] of Object.entries(options)) {
    if (OTHERS.includes(driver)) refuseOptionOfFiles(driver, name);
    const known = DRIVERS.get(driver);
    if (known !== undefined) checkOption(driver, known, name, value);
  }
}

const WHERE = 'Logging.driver';

function lettersOf(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '');
}

function refuseOptionOfFiles(driver: string, name: string): void {
  if (!Object.hasOwn(OF_FILES, name)) return;
  const allowed = `one that ${driver} takes: this one is for drivers that write files (json-file, local)`;
  throw invalidValue(WHERE, 'the name of an option', name, allowed);
}

function checkOption(driver: string, known: Values, name: string, value: string): void {
  const one = Object.hasOwn(known, name) ? known[name] : undefined;
  if (one === undefined) {
    const allowed = `one of those that ${driver} takes: ${Object.keys(known).join(', ')}`;
    throw invalidValue(WHERE, 'the name of an option', name, allowed);
  }
  if (one !== null && !hasForm(value, one.form)) throw invalidValue(WHERE, `options.${name}`, value, one.allowed);
}
