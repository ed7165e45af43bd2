import type { Counter } from 'prom-client';
import type { Configuration } from '../configuration';
import { HIGHEST_PRICE, LOWEST_PRICE, REQUIRED_PRICES, computeFeatures } from '../features';
import type { Service } from '../service';
import { SYMBOL_PATTERN } from '../tick';
import type { Role } from './role';

interface FeatureRequest {
  readonly symbol: string;
  readonly prices: readonly number[];
}

const INSERT = 'INSERT INTO feature_sets (symbol, computed_at, features) VALUES ($1, $2, $3)';

const SYMBOL_SCHEMA = { type: 'string', pattern: SYMBOL_PATTERN.source };
const PRICE_SCHEMA = { type: 'number', minimum: LOWEST_PRICE, maximum: HIGHEST_PRICE };
const REQUEST_SCHEMA = {
  type: 'object',
  required: ['symbol', 'prices'],
  properties: {
    symbol: SYMBOL_SCHEMA,
    prices: { type: 'array', minItems: REQUIRED_PRICES, items: PRICE_SCHEMA },
  },
};

/** Computes features over HTTP; caches the last ones in Redis and stores all of them in PostgreSQL, if there is one. */
export class FeatureApi implements Role {
  private readonly secondsToLive: number;
  private readonly computed: Counter;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
  ) {
    this.secondsToLive = configuration.wholeNumber('FEATURES_TTL_SECONDS', { min: 1, max: 86_400, default: 300 });
    this.computed = service.metrics.counter('features_computed_total', 'Sets of features computed');

    service.http.post<{ Body: FeatureRequest }>('/features', { schema: { body: REQUEST_SCHEMA } }, (request) =>
      this.compute(request.body),
    );
    service.http.get<{ Params: { symbol: string } }>(
      '/features/:symbol',
      { schema: { params: { type: 'object', properties: { symbol: SYMBOL_SCHEMA } } } },
      async (request, reply) => {
        const { symbol } = request.params;
        const cached = await this.service.cache?.get(key(symbol));
        return cached ?? reply.code(404).send({ error: `no features of ${symbol} are cached` });
      },
    );
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  private async compute({ symbol, prices }: FeatureRequest): Promise<object> {
    const features = computeFeatures(prices);
    const result = { symbol, computedAt: new Date().toISOString(), features };
    this.computed.inc();
    // The response must not depend on whether the copies were stored.
    await Promise.all([
      this.service.tolerate('caching features', async () =>
        this.service.cache?.putFor(this.secondsToLive, key(symbol), result),
      ),
      this.service.tolerate('storing features', async () =>
        this.service.database?.run(INSERT, [symbol, result.computedAt, JSON.stringify(features)]),
      ),
    ]);
    return result;
  }
}

function key(symbol: string): string {
  return `features:${symbol}`;
}
