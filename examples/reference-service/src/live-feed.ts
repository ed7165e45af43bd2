import type { Access } from './access';
import type { Bus } from './bus';
import { ConfigurationError, type Configuration } from './configuration';
import type { Fill } from './order';
import { parseFill } from './order';
import type { Service } from './service';
import { SocketIo } from './socket-io';
import type { Tick } from './tick';
import { WebSockets } from './web-sockets';

/**
 * Ticks and fills for browsers as they happen. Each replica subscribes to the bus, so any of them can serve any client.
 * Only long polling requires that the requests of one client reach the same replica, which has its session in memory.
 */
export class LiveFeed {
  private readonly webSockets: WebSockets;
  private readonly socketIo: SocketIo;

  constructor(service: Service, configuration: Configuration, bus: Bus, access: Access) {
    const pingSeconds = configuration.wholeNumber('WEBSOCKET_PING_SECONDS', { min: 1, max: 3_600, default: 25 });
    this.webSockets = new WebSockets(service, pingSeconds, { access });
    this.socketIo = new SocketIo(service, socketIoPath(configuration), pingSeconds, access);
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

  /** Ticks come from the market data feed of the role, which validates them and checks their age. */
  sendTick(tick: Tick): void {
    this.webSockets.send({ topic: 'ticks', message: tick });
    this.socketIo.send('tick', tick);
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
