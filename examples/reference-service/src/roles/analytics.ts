import { ConfigurationError } from '../configuration';
import type { Service } from '../service';
import { TradeRecords } from '../trade-records';
import type { Role } from './role';

const DAYS_SCHEMA = {
  type: 'object',
  properties: { days: { type: 'integer', minimum: 1, maximum: 366, default: 30 } },
};
const PERIOD = '-1h';

/** Reports: trades by day and symbol, from PostgreSQL, and price ranges, from InfluxDB. */
export class Analytics implements Role {
  constructor(service: Service) {
    const records = new TradeRecords(service, 'analytics');
    const history = service.priceHistory;
    if (history === undefined) {
      throw new ConfigurationError('INFLUXDB_URL is not set; the role analytics needs it, for its reports of prices');
    }
    history.requireReading();
    service.http.get<{ Querystring: { days: number } }>(
      '/reports/daily',
      { schema: { querystring: DAYS_SCHEMA } },
      async (request) => report({ days: await records.daily(request.query.days) }),
    );
    service.http.get('/reports/prices', async () =>
      report({ period: PERIOD, prices: await history.summaries(PERIOD) }),
    );
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}

function report(rows: object): object {
  return { computedAt: new Date().toISOString(), ...rows };
}
