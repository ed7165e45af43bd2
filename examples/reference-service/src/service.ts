import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  fastify,
  LogController,
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { Cache } from './cache';
import type { Configuration } from './configuration';
import { Database } from './database';
import { Health } from './health';
import { Heartbeat } from './heartbeat';
import { LogFile } from './log-file';
import { Metrics } from './metrics';
import { PriceHistory } from './price-history';

/**
 * The parts that every role has: a name, a log, an HTTP server with `/health` and `/metrics`, a heartbeat, and the
 * database, cache and price history that are configured. Roles in one process share it.
 */
export class Service {
  readonly name: string;
  readonly http: FastifyInstance;
  readonly log: FastifyBaseLogger;
  readonly health: Health;
  readonly metrics: Metrics;
  private readonly heartbeat: Heartbeat;
  readonly database: Database | undefined;
  readonly cache: Cache | undefined;
  readonly priceHistory: PriceHistory | undefined;
  private readonly port: number;
  /** Requests that are being answered. */
  private requests = 0;
  private closed: Promise<unknown> | undefined;

  constructor(role: string, configuration: Configuration) {
    const version = packageVersion();
    this.name = configuration.text('SERVICE_NAME', role);
    this.port = configuration.wholeNumber('PORT', { min: 1, max: 65_535, default: 8_000 });
    this.heartbeat = new Heartbeat(this, configuration);
    this.health = new Health(this.name, version);
    this.metrics = new Metrics({ service: this.name, role, version });

    const logFile = LogFile.optional(configuration);
    this.http = fastify({
      logController: new FailuresOnly(),
      logger: {
        name: this.name,
        level: configuration.oneOf('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'error', 'fatal'], 'info'),
        formatters: { level: (label) => ({ level: label }) },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
        ...(logFile !== undefined && { stream: logFile }),
      },
    });
    this.log = this.http.log;
    this.metrics.observe(this.http);
    this.database = Database.optional(this, configuration);
    this.cache = Cache.optional(this, configuration);
    this.priceHistory = PriceHistory.optional(this, configuration);
    this.http.addHook('onRequest', async (_request, reply) => {
      this.requests += 1;
      // This also runs if the client disconnected before the response.
      reply.raw.once('close', () => (this.requests -= 1));
    });
    this.serveHealth('/health');
  }

  /** Answers on the path whether the service works, for a probe: 200 or 503. */
  serveHealth(path: string): void {
    this.http.get(path, async (_request, reply) => {
      const document = await this.health.document();
      return reply.code(document.status === 'healthy' ? 200 : 503).send(document);
    });
  }

  /** Does work that the role does not depend on: a failure is logged and counted. */
  async tolerate(work: string, action: () => void | Promise<void>): Promise<void> {
    // A rate does not count a failure that starts its series.
    this.metrics.failures.inc({ work }, 0);
    try {
      await action();
    } catch (error) {
      this.metrics.failures.inc({ work });
      this.log.error({ err: error }, `${work} failed`);
    }
  }

  async listen(): Promise<void> {
    await this.http.listen({ host: '0.0.0.0', port: this.port });
    this.heartbeat.start();
  }

  /**
   * Answers pending requests and accepts no more; those without a response within `timeout` milliseconds are aborted.
   * WebSocket connections stay open until the end.
   */
  async closeHttp(timeout: number): Promise<void> {
    this.closed = this.http.close();
    const deadline = performance.now() + timeout;
    while (this.requests > 0 && performance.now() < deadline) await delay(20);
    // Idle keep-alive connections would keep the server open until they time out.
    this.http.server.closeAllConnections();
  }

  /** After everything else: waits for the WebSockets to be closed. */
  async disconnect(): Promise<void> {
    await this.closed;
    this.heartbeat.stop();
    this.cache?.close();
    await this.priceHistory?.close();
    await this.database?.close();
  }
}

/** One line per request would bury the log under probes and scrapes; `/metrics` counts the requests. */
class FailuresOnly extends LogController {
  override incomingRequest(): void {}

  override requestCompleted(error: Error | null | undefined, request: FastifyRequest, reply: FastifyReply): void {
    if (error) super.requestCompleted(error, request, reply);
  }
}

function packageVersion(): string {
  const description = readFileSync(join(__dirname, '..', 'package.json'), 'utf8');
  return (JSON.parse(description) as { version: string }).version;
}
