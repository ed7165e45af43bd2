import type { Configuration } from './configuration';
import { FeatureApiClient } from './feature-api-client';
import { computeFeatures, type Features } from './features';
import type { Service } from './service';

/** The source of a strategy's features. */
export interface FeatureSource {
  compute(symbol: string, prices: readonly number[]): Promise<Features>;
}

/** The feature API of `FEATURE_API_URL`; without that variable this process computes the features itself. */
export function featureSource(service: Service, configuration: Configuration): FeatureSource {
  const client = FeatureApiClient.optional(configuration);
  if (client === undefined) return { compute: async (_symbol, prices) => computeFeatures(prices) };
  service.health.add('feature_api', () => client.check());
  return client;
}
