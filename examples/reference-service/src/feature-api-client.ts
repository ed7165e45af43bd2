import type { Configuration } from './configuration';
import type { Features } from './features';

/** The feature API role, over HTTP. */
export class FeatureApiClient {
  /** The client for `FEATURE_API_URL`, or `undefined` if that variable is not set. */
  static optional(configuration: Configuration): FeatureApiClient | undefined {
    const form = { schemes: ['http', 'https'], example: 'http://feature-api:8000' };
    const url = configuration.optionalUrl('FEATURE_API_URL', form);
    const timeout = configuration.wholeNumber('FEATURE_API_TIMEOUT_MS', { min: 10, max: 60_000, default: 2_500 });
    return url === undefined ? undefined : new FeatureApiClient(url.replace(/\/+$/, ''), timeout);
  }

  private constructor(
    private readonly url: string,
    private readonly timeout: number,
  ) {}

  async compute(symbol: string, prices: readonly number[]): Promise<Features> {
    const response = await fetch(`${this.url}/features`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ symbol, prices }),
      signal: AbortSignal.timeout(this.timeout),
    });
    if (!response.ok) throw new Error(`POST /features answered ${response.status}: ${await response.text()}`);
    return ((await response.json()) as { features: Features }).features;
  }

  async check(): Promise<void> {
    const response = await fetch(`${this.url}/health`, { signal: AbortSignal.timeout(this.timeout) });
    // An unread response would keep its connection from being reused.
    await response.text();
    if (!response.ok) throw new Error(`GET /health answered ${response.status}`);
  }
}
