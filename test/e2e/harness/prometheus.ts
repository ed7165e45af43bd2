/** Questions to the Prometheus in a container. */
import { execute } from './engine';

/** An alert as Prometheus has loaded it. */
export interface LoadedRule {
  readonly name: string;
  readonly query: string;
  /** `unknown` before the first evaluation. */
  readonly health: 'ok' | 'err' | 'unknown';
  readonly lastError?: string;
}

/** The alerts that Prometheus has loaded. */
export async function loadedRules(container: string): Promise<readonly LoadedRule[]> {
  const { groups } = await ask<{ groups: { rules: LoadedRule[] }[] }>(container, 'rules?type=alert');
  return groups.flatMap(({ rules }) => rules);
}

/** The alerts that fire, as `job/name`. */
export async function firingAlerts(container: string): Promise<readonly string[]> {
  const { alerts } = await ask<{ alerts: { state: string; labels: Record<string, string> }[] }>(container, 'alerts');
  return alerts
    .filter(({ state }) => state === 'firing')
    .map(({ labels: { job = '', alertname = '' } }) => `${job}/${alertname}`);
}

/** The metrics that alerts ask for and Prometheus does not have. */
export async function missingMetrics(container: string): Promise<readonly string[]> {
  const known = await ask<readonly string[]>(container, 'label/__name__/values');
  const rules = await loadedRules(container);
  const asked = rules.flatMap(({ query }) => [
    ...[...query.matchAll(/([a-z_][a-z0-9_]*)\{/g)].map(([, name = '']) => new RegExp(`^${name}$`)),
    ...[...query.matchAll(/__name__=~"([^"]+)"/g)].map(([, pattern = '']) => new RegExp(`^(${pattern})$`)),
  ]);
  const missing = asked
    .filter((form) => !known.some((name) => form.test(name)))
    .map(({ source }) => source.slice(1, -1));
  return [...new Set(missing)].sort();
}

async function ask<T>(container: string, path: string): Promise<T> {
  const url = `http://127.0.0.1:9090/api/v1/${path}`;
  return (JSON.parse(await execute(container, 'wget', '-qO-', url)) as { data: T }).data;
}
