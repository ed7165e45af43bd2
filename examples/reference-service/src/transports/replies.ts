import { randomUUID } from 'node:crypto';
import { noAnswer } from '../time-limit';

interface Waiting {
  readonly answer: (answer: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** Requests whose answers arrive on a different path than the request. */
export class Replies {
  private readonly waiting = new Map<string, Waiting>();

  /** Sends with a new id and waits for `accept` with that id. */
  async expect(timeout: number, send: (id: string) => Promise<void>): Promise<unknown> {
    const id = randomUUID();
    let timer: NodeJS.Timeout | undefined;
    const answer = new Promise<unknown>((resolve, reject) => {
      this.waiting.set(id, { answer: resolve, fail: reject });
      timer = setTimeout(() => {
        reject(noAnswer(timeout));
      }, timeout);
      send(id).catch(reject);
    });
    return answer.finally(() => {
      clearTimeout(timer);
      this.waiting.delete(id);
    });
  }

  /** An answer after the timeout is dropped. */
  accept(id: string, answer: unknown): void {
    this.waiting.get(id)?.answer(answer);
  }

  /** Rejects all pending requests, because the connection for their answers is lost. */
  fail(error: Error): void {
    for (const { fail } of this.waiting.values()) fail(error);
  }
}
