import { ConfigurationError, type Configuration } from '../configuration';
import type { Service } from '../service';
import { TradeRecords } from '../trade-records';
import type { Role } from './role';

const DAYS_SCHEMA = {
  type: 'object',
  properties: { days: { type: 'integer', minimum: 1, maximum: 366, default: 30 } },
};
const PERIOD = '-1h';

/** Reports: what was traded by day and symbol, from PostgreSQL, and where the prices were, from InfluxDB. */
export class Analytics implements Role {
  constructor(
    private readonly service: Service,
    _configuration: Configuration,
  ) {
    const records = new TradeRecords(service, 'analytics');
    const history = service.priceHistory;
    if (history === undefined) {
      throw new ConfigurationError('INFLUXDB_URL is not set; the role analytics needs it, for its reports of prices');
    }
    service.http.get<{ Querystring: { days: number } }>(
      '/reports/daily',
      { schema: { querystring: DAYS_SCHEMA } },
      async (request) => this.report({ days: await records.daily(request.query.days) }),
    );
    service.http.get('/reports/prices', async () =>
      this.report({ period: PERIOD, prices: await history.summaries(PERIOD) }),
    );
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  private async report(rows: object): Promise<object> {
    await this.service.tolerate('writing the heartbeat', () => this.service.heartbeat.beat());
    return { computedAt: new Date().toISOString(), ...rows };
  }
}
