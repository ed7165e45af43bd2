import type { Configuration } from './configuration';

const TIMEOUT_MS = 2_000;

/** Another service with an HTTP interface. */
export class HttpPeer {
  private readonly url: string;

  /** At the URL in the variable, which is required. */
  constructor(configuration: Configuration, variable: string, example: string) {
    this.url = configuration.url(variable, { schemes: ['http', 'https'], example }).replace(/\/+$/, '');
  }

  async get(path: string): Promise<unknown> {
    const response = await this.fetch(path);
    const text = await response.text();
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}`);
    return JSON.parse(text);
  }

  /** The health document of a healthy or unhealthy service; rejects if the service is unreachable. */
  async health(): Promise<unknown> {
    return (await this.fetch('/health')).json();
  }

  private fetch(path: string): Promise<Response> {
    return fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  }
}
