import { Readable } from 'node:stream';
import type { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { Gate } from '../../../lib/command-line/logs/gate';
import { LogSource } from '../../../lib/command-line/logs/log-source';

/** A log with an entry a second, read as Docker does: the last entries first, and of these those since a time. */
class Log {
  readonly queries: Readonly<Record<string, string>>[] = [];

  constructor(private readonly entries: readonly string[]) {}

  /** What is read since an entry. */
  async since(entry: number, path = '/containers/bot'): Promise<string[]> {
    const docker = {
      open: (_method: string, _path: string, { query }: { readonly query: Readonly<Record<string, string>> }) => {
        this.queries.push(query);
        return Promise.resolve(Readable.from(this.answer(query)));
      },
    } as unknown as DockerApi;
    const source = new LogSource('bot', path, false, { docker, gate: new Gate(1) });
    const texts: string[] = [];
    const range = { since: String(entry), tail: undefined };
    for await (const lines of source.read(range, new AbortController().signal))
      texts.push(...lines.map(({ text }) => text));
    return texts;
  }

  private *answer({ since = '0', tail }: Readonly<Record<string, string>>): Generator<Buffer> {
    const begin = Math.max(Number(since), tail === undefined ? 0 : this.entries.length - Number(tail));
    for (let index = begin; index < this.entries.length; index++) {
      const time = new Date(index * 1000).toISOString().replace('Z', '000000Z');
      const content = Buffer.from(`${time} ${this.entries[index]}`);
      const header = Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(content.length, 4);
      yield Buffer.concat([header, content]);
    }
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `${index}\n`);

test('a time within the last lines is found there, and the long log before it is not read', async () => {
  const log = new Log(numbered(300_000));
  expect(await log.since(299_500)).toEqual(
    numbered(300_000)
      .slice(-500)
      .map((line) => line.trimEnd()),
  );
  expect(log.queries.map(({ tail }) => tail)).toEqual(['1000']);
});

test('a time before the last thousand lines is found in more of them', async () => {
  const log = new Log(numbered(300_000));
  const texts = await log.since(290_000);
  expect([texts.length, texts[0], texts.at(-1)]).toEqual([10_000, '290000', '299999']);
  expect(log.queries.map(({ tail }) => tail)).toEqual(['1000', '200000', '400000']);
});

test('a time that is further back is looked for from the beginning', async () => {
  const log = new Log(numbered(300_000));
  const texts = await log.since(50_000);
  expect([texts.length, texts[0]]).toEqual([250_000, '50000']);
  expect(log.queries.at(-1)).not.toHaveProperty('tail');
});

test('long lines, which Docker stores as several entries, are all there', async () => {
  const log = new Log(numbered(3000).map((line, index) => (index % 10 === 9 ? line : line.trimEnd())));
  expect(await log.since(0)).toHaveLength(300);
});

test('of the tasks of a Swarm service, the first line says nothing about the others', async () => {
  const log = new Log(numbered(300_000));
  expect(await log.since(290_000, '/services/bot')).toHaveLength(10_000);
  expect(log.queries.map(({ tail }) => tail)).toEqual(['1000', undefined]);
});
