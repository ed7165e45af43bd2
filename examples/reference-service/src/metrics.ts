import type { FastifyInstance } from 'fastify';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const REQUEST_LABELS = ['method', 'route', 'status'];

/** The content of `/metrics`: requests, failures and the process for every role, and the metrics of each role. */
export class Metrics {
  private readonly registry = new Registry();
  readonly failures = this.counter('failures_total', 'Work that failed and that the service went on without', ['work']);
  private readonly requests = this.counter('http_requests_total', 'HTTP requests answered', REQUEST_LABELS);
  private readonly durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time from receiving an HTTP request to having answered it',
    labelNames: REQUEST_LABELS,
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [this.registry],
  });

  constructor(build: { readonly service: string; readonly role: string; readonly version: string }) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: 'build_info',
      help: 'Always 1; the labels say what is running',
      labelNames: ['service', 'role', 'version'],
      registers: [this.registry],
    }).set(build, 1);
  }

  /** Two roles of one process that count the same thing share the counter. */
  counter(name: string, help: string, labelNames: readonly string[] = []): Counter {
    const existing = this.registry.getSingleMetric(name);
    if (existing instanceof Counter) return existing;
    return new Counter({ name, help, labelNames, registers: [this.registry] });
  }

  /** A gauge that is read when it is scraped; if two have the same name, the first one is used. */
  gauge(name: string, help: string, read: () => number): void {
    if (this.registry.getSingleMetric(name) !== undefined) return;
    const gauge: Gauge = new Gauge({
      name,
      help,
      registers: [this.registry],
      collect: () => {
        gauge.set(read());
      },
    });
  }

  /** Gauges that differ in one label, by its values; they are read when they are scraped. */
  gauges(name: string, help: string, label: string, read: () => Readonly<Record<string, number>>): void {
    if (this.registry.getSingleMetric(name) !== undefined) return;
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames: [label],
      registers: [this.registry],
      collect: () => {
        for (const [value, number] of Object.entries(read())) gauge.set({ [label]: value }, number);
      },
    });
  }

  observe(http: FastifyInstance): void {
    http.addHook('onResponse', async (request, reply) => {
      // The route's pattern and not the requested path, which can have any number of values.
      const route = request.routeOptions.url ?? 'unknown';
      const labels = { method: request.method, route, status: reply.statusCode };
      this.requests.inc(labels);
      this.durations.observe(labels, reply.elapsedTime / 1_000);
    });
    http.get('/metrics', async (_request, reply) => {
      reply.type(this.registry.contentType);
      return this.registry.metrics();
    });
  }
}
