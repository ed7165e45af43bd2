import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RequirementId } from '../requirements';
import { type TestResult, TITLE_SEPARATOR } from './results';

/** A test with containers or of the reference service: its file, then titles of groups if needed, then its own title. */
type TestElsewhere = `${'test/e2e' | 'examples/reference-service/test'}/${string}.ts › ${string}`;

/** Whether the tests that a row needs passed: `proven` all, `failed` one did not, `missing` one did not run. */
export type Outcome = 'proven' | 'failed' | 'missing';

const ROOT = resolve(__dirname, '../..');
const FILLED = 'carries a price to a fill in PostgreSQL that the risk manager approved';
const HEALTHY = 'deploys with every service healthy';
const SMALL =
  'test/e2e/examples/mt5-docker.e2e.test.ts › has images with the labels of their Dockerfiles and without what only builds need';
const BACKED_UP =
  'test/e2e/stacks/backup.e2e.test.ts › after a destroy with all volumes, a deploy and a restore, the rows are the same';
const NOTIFIED =
  'test/e2e/stacks/alerts.e2e.test.ts › tells a receiver that a killed service is down, and that it is up again';
const FILLED_IN_BINANCE = `test/e2e/examples/systems.e2e.test.ts › binance › ${FILLED}` as const;
const RISK = 'examples/reference-service/test/risk.test.ts';
const GENERATION = 'examples/reference-service/test/strategy-generation.test.ts › the generation of strategies';
const LISTED = 'examples/reference-service/test/listed-strategies.test.ts › the strategies in a file';
const LIVE_FEED =
  'examples/reference-service/test/live-feed.test.ts › the live feed › sends ticks and fills to WebSocket clients as JSON';

/** The rows whose claim is more than this project's tests can show: a container has to run, or a program. */
export const TESTS_ELSEWHERE: Readonly<Partial<Record<RequirementId, readonly TestElsewhere[]>>> = {
  'S0-7': [
    'test/e2e/examples/mt5-docker.e2e.test.ts › carries a published price through the feature API into a row of PostgreSQL',
  ],
  'S0-10': [
    'test/e2e/examples/mt5-docker.e2e.test.ts › has every Prometheus target up',
    'test/e2e/examples/mt5-docker.e2e.test.ts › accepts only the generated password in Grafana, whose data source is Prometheus',
  ],
  'S0-50': [`test/e2e/examples/mt5-docker.e2e.test.ts › ${HEALTHY}`],
  'S0-54': [
    'test/e2e/examples/mt5-docker.e2e.test.ts › keeps rows and keys when the stack is destroyed and deployed again, and leaves nothing else behind',
  ],
  'S0-56': [SMALL],
  'S0-57': [BACKED_UP],
  'S0-58': [
    'test/e2e/stacks/workloads.e2e.test.ts › restarts a program that hangs, but not again and again one that stays unhealthy',
  ],
  'S0-61': [`test/e2e/examples/mt5-docker.e2e.test.ts › ${HEALTHY}`],
  'S0-63': [
    `${LISTED} › order side by side, each for its symbol and under a name and with ids of its own`,
    `${LISTED} › are all that order: neither a disabled one nor the signal of the service does`,
  ],
  'S0-64': [SMALL],
  'S0-65': ['test/e2e/examples/mt5-docker.e2e.test.ts › shows that everything runs, and with status 1 what does not'],
  'S0-66': [
    'test/e2e/examples/mt5-docker.e2e.test.ts › rebuilds a changed source and replaces its containers, which get SIGTERM and time to finish',
  ],
  'S1-4': [FILLED_IN_BINANCE],
  'S1-5': [FILLED_IN_BINANCE],
  'S1-6': [
    FILLED_IN_BINANCE,
    'examples/reference-service/test/risk-manager.test.ts › approves nothing and is unhealthy until it has read all earlier fills',
    `${RISK} › the largest position › includes the current position`,
    `${RISK} › the loss of a day › refuses orders that increase a position, and is announced once`,
  ],
  'S1-7': [FILLED_IN_BINANCE],
  'S1-8': [LIVE_FEED],
  'S1-10': [FILLED_IN_BINANCE],
  'S1-21': [`test/e2e/examples/systems.e2e.test.ts › binance › ${HEALTHY}`],
  'S1-39': [
    'test/e2e/servers/cluster.e2e.test.ts › reaches every replica under one name',
    'test/e2e/servers/cluster.e2e.test.ts › loses no request while all replicas are replaced, each new one first',
    'test/e2e/servers/cluster.e2e.test.ts › rolls back when the new version is unhealthy, loses no request, and reports the rollback',
    'test/e2e/servers/cluster.e2e.test.ts › starts the replicas of a failed node on the other node',
  ],
  'S2-3': ['test/e2e/examples/alpaca.e2e.test.ts › answers through nginx as the backend does'],
  'S2-12': [
    'test/e2e/stacks/frontend.e2e.test.ts › answers paths without a file with the page, which browsers do not cache',
  ],
  'S2-13': ['test/e2e/stacks/frontend.e2e.test.ts › upgrades a request to a WebSocket only on a route that allows it'],
  'S2-32': [
    'test/e2e/examples/alpaca.e2e.test.ts › is deployed by the fixed migration, with all four services healthy',
    'test/e2e/examples/alpaca.e2e.test.ts › answers through nginx as the backend does',
    'test/e2e/examples/alpaca.e2e.test.ts › passes Socket.IO through nginx, by polling and as a WebSocket',
    'test/e2e/examples/alpaca.e2e.test.ts › has images without secrets that are below 300 and 50 MB and little larger than their base images',
    'test/e2e/examples/alpaca.e2e.test.ts › is removed with its volumes by destroy --volumes',
  ],
  'S3-10': [
    'test/e2e/stacks/backup.e2e.test.ts › a deploy starts the container, which makes a first backup and restores it into a throw-away server',
  ],
  'S3-25': [
    `${GENERATION} › takes place once a day at that time, and activates the best ones that gain`,
    'examples/reference-service/test/strategy-generation.test.ts › orders for the active strategies too, under a name and with ids of their own',
  ],
  'S3-29': [
    `${RISK} › the limits › may be amounts or shares of the account`,
    `${RISK} › the drawdown › is measured from the highest value of the account, across days`,
    `${RISK} › the loss of a day › stops trading until the next day with the circuit breaker, even if it is recovered`,
  ],
  'S3-30': [`test/e2e/examples/systems.e2e.test.ts › mastertrade › ${FILLED}`],
  'S3-48': [
    'examples/reference-service/test/health.test.ts › answers over HTTP for a role that has started, and is healthy when its checks are',
  ],
  'S3-54': [`test/e2e/examples/systems.e2e.test.ts › mastertrade › ${HEALTHY}`],
  'S3-56': [
    'test/e2e/stacks/no-downtime.e2e.test.ts › a service behind a proxy is replaced without a failed request',
    'test/e2e/servers/cluster.e2e.test.ts › loses no request while all replicas are replaced, each new one first',
  ],
  'S3-32': [NOTIFIED],
  'S3-59': [BACKED_UP],
  'S3-62': [BACKED_UP],
  'S3-57': ['test/e2e/examples/systems.e2e.test.ts › mastertrade › is destroyed except for its retained volumes'],
  'S3-63': [
    'test/e2e/examples/mt5-docker.e2e.test.ts › connects to the database from the service that uses it, and as the administrator in a console',
  ],
  'S3-64': ['test/e2e/examples/mt5-docker.e2e.test.ts › shows the logs of all services in the order of time'],
  'S3-67': [
    'examples/reference-service/test/arbitrage.test.ts › finds opportunities in the prices of the market data role',
    'examples/reference-service/test/reports.test.ts › stored records › are shown by their kind',
  ],
  'S4-2': [
    LIVE_FEED,
    'examples/reference-service/test/live-feed.test.ts › places an order and answers with its outcome and the id of the request',
  ],
  'S4-4': [`test/e2e/examples/systems.e2e.test.ts › platform › ${FILLED}`],
  'S4-9': [SMALL],
};

/** The tests elsewhere that a requirement needs. */
export function testsElsewhere(id: string): readonly string[] {
  return (TESTS_ELSEWHERE as Readonly<Record<string, readonly TestElsewhere[]>>)[id] ?? [];
}

/** What the results of other runs say about a requirement. */
export function outcomeOf(id: string, results: ReadonlyMap<string, readonly TestResult[]>): Outcome {
  const found = testsElsewhere(id).map((test) => {
    const [file, name] = partsOf(test);
    return (results.get(file) ?? []).filter(
      (one) => one.name === name || one.name.endsWith(`${TITLE_SEPARATOR}${name}`),
    );
  });
  if (found.flat().some(({ passed }) => !passed)) return 'failed';
  return found.every((tests) => tests.length > 0) ? 'proven' : 'missing';
}

/** The tests elsewhere that do not exist. */
export function missingTests(): string[] {
  return Object.entries(TESTS_ELSEWHERE).flatMap(([id, tests]) =>
    tests.filter((test) => !exists(test)).map((test) => `${id} needs a test that does not exist: ${test}.`),
  );
}

function exists(test: string): boolean {
  const [file, name] = partsOf(test);
  const path = join(ROOT, file);
  // Groups may be made from a table, so that only the title of the test itself is in the source.
  const title = name.split(TITLE_SEPARATOR).at(-1) ?? name;
  return (
    existsSync(path) &&
    ["'", '"', '`'].some((quote) => readFileSync(path, 'utf8').includes(`(${quote}${title}${quote},`))
  );
}

function partsOf(test: string): [file: string, name: string] {
  const [file = '', ...titles] = test.split(TITLE_SEPARATOR);
  return [file, titles.join(TITLE_SEPARATOR)];
}
