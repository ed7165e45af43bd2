/** Resolves if the checked component works; rejects with the reason otherwise. */
export type Check = () => Promise<void>;

export interface HealthDocument {
  readonly status: 'healthy' | 'unhealthy';
  readonly service: string;
  readonly version: string;
  /** Seconds since the process started. */
  readonly uptime: number;
  /** `ok` or the reason, by the name of the check. */
  readonly checks: Record<string, string>;
}

/** Below the timeout of any sensible probe, so that the probe receives the reason and not a timeout of its own. */
const CHECK_TIMEOUT_MS = 3_000;

/** The checks of a service. Only configured components register one. */
export class Health {
  private readonly checks = new Map<string, Check>();

  constructor(
    private readonly service: string,
    private readonly version: string,
  ) {}

  add(name: string, check: Check): void {
    this.checks.set(name, check);
  }

  async document(): Promise<HealthDocument> {
    const results = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await outcome(check)] as const),
    );
    return {
      status: results.every(([, result]) => result === 'ok') ? 'healthy' : 'unhealthy',
      service: this.service,
      version: this.version,
      uptime: Math.round(process.uptime()),
      checks: Object.fromEntries(results),
    };
  }
}

async function outcome(check: Check): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<string>((resolve) => {
    timer = setTimeout(() => {
      resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`);
    }, CHECK_TIMEOUT_MS);
  });
  const result = check().then(() => 'ok', reason);
  return Promise.race([result, timeout]).finally(() => {
    clearTimeout(timer);
  });
}

/** Node's "fetch failed" has the reason in its cause, and connection errors may only have a code. */
function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.message || (error as NodeJS.ErrnoException).code || error.name;
  return error.cause === undefined ? own : `${own}: ${reason(error.cause)}`;
}
