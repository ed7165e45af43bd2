/** Questions to the Prometheus in a container. */
import type { MetricsSource } from '../../../lib/workload/connections/monitored';
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

/** The metrics that the panels and alerts of a service ask for, and that its page of metrics does not have. */
export function missingFrom(page: string, { upQuery, panels, alerts = [] }: MetricsSource): string[] {
  const queries = [upQuery, ...panels.map(({ query }) => query), ...alerts.map(({ expr }) => expr)];
  const asked = queries.flatMap((query) => [...query.matchAll(/(\w+)\{/g)].map(([, name = '']) => name));
  if (asked.length === 0) throw new Error('No query asks for a metric.');
  // Prometheus itself adds `up`.
  return [...new Set(asked)].filter((name) => name !== 'up' && !new RegExp(`^${name}[ {]`, 'm').test(page));
}

async function ask<T>(container: string, path: string): Promise<T> {
  const url = `http://127.0.0.1:9090/api/v1/${path}`;
  return (JSON.parse(await execute(container, 'wget', '-qO-', url)) as { data: T }).data;
}
