import type { Configuration } from '../configuration';
import type { Service } from '../service';
import { SELECTION_SCHEMA, TradeRecords, type Selection } from '../trade-records';
import type { Role } from './role';

/** Returns the stored signals, orders and fills, newest first. */
export class DataAccess implements Role {
  constructor(service: Service, _configuration: Configuration) {
    const records = new TradeRecords(service, 'data-access');
    const schema = { querystring: SELECTION_SCHEMA };
    for (const name of ['signals', 'orders', 'fills'] as const) {
      service.http.get<{ Querystring: Selection }>(`/${name}`, { schema }, async (request) => {
        const rows = await records[name](request.query);
        return { [name]: rows };
      });
    }
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}
