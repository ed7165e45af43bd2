import { Access } from '../access';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { LiveFeed } from '../live-feed';
import { MarketDataFeed } from '../market-data-feed';
import type { Service } from '../service';
import type { Tick } from '../tick';
import type { Role } from './role';

/** Only sends ticks and fills to browsers, so it can have as many replicas as the clients need. */
export class WebSocketService implements Role {
  constructor(service: Service, configuration: Configuration, bus: Bus) {
    const clients = new LiveFeed(service, configuration, bus, new Access(configuration));
    new MarketDataFeed(service, configuration, bus, (tick: Tick) => {
      clients.sendTick(tick);
    });
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}
