import type { Configuration } from '../configuration';
import { HttpPeer } from '../http-peer';
import { MONITORING_PAGE, MONITORING_PAGE_POLICY } from '../monitoring-page';
import type { Service } from '../service';
import type { Role } from './role';

/** The rows, or the reason why there are none. */
type Rows = { readonly rows: unknown } | { readonly error: string };

const SHOWN_FILLS = 20;

/**
 * One page with the state of the system. Its server requests it from the other services, which browsers cannot reach.
 */
export class MonitoringUi implements Role {
  private readonly gateway: HttpPeer;
  private readonly dataAccess: HttpPeer;

  constructor(service: Service, configuration: Configuration) {
    this.gateway = new HttpPeer(configuration, 'API_GATEWAY_URL', 'http://api-gateway:8080');
    this.dataAccess = new HttpPeer(configuration, 'DATA_ACCESS_API_URL', 'http://data-access-api:8005');
    const { http } = service;
    // No checks of other services: the page is needed most when they are unhealthy, and it shows that.
    http.get('/', async (_request, reply) =>
      reply
        .type('text/html; charset=utf-8')
        .header('content-security-policy', MONITORING_PAGE_POLICY)
        .header('x-content-type-options', 'nosniff')
        .send(MONITORING_PAGE),
    );
    http.get('/api/overview', async (_request, reply) =>
      reply.header('cache-control', 'no-store').send(await this.overview()),
    );
    service.serveHealth('/api/health');
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  private async overview(): Promise<object> {
    const [gateway, dataAccess, prices, fills] = await Promise.all([
      healthOf('API gateway', this.gateway),
      healthOf('data access API', this.dataAccess),
      rows(this.gateway, '/api/prices', 'prices'),
      rows(this.dataAccess, `/fills?limit=${SHOWN_FILLS}`, 'fills'),
    ]);
    return { services: [gateway, dataAccess], prices, fills };
  }
}

async function healthOf(name: string, peer: HttpPeer): Promise<object> {
  try {
    return { name, health: await peer.health() };
  } catch (error) {
    return { name, error: reason(error) };
  }
}

async function rows(peer: HttpPeer, path: string, name: string): Promise<Rows> {
  try {
    return { rows: ((await peer.get(path)) as Record<string, unknown>)[name] ?? [] };
  } catch (error) {
    return { error: reason(error) };
  }
}

/** For a failed connection, the cause is more specific than the error. */
function reason(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message || message : message;
}
