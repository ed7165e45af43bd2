import type { Configuration } from './configuration';
import { ProcessBus } from './process-bus';
import type { Role, RoleConstructor } from './roles/role';
import { Service } from './service';
import { createTransport } from './transports';

/** Share of the stop timeout for HTTP responses; the roles and the bus need the rest. */
const SHARE_OF_ANSWERS = 0.6;

/** A service with its roles and the bus between them, from configuration to shutdown. */
export class Application {
  readonly service: Service;
  readonly bus: ProcessBus;
  /** Milliseconds that stopping may take. */
  readonly stopTimeout: number;
  private readonly played: readonly Role[];
  private readonly stopping = new AbortController();
  private started: Promise<boolean> | undefined;

  /** @throws ConfigurationError */
  constructor(name: string, configuration: Configuration, roles: readonly RoleConstructor[]) {
    // By default Docker kills ten seconds after the signal; this stops earlier, so that it can log what is still
    // running.
    const limits = { min: 1, max: 3_600, default: 8 };
    this.stopTimeout = configuration.wholeNumber('STOP_TIMEOUT_SECONDS', limits) * 1_000;
    this.service = new Service(name, configuration);
    this.bus = new ProcessBus(this.service, configuration, createTransport(this.service, configuration));
    this.played = roles.map((role) => new role(this.service, configuration, this.bus));
  }

  get isStopping(): boolean {
    return this.stopping.signal.aborted;
  }

  /** Whether all roles have finished by themselves. Rejects when stopped before the start has completed. */
  start(): Promise<boolean> {
    this.started ??= this.startAll(this.stopping.signal);
    return this.started;
  }

  /** Finishes the work in progress. Resolves to whether the start had completed. */
  async stop(): Promise<boolean> {
    this.stopping.abort();
    for (const role of this.played) role.close?.();
    const hadStarted = await Promise.resolve(this.started).then(
      (outcome) => outcome !== undefined,
      () => false,
    );
    await this.service.closeHttp(SHARE_OF_ANSWERS * this.stopTimeout);
    // In this order: roles may still need the bus, and the bus the database.
    for (const role of this.played) await role.stop();
    await this.bus.stop();
    await this.service.disconnect();
    return hadStarted;
  }

  private async startAll(signal: AbortSignal): Promise<boolean> {
    await this.service.listen();
    await this.bus.start();
    let haveAllFinished = true;
    for (const role of this.played) {
      signal.throwIfAborted();
      if ((await role.start(signal)) !== 'finished') haveAllFinished = false;
    }
    return haveAllFinished;
  }
}
