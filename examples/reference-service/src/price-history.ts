import {
  InfluxDB,
  Point,
  flux,
  fluxExpression,
  setLogger,
  type ParameterizedQuery,
  type QueryApi,
  type WriteApi,
} from '@influxdata/influxdb-client';
import { ConfigurationError, type Configuration } from './configuration';
import type { Service } from './service';
import type { Tick } from './tick';
import { within } from './time-limit';

/** Bids and asks of one symbol in the requested period. */
export interface PriceSummary {
  readonly symbol: string;
  readonly mean: number;
  readonly min: number;
  readonly max: number;
}

const TIMEOUT_MS = 2_000;
const MEASUREMENT = 'prices';

/** A batch is sent when it has this many points or its first one is this old, whichever comes first. */
const BATCH_SIZE = 500;
const FLUSH_INTERVAL_MS = 1_000;

/** Ticks in InfluxDB: the measurement `prices` with the tag `symbol` and the fields `bid` and `ask`. */
export class PriceHistory {
  private readonly writing: WriteApi;
  private readonly reading: QueryApi;
  private reads = false;
  /** Why the last batch was not written. */
  private lastError: Error | undefined;

  /** The history in the InfluxDB of `INFLUXDB_URL`, or `undefined` if that variable is not set. */
  static optional(service: Service, configuration: Configuration): PriceHistory | undefined {
    const url = configuration.optionalUrl('INFLUXDB_URL', {
      schemes: ['http', 'https'],
      example: 'http://influxdb:8086',
    });
    if (url === undefined) return undefined;
    const required = (name: string): string => {
      const value = configuration.optionalText(name);
      if (value === undefined) throw new ConfigurationError(`${name} is not set; INFLUXDB_URL needs it`);
      return value;
    };
    return new PriceHistory(service, {
      url: url.replace(/\/+$/, ''),
      token: required('INFLUXDB_TOKEN'),
      org: required('INFLUXDB_ORG'),
      bucket: required('INFLUXDB_BUCKET'),
    });
  }

  private constructor(
    private readonly service: Service,
    private readonly server: {
      readonly url: string;
      readonly token: string;
      readonly org: string;
      readonly bucket: string;
    },
  ) {
    const { url, token, org, bucket } = server;
    // Disables the output of the client: failures are logged and counted below.
    setLogger({ warn: () => {}, error: () => {} });
    const client = new InfluxDB({ url, token, timeout: TIMEOUT_MS });
    this.reading = client.getQueryApi(org);
    this.writing = client.getWriteApi(org, bucket, 'ms', {
      batchSize: BATCH_SIZE,
      flushInterval: FLUSH_INTERVAL_MS,
      // No ticks are lost while the server is down for a minute; the oldest are dropped before memory runs out.
      maxRetries: 5,
      maxRetryTime: 60_000,
      maxBufferLines: 50_000,
      writeSuccess: () => {
        this.lastError = undefined;
      },
      writeFailed: (error) => {
        this.lastError = error;
        void service.tolerate('writing prices', () => Promise.reject(error));
      },
    });
    service.health.add('influxdb', () => this.check());
  }

  /** For roles that read summaries: from now on, the health check also covers reading. */
  requireReading(): void {
    this.reads = true;
  }

  /** Adds the tick to the next batch and returns immediately. */
  record(tick: Tick): void {
    const point = new Point(MEASUREMENT)
      .tag('symbol', tick.symbol)
      .floatField('bid', tick.bid)
      .floatField('ask', tick.ask)
      .timestamp(Date.parse(tick.time));
    this.writing.writePoint(point);
  }

  /** By symbol; `since` is a Flux duration such as `-1h`. */
  async summaries(since: string): Promise<readonly PriceSummary[]> {
    const [means, lowest, highest] = await Promise.all([
      this.aggregate('mean', since),
      this.aggregate('min', since),
      this.aggregate('max', since),
    ]);
    return [...means.keys()].sort().map((symbol) => ({
      symbol,
      mean: means.get(symbol) ?? NaN,
      min: lowest.get(symbol) ?? NaN,
      max: highest.get(symbol) ?? NaN,
    }));
  }

  private async aggregate(aggregate: 'mean' | 'min' | 'max', since: string): Promise<ReadonlyMap<string, number>> {
    const { bucket } = this.server;
    const query = flux`
      from(bucket: ${bucket})
        |> range(start: ${fluxExpression(since)})
        |> filter(fn: (r) => r._measurement == ${MEASUREMENT})
        |> group(columns: ["symbol"])
        |> ${fluxExpression(aggregate)}()`;
    const rows = await this.ask<{ symbol: string; _value: number }>(query);
    return new Map(rows.map(({ symbol, _value }) => [symbol, _value]));
  }

  private async ask<Row>(query: ParameterizedQuery): Promise<readonly Row[]> {
    try {
      return await this.reading.collectRows<Row>(query);
    } catch (error) {
      // The error contains the headers of InfluxDB's response, which must not be copied to our response.
      throw new Error(`InfluxDB did not answer: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Writes the last batch; a server that is down must not keep the process from stopping. */
  async close(): Promise<void> {
    await this.service.tolerate('writing the last prices', () => within(TIMEOUT_MS, this.writing.flush(true)));
    this.writing.dispose();
  }

  private async check(): Promise<void> {
    const response = await fetch(`${this.server.url}/ping`, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    // An unread response would keep its connection from being reused.
    await response.text();
    if (!response.ok) throw new Error(`GET /ping answered ${response.status}`);
    if (this.lastError !== undefined) throw new Error(`the last prices were not written: ${this.lastError.message}`);
    // A ping needs no token, and a writer needs a token that can write only.
    if (this.reads) await this.ask(flux`from(bucket: ${this.server.bucket}) |> range(start: -1m) |> limit(n: 1)`);
  }
}
