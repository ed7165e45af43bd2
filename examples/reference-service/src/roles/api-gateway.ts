import { Access } from '../access';
import { COMMANDS, type Bus } from '../bus';
import { ConfigurationError, type Configuration } from '../configuration';
import { LiveFeed } from '../live-feed';
import type { MarketDataFeed } from '../market-data-feed';
import { NoPriceError, ORDER_REQUEST_SCHEMA, OrderDesk, type OrderRequest, type Outcome } from '../order-desk';
import type { Service } from '../service';
import { SELECTION_SCHEMA, TradeRecords, type Selection } from '../trade-records';
import { transportName } from '../transports';
import type { Role } from './role';

const CODES: Readonly<Record<Outcome['status'], number>> = { filled: 201, refused: 409, failed: 503, unknown: 504 };

/** The entry point for browsers and other programs: REST under `/api`, and the live feed. */
export class ApiGateway implements Role {
  private readonly desk: OrderDesk;
  private readonly feed: MarketDataFeed;

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly bus: Bus,
  ) {
    this.desk = new OrderDesk(bus, service.name);
    const access = new Access(configuration);
    this.feed = new LiveFeed(service, configuration, bus, access).prices;
    this.addReading(access);
    this.addOrdering(access);
    // Checked before clients can connect, and after all roles have been created.
    service.http.addHook('onReady', async () => {
      this.refuseWayPast(configuration);
    });
  }

  async start(): Promise<void> {
    if (this.bus.reaches('orders')) this.service.health.add('order_executor', () => this.bus.check('orders'));
  }

  async stop(): Promise<void> {}

  /** The bus answers other services over HTTP without a token, so it must not share the port of the gateway. */
  private refuseWayPast(configuration: Configuration): void {
    const open = COMMANDS.filter((command) => this.bus.answers(command)).map((command) => `/${command}`);
    if (open.length === 0 || transportName(configuration) !== 'http') return;
    throw new ConfigurationError(
      `TRANSPORT is "http", which answers ${open.join(' and ')} without a token on the port of the api-gateway; run ` +
        'the api-gateway in a process of its own, or use another transport',
    );
  }

  private addReading(access: Access): void {
    const { http } = this.service;
    const records = new TradeRecords(this.service, 'api-gateway');
    this.service.serveHealth('/api/health');
    http.get('/api/prices', { onRequest: access.requireOrigin }, async () => ({ prices: this.feed.lastTicks }));
    for (const name of ['orders', 'fills'] as const) {
      http.get<{ Querystring: Selection }>(
        `/api/${name}`,
        { schema: { querystring: SELECTION_SCHEMA }, onRequest: access.require },
        async (request) => ({ [name]: await records[name](request.query) }),
      );
    }
  }

  private addOrdering(access: Access): void {
    if (!access.needsToken) {
      this.service.log.warn(
        'JWT_SECRET_KEY is not set: every program that can reach this service may place orders, and read them',
      );
    }
    this.service.http.post<{ Body: OrderRequest }>(
      '/api/orders',
      { schema: { body: ORDER_REQUEST_SCHEMA }, onRequest: access.require },
      async (request, reply) => {
        const outcome = await this.desk.place(request.body, this.feed).catch((error: unknown) => {
          if (error instanceof NoPriceError) return error;
          throw error;
        });
        if (outcome instanceof NoPriceError) {
          return reply.code(outcome.isOutdated ? 503 : 400).send({ error: outcome.message });
        }
        return reply.code(CODES[outcome.status]).send(outcome);
      },
    );
  }
}
