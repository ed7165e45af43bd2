import type { Access } from './access';
import type { Bus } from './bus';
import { type Client, ClientRequests, wants } from './client-requests';
import { ConfigurationError, type Configuration } from './configuration';
import { MarketDataFeed } from './market-data-feed';
import type { Fill } from './order';
import { parseFill } from './order';
import { OrderDesk } from './order-desk';
import type { Service } from './service';
import { SocketIo } from './socket-io';
import type { Tick } from './tick';
import { WebSockets } from './web-sockets';

/**
 * Ticks and fills for browsers as they happen, and answers to their orders and subscriptions. Each replica subscribes to the bus, so any of them can serve any client.
 * Only long polling requires that the requests of one client reach the same replica, which has its session in memory.
 */
export class LiveFeed {
  readonly prices: MarketDataFeed;
  private readonly webSockets: WebSockets;
  private readonly socketIo: SocketIo;

  constructor(service: Service, configuration: Configuration, bus: Bus, access: Access) {
    const pingSeconds = configuration.wholeNumber('WEBSOCKET_PING_SECONDS', { min: 1, max: 3_600, default: 25 });
    this.prices = new MarketDataFeed(service, configuration, bus, (tick) => {
      this.sendTick(tick);
    });
    const requests = new ClientRequests(new OrderDesk(bus, service.name), this.prices, access);
    this.webSockets = new WebSockets(service, pingSeconds, { access, requests });
    this.socketIo = new SocketIo(service, socketIoPath(configuration), pingSeconds, { access, requests });
    service.http.addHook('preClose', async () => {
      this.webSockets.close();
    });
    service.metrics.gauge(
      'websocket_clients',
      'Clients of the WebSocket and of Socket.IO that are connected',
      () => this.webSockets.clients + this.socketIo.clients,
    );
    bus.subscribe('fills', (message) => {
      this.sendFill(parseFill(message));
    });
  }

  private sendTick(tick: Tick): void {
    const toSubscribers = (client: Client): boolean => wants(client, tick.symbol);
    this.webSockets.send({ topic: 'ticks', message: tick }, toSubscribers);
    this.socketIo.send('tick', tick, toSubscribers);
  }

  private sendFill(fill: Fill): void {
    this.webSockets.send({ topic: 'fills', message: fill });
    this.socketIo.send('fill', fill);
  }
}

function socketIoPath(configuration: Configuration): string {
  const path = configuration.text('SOCKET_IO_PATH', '/socket.io');
  if (/^(\/[A-Za-z0-9._-]+)+\/?$/.test(path)) return path;
  throw new ConfigurationError(`SOCKET_IO_PATH is "${path}"; it must be a path such as /socket.io or /ws/socket.io`);
}
