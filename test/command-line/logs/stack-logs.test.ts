import { Readable } from 'node:stream';
import { setTimeout as passed } from 'node:timers/promises';
import { Image, Workload } from '../../../lib';
import type { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { type ServiceLine, StackLogs } from '../../../lib/command-line/logs/stack-logs';
import { STACK_LABEL } from '../../../lib/internal';
import { createStack } from '../../setup/synthesize';

const LINES_OF_A_CHUNK = 100;
/** Waiting lines, those that are being printed, and what is on its way. */
const MOST_READ = 25_000;

/** An engine with one container that prints without end, as fast as it is read. */
class FastWriter {
  /** How many lines were read. */
  read = 0;

  readonly docker = {
    now: () => Promise.resolve(Date.now()),
    containers: () => Promise.resolve([{ Id: 'bot', Names: ['/desk-bot'], Labels: { [STACK_LABEL]: 'desk' } }]),
    open: (_method: string, path: string, { query }: { readonly query: Readonly<Record<string, string>> }) =>
      Promise.resolve(path === '/events' ? never() : query.follow === '1' ? this.log() : Readable.from([])),
  } as unknown as DockerApi;

  private log(): Readable {
    const chunk = (): Buffer => {
      const lines = Array.from({ length: LINES_OF_A_CHUNK }, () =>
        frame(`2026-01-01T12:00:00.000000000Z ${this.read++}\n`),
      );
      return Buffer.concat(lines);
    };
    return new Readable({
      read(this: Readable) {
        // Later, as from a socket.
        setImmediate(() => this.push(chunk()));
      },
    });
  }
}

function never(): Readable {
  return new Readable({ read: () => undefined });
}

function frame(text: string): Buffer {
  const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

test('With --follow no more lines are read than a slow reader takes, and none is lost', async () => {
  const { platform } = createStack(
    (stack) => new Workload(stack, 'bot', { image: Image.fromRegistry('desk/bot:1.0') }),
  );
  const writer = new FastWriter();
  const ended = new AbortController();
  const printed: string[] = [];
  let resume: () => void = () => undefined;
  const paused = new Promise<void>((resolve) => (resume = resolve));
  const logs = new StackLogs({
    workloads: platform.workloads,
    docker: writer.docker,
    print: async (lines: readonly ServiceLine[]) => {
      await paused;
      for (const { text } of lines) printed.push(text);
    },
    warn: () => undefined,
    signal: ended.signal,
  });
  const following = logs.follow({ since: undefined, tail: undefined });

  await settled(() => writer.read);
  const whilePaused = writer.read;
  expect(printed).toEqual([]);
  expect(whilePaused).toBeGreaterThan(1000);
  expect(whilePaused).toBeLessThan(MOST_READ);

  resume();
  while (writer.read < 2 * whilePaused) await passed(10);
  ended.abort();
  await following;
  expect(printed).toEqual(Array.from(printed, (_, index) => String(index)));
  expect(printed.length).toBeGreaterThan(whilePaused - LINES_OF_A_CHUNK);
});

/** Waits until a number no longer grows, or is far above what it may be. */
async function settled(count: () => number): Promise<void> {
  for (let before = -1; count() !== before && count() < 10 * MOST_READ;) {
    before = count();
    await passed(500);
  }
}
