/** Work in progress, for which a stop waits. */
export class InFlight {
  private readonly work = new Set<Promise<unknown>>();

  track<Result>(work: Promise<Result>): Promise<Result> {
    this.work.add(work);
    const forget = (): void => void this.work.delete(work);
    work.then(forget, forget);
    return work;
  }

  /** Resolves when all of it has ended, successfully or not. */
  async settled(): Promise<void> {
    while (this.work.size > 0) await Promise.allSettled(this.work);
  }
}
