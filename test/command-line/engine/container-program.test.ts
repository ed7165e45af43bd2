import { Readable } from 'node:stream';
import type { DockerApi } from '../../../lib/command-line/engine/docker-api';
import { runInContainer } from '../../../lib/command-line/engine/container-program';

/** What the engine sends for output on one of the streams. */
function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

/** An engine on which a program prints this, in pieces of a few bytes, and ends. */
function engineThatPrints(output: Buffer, exitCode: number | null): DockerApi {
  const pieces = Array.from({ length: Math.ceil(output.length / 5) }, (_, index) =>
    output.subarray(index * 5, index * 5 + 5),
  );
  return {
    open: () => Promise.resolve(Readable.from(pieces)),
    send: (method: string) =>
      Promise.resolve(Buffer.from(JSON.stringify(method === 'GET' ? { ExitCode: exitCode } : { Id: 'e1' }))),
  } as unknown as DockerApi;
}

async function linesOf(output: Buffer, showsStdout: boolean): Promise<{ lines: string[]; stdout: string }> {
  const lines: string[] = [];
  const onLine = (line: string): void => {
    lines.push(line);
  };
  const { stdout } = await runInContainer(engineThatPrints(output, 0), 'c1', ['list'], { onLine, showsStdout });
  return { lines, stdout };
}

const OUTPUT = Buffer.concat([frame(1, '[{"id"'), frame(2, 'slow\ndisk'), frame(1, ':1}]\n'), frame(2, ' full\n')]);

test('stdout is returned whole, and each line of stderr as it arrives, however the engine cuts them', async () => {
  expect(await linesOf(OUTPUT, false)).toEqual({ lines: ['slow', 'disk full'], stdout: '[{"id":1}]\n' });
});

test('lines of stdout are shown too where they are for people', async () => {
  expect((await linesOf(Buffer.concat([frame(1, 'done\n'), frame(2, 'late')]), true)).lines).toEqual(['done', 'late']);
});

test('a character that the engine cuts in two is shown whole', async () => {
  expect((await linesOf(frame(2, '€€€€ ist voll\n'), false)).lines).toEqual(['€€€€ ist voll']);
});

test('a line of stdout does not continue one of stderr', async () => {
  const output = Buffer.concat([frame(1, 'half a '), frame(2, 'a warning\n'), frame(1, 'line\n')]);

  expect((await linesOf(output, true)).lines).toEqual(['a warning', 'half a line']);
});

test('a connection that is lost meanwhile is an error of the engine', async () => {
  const engine = {
    address: { text: 'unix:///run/docker.sock', command: 'docker' },
    open: () => Promise.resolve(Readable.from(lost())),
    send: () => Promise.resolve(Buffer.from('{"Id":"e1"}')),
  } as unknown as DockerApi;
  const options = { onLine: (): void => undefined, showsStdout: false };

  await expect(runInContainer(engine, 'c1', ['list'], options)).rejects.toMatchObject({ code: 'docker-unreachable' });
});

function* lost(): Generator<Buffer> {
  yield frame(1, 'half');
  throw new Error('aborted');
}

test('a program that the engine lost has failed', async () => {
  const options = { onLine: (): void => undefined, showsStdout: false };

  expect((await runInContainer(engineThatPrints(frame(1, ''), null), 'c1', ['list'], options)).exitCode).toBe(1);
});
