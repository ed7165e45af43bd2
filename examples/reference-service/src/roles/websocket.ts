import { Access } from '../access';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { LiveFeed } from '../live-feed';
import type { Service } from '../service';
import type { Role } from './role';

/** Only the live feed, so it can have as many replicas as the clients need. */
export class WebSocketService implements Role {
  constructor(service: Service, configuration: Configuration, bus: Bus) {
    new LiveFeed(service, configuration, bus, new Access(configuration));
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}
}
