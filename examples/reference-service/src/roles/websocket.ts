import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { LiveFeed } from '../live-feed';
import { MarketDataFeed } from '../market-data-feed';
import type { Service } from '../service';
import type { Tick } from '../tick';
import type { Role } from './role';

/** Sends ticks and fills to browsers and does nothing else, so that there can be as many as there are clients. */
export class WebSocketService implements Role {
  constructor(service: Service, configuration: Configuration, bus: Bus) {
    const clients = new LiveFeed(service, configuration, bus);
    new MarketDataFeed(service, configuration, bus, (tick: Tick) => {
      clients.sendTick(tick);
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}
