import { NothingDoneError } from './nothing-done';

/** Runs one task after another. A task that is still queued at its deadline, or at the end, is never started. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Set<(reason: string) => void>();
  private closed: string | undefined;

  /**
   * The result of the task, which starts when all earlier tasks have ended.
   *
   * @param deadline milliseconds since 1970
   * @throws NothingDoneError if the task was not started
   */
  take<Result>(deadline: number, work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        clearTimeout(timer);
        this.waiting.delete(refuse);
        reject(new NothingDoneError(reason));
      };
      const timer = setTimeout(
        refuse,
        deadline - Date.now(),
        'not started by its deadline, because others were ahead of it',
      );
      this.waiting.add(refuse);
      if (this.closed !== undefined) refuse(this.closed);
      this.last = this.last.then(async () => {
        if (!this.waiting.delete(refuse)) return;
        clearTimeout(timer);
        await work().then(resolve, reject);
      });
    });
  }

  /** Rejects queued and later tasks with that reason. */
  close(reason: string): void {
    this.closed = reason;
    for (const refuse of this.waiting) refuse(reason);
  }

  /** Resolves when all started tasks have ended. */
  async settled(): Promise<void> {
    await this.last;
  }
}
