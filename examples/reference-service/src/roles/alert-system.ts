import type { Counter } from 'prom-client';
import type { Bus } from '../bus';
import type { Configuration } from '../configuration';
import { SEVERITIES, parseAlert, type Alert } from '../order';
import type { Service } from '../service';
import { parseTick } from '../tick';
import type { Role } from './role';

const INSERT = 'INSERT INTO alerts (severity, source, message, created_at) VALUES ($1, $2, $3, $4)';
const WATCH_INTERVAL_MS = 500;

/** Records alerts of other roles, such as refused orders and an open circuit breaker, and stale market data. */
export class AlertSystem implements Role {
  private readonly maxAge: number;
  private readonly alerts: Counter;
  private lastTick = performance.now();
  private stale = false;
  private watching: NodeJS.Timeout | undefined;
  private checking = Promise.resolve();

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    bus: Bus,
  ) {
    this.maxAge = configuration.wholeNumber('MARKET_DATA_MAX_AGE_SECONDS', { min: 1, max: 86_400, default: 10 });
    this.alerts = service.metrics.counter('alerts_total', 'Alerts recorded', ['severity']);
    for (const severity of SEVERITIES) this.alerts.inc({ severity }, 0);
    bus.subscribe('alerts', (message) => this.record(parseAlert(message)));
    // No check of the market data feed: what this role reports must not make it unhealthy.
    bus.subscribe('ticks', (message) => {
      parseTick(message);
      this.lastTick = performance.now();
    });
  }

  async start(): Promise<void> {
    this.lastTick = performance.now();
    this.watching = setInterval(() => {
      this.checking = this.service.tolerate('watching the market data', () => this.watch());
    }, WATCH_INTERVAL_MS);
    this.service.log.info('alerts are recorded, logged and counted; this example does not send them');
  }

  async stop(): Promise<void> {
    clearInterval(this.watching);
    await this.checking;
  }

  /** Once at the start and once at the end. */
  private async watch(): Promise<void> {
    const age = (performance.now() - this.lastTick) / 1_000;
    const stale = age > this.maxAge;
    if (stale === this.stale) return;
    this.stale = stale;
    await this.record({
      severity: stale ? 'critical' : 'info',
      source: this.service.name,
      message: stale
        ? `no market data for ${age.toFixed(1)} s; at most ${this.maxAge} s allowed`
        : 'market data is back',
      createdAt: new Date().toISOString(),
    });
  }

  private async record({ severity, source, message, createdAt }: Alert): Promise<void> {
    this.alerts.inc({ severity });
    this.service.log[severity === 'info' ? 'info' : 'warn']({ source }, `${severity} alert of ${source}: ${message}`);
    await this.service.tolerate('storing an alert', async () =>
      this.service.database?.run(INSERT, [severity, source, message, createdAt]),
    );
  }
}
