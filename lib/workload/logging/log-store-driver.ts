import { invalidValue } from '../../errors';
import type { LoggedWorkload } from '../../platform/spec';

/** Of VictoriaLogs: for log lines, queries and metrics. */
export const STORE_PORT = 9428;

/** How many log files there are, and when a new one begins. */
export interface Rotation {
  readonly size: string;
  readonly files: string;
  readonly compress: boolean;
}

/** The field of a line that says which service printed it. */
export function logSource({ stack, service }: Pick<LoggedWorkload, 'stack' | 'service'>): string {
  return `${stack}/${service}`;
}

/**
 * Docker's driver for Splunk, whose protocol VictoriaLogs accepts. It is the only one of Docker's drivers that starts a
 * container without the store, loses no line of a burst, and sends again what was not accepted.
 * https://docs.victoriametrics.com/victorialogs/data-ingestion/splunk/
 * https://docs.docker.com/engine/logging/drivers/splunk/
 */
export function storeOptions(url: string, rotation: Rotation, workload: LoggedWorkload): Record<string, string> {
  return {
    'splunk-url': url,
    // Docker requires one, and the store accepts any.
    'splunk-token': 'none',
    // Otherwise the container would not start while the store is down.
    'splunk-verify-connection': 'false',
    // A line as it was printed; parsed JSON would have no text that can be searched.
    'splunk-format': 'inline',
    'splunk-source': logSource(workload),
    tag: '{{.Name}}',
    // A program must not wait for the store.
    mode: 'non-blocking',
    'max-buffer-size': '4m',
    // What `docker logs` reads. Always set, because Docker's own default compresses a single file, which it then refuses.
    'cache-max-size': rotation.size,
    'cache-max-file': rotation.files,
    'cache-compress': String(rotation.compress),
  };
}

/** @throws TradingStackError `invalid-value` unless the driver accepts the URL: without a path, a user and a query */
export function checkStoreUrl(url: string, where: string): void {
  if (/^https?:\/\/[^\s/?#@]+$/.test(url) && URL.canParse(url)) return;
  throw invalidValue(where, 'url', url, "a URL without a path: 'http://10.0.0.5:9428'");
}
