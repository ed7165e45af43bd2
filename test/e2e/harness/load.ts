/** Requests at a steady rate, and what became of them. */

/** What a client saw. */
export interface LoadResult {
  readonly sent: number;
  /** Requests without an answer, or with a status from 400 on. */
  readonly failed: number;
  /** The longest time without a successful answer. */
  readonly longestGapMs: number;
  /** The reasons of the failures, each with its number. */
  readonly reasons: Readonly<Record<string, number>>;
}

/** A line of a report. */
export function describeLoad({ sent, failed, longestGapMs, reasons }: LoadResult): string {
  return `${failed} of ${sent} requests failed, longest gap ${longestGapMs} ms ${JSON.stringify(reasons)}`;
}

const PER_SECOND = 20;
const TIMEOUT_MS = 2_000;

/** Sends a request every 50 ms, whatever became of the ones before, until {@link end}. */
export class Load {
  private readonly timer: NodeJS.Timeout;
  private readonly pending = new Set<Promise<void>>();
  private readonly reasons = new Map<string, number>();
  private sent = 0;
  private succeededAt = Date.now();
  private longestGapMs = 0;

  /** @param headers of each request, such as a login with what the password is by then */
  constructor(
    private readonly url: string,
    private readonly headers: () => Record<string, string> = () => ({}),
  ) {
    this.timer = setInterval(() => {
      const request = this.request().finally(() => this.pending.delete(request));
      this.pending.add(request);
    }, 1000 / PER_SECOND);
  }

  async end(): Promise<LoadResult> {
    clearInterval(this.timer);
    await Promise.all(this.pending);
    this.noteGap();
    const failed = [...this.reasons.values()].reduce((sum, count) => sum + count, 0);
    return { sent: this.sent, failed, longestGapMs: this.longestGapMs, reasons: Object.fromEntries(this.reasons) };
  }

  private async request(): Promise<void> {
    this.sent += 1;
    const failure = await fetch(this.url, { headers: this.headers(), signal: AbortSignal.timeout(TIMEOUT_MS) }).then(
      async ({ ok, status, body }) => {
        await body?.cancel();
        return ok ? undefined : String(status);
      },
      (error: unknown) => reasonOf(error as Error),
    );
    if (failure === undefined) this.noteGap();
    else this.reasons.set(failure, (this.reasons.get(failure) ?? 0) + 1);
  }

  private noteGap(): void {
    const now = Date.now();
    this.longestGapMs = Math.max(this.longestGapMs, now - this.succeededAt);
    this.succeededAt = now;
  }
}

/** Of a failed connection, which `fetch` has as the cause. */
function reasonOf({ name, cause }: Error): string {
  return (cause as { readonly code?: string } | undefined)?.code ?? name;
}
