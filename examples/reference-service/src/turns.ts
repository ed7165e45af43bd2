import { NothingDoneError } from './nothing-done';

/** Does one piece of work after the other. What still waits at its deadline, or at the end, is never begun. */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private readonly waiting = new Set<(reason: string) => void>();
  private closed: string | undefined;

  /**
   * The outcome of the work, which is begun when all before it has ended.
   *
   * @param deadline milliseconds since 1970
   * @throws NothingDoneError when the work was not begun
   */
  take<Result>(deadline: number, work: () => Promise<Result>): Promise<Result> {
    return new Promise((resolve, reject) => {
      const refuse = (reason: string): void => {
        clearTimeout(timer);
        this.waiting.delete(refuse);
        reject(new NothingDoneError(reason));
      };
      const timer = setTimeout(refuse, deadline - Date.now(), 'not begun by its deadline: others were before it');
      this.waiting.add(refuse);
      if (this.closed !== undefined) refuse(this.closed);
      this.last = this.last.then(async () => {
        if (!this.waiting.delete(refuse)) return;
        clearTimeout(timer);
        await work().then(resolve, reject);
      });
    });
  }

  /** Refuses what waits and what still comes, with that reason. */
  close(reason: string): void {
    this.closed = reason;
    for (const refuse of this.waiting) refuse(reason);
  }

  /** Resolves when what was begun has ended. */
  async settled(): Promise<void> {
    await this.last;
  }
}
