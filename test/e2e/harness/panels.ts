/**
 * The panels of the dashboards that Grafana is provisioned with, as its browser would fill them from Prometheus, and the
 * alerts that it lists.
 */

import type { LoadedRule } from './prometheus';

/** Where the Grafana of a stack is. */
export interface GrafanaAccess {
  readonly port: number;
  /** Of `admin`. */
  readonly password: string;
}

/** A query of a panel or an alert, and what is wrong with it. */
export interface Answer {
  /** Dashboard, panel and query, or the alert and its query. */
  readonly query: string;
  /** Names of the metrics in it; if some do not exist, only of those. */
  readonly metrics: readonly string[];
  /** `undefined` if it has data, and all its metrics exist. */
  readonly problem: string | undefined;
}

/** Metrics that cannot exist or have no data in these tests, and why. */
const UNPROVEN: ReadonlyMap<string, string> = new Map([
  ['ALERTS', 'no alert fires'],
  ['prometheus_notifications_errors_total', 'there is no Alertmanager'],
  ['redis_errors_total', 'no write was refused'],
  ['redis_keyspace_hits_total', 'no key is read'],
  ['grafana_http_request_duration_seconds_count', 'the stand-in of Grafana does not have it'],
]);

/** Metrics of the process that the stand-ins of these jobs do not have. */
const IMITATIONS: readonly string[] = ['grafana', 'influxdb'];

/** Asks for the data of every panel of every dashboard. */
export async function askPanels(grafana: GrafanaAccess): Promise<Answer[]> {
  const found = (await api(grafana, '/api/search?type=dash-db')) as { uid: string }[];
  const names = new Set((await prometheus(grafana, 'label/__name__/values', {})) as string[]);
  const answers = await Promise.all(
    found.map(async ({ uid }) => {
      const { dashboard } = (await api(grafana, `/api/dashboards/uid/${uid}`)) as { dashboard: Dashboard };
      const queries = dashboard.panels.flatMap(({ title, targets = [] }) =>
        targets.map(({ expr }) => ({ name: `${dashboard.title}, ${title}: ${expr}`, expr })),
      );
      const ofDashboard: Answer[] = [];
      // One after another: Grafana still has to answer the scrapes of Prometheus.
      for (const { name, expr } of queries) ofDashboard.push(await ask(grafana, name, expr, names));
      return ofDashboard;
    }),
  );
  return answers.flat();
}

/** Asks whether the metrics of every alert exist. It has data only while it fires. */
export async function askAlerts(grafana: GrafanaAccess): Promise<Answer[]> {
  const names = new Set((await prometheus(grafana, 'label/__name__/values', {})) as string[]);
  const { groups } = (await prometheus(grafana, 'rules', { type: 'alert' })) as { groups: { rules: LoadedRule[] }[] };
  const answers: Answer[] = [];
  for (const { name, query: promql, health, lastError = '' } of groups.flatMap(({ rules }) => rules)) {
    const query = `${name}: ${promql}`;
    const metrics = metricsIn(await prometheus(grafana, 'parse_query', { query: promql }));
    const problem = health === 'ok' ? undefined : `its state is ${health} ${lastError}`;
    answers.push(missing(query, metrics, names) ?? { query, metrics, problem });
  }
  return answers;
}

/** The jobs that Prometheus cannot scrape. */
export async function downTargets(grafana: GrafanaAccess): Promise<string[]> {
  const { activeTargets } = (await prometheus(grafana, 'targets', {})) as {
    activeTargets: { labels: { job: string }; health: string; lastError: string }[];
  };
  if (activeTargets.length === 0) return ['Prometheus has no targets'];
  return activeTargets
    .filter(({ health }) => health !== 'up')
    .map(({ labels, health, lastError }) => `${labels.job}: ${health} ${lastError}`);
}

/** Why a query without data is accepted, if it is. */
export function excuse({ query, metrics, problem }: Answer): string | undefined {
  const excused = metrics.filter((name) => UNPROVEN.has(name));
  // What exists explains nothing about what does not.
  const [metric] = problem?.startsWith(NO_METRIC) && excused.length < metrics.length ? [] : excused;
  if (metric !== undefined) return `${metric}: ${UNPROVEN.get(metric)}`;
  const job = IMITATIONS.find((name) => query.includes(`job="${name}"`) && query.includes('process_'));
  return job === undefined ? undefined : `the stand-in of ${job} does not have all metrics of a process`;
}

interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets?: readonly { readonly expr: string }[] }[];
}

/** A node of the syntax tree of PromQL: https://prometheus.io/docs/prometheus/latest/querying/api/#parsing-a-promql-expressions-into-a-abstract-syntax-tree-ast */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly matchers?: readonly { readonly name: string; readonly type: string; readonly value: string }[];
}

async function ask(grafana: GrafanaAccess, query: string, expression: string, names: Set<string>): Promise<Answer> {
  // What Grafana makes of it at a scrape interval of 15 seconds.
  const promql = expression.replace(/\$__rate_interval/g, '1m');
  const metrics = metricsIn(await prometheus(grafana, 'parse_query', { query: promql }));
  const unknown = missing(query, metrics, names);
  if (unknown !== undefined) return unknown;
  const { result } = (await prometheus(grafana, 'query', { query: promql })) as {
    result: { value: [number, string] }[];
  };
  if (result.length === 0) return { query, metrics, problem: 'it has no data' };
  if (result.every(({ value }) => value[1] === 'NaN')) return { query, metrics, problem: 'it is not a number' };
  return { query, metrics, problem: undefined };
}

const NO_METRIC = 'there is no metric';

/** The answer for a query with metrics that do not exist. */
function missing(query: string, metrics: readonly string[], names: ReadonlySet<string>): Answer | undefined {
  const unknown = metrics.filter((metric) => ![...names].some((name) => new RegExp(`^(?:${metric})$`).test(name)));
  return unknown.length === 0 ? undefined : { query, metrics: unknown, problem: `${NO_METRIC} ${unknown.join(', ')}` };
}

/** The names in a syntax tree, which are regular expressions where the query has one. */
function metricsIn(node: unknown): string[] {
  if (Array.isArray(node)) return node.flatMap(metricsIn);
  if (typeof node !== 'object' || node === null) return [];
  const { type, name, matchers = [] } = node as Node;
  if (type !== 'vectorSelector' && type !== 'matrixSelector') return Object.values(node).flatMap(metricsIn);
  if (name !== undefined && name !== '') return [name];
  return matchers.filter((matcher) => matcher.name === '__name__').map(({ value }) => value);
}

function prometheus(grafana: GrafanaAccess, path: string, query: Record<string, string>): Promise<unknown> {
  const address = `/api/datasources/proxy/uid/prometheus/api/v1/${path}?${new URLSearchParams(query).toString()}`;
  return api(grafana, address).then((answer) => {
    const { status, data, error } = answer as { status: string; data: unknown; error?: string };
    if (status !== 'success') throw new Error(`${path} ${JSON.stringify(query)}: ${error}`);
    return data;
  });
}

async function api({ port, password }: GrafanaAccess, path: string): Promise<unknown> {
  const authorization = `Basic ${Buffer.from(`admin:${password}`).toString('base64')}`;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization } });
  return response.json();
}
