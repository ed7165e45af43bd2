import { type Frame, FrameReader } from '../engine/streams';

/** A line that a container printed. */
export interface LogLine {
  /** RFC 3339 with nanoseconds, of a fixed length: `2026-01-01T12:00:00.000000000Z`. */
  readonly time: string;
  readonly stream: Frame['stream'];
  readonly text: string;
}

/** A line whose end has not arrived yet. */
interface BegunLine {
  readonly time: string;
  readonly pieces: readonly Buffer[];
}

const LINE_FEED = 10;

/** Reads the lines of a log that was requested with timestamps. */
export class LogLineReader {
  /** How many entries of the log were read, of which a long line has several. */
  entries = 0;

  private readonly frames: FrameReader;
  private readonly begun = new Map<Frame['stream'], BegunLine>();
  private rest = Buffer.alloc(0);

  /** @param isTerminal whether the container has a terminal */
  constructor(private readonly isTerminal: boolean) {
    this.frames = new FrameReader(isTerminal);
  }

  /** The lines that are complete with this chunk. */
  add(chunk: Buffer): LogLine[] {
    const frames = this.isTerminal ? this.linesOfTerminal(chunk) : this.frames.add(chunk);
    return frames.flatMap((frame) => this.complete(frame) ?? []);
  }

  /** The last lines, if they do not end with a line break. */
  end(): LogLine[] {
    const frames: Frame[] = this.rest.length === 0 ? [] : [{ stream: 'stdout', content: this.rest }];
    const lines = frames.flatMap((frame) => this.complete(frame) ?? []);
    return [...lines, ...[...this.begun].map(([stream, begun]) => lineOf(stream, begun))];
  }

  private linesOfTerminal(chunk: Buffer): Frame[] {
    const content = Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    for (let end = content.indexOf('\n'); end !== -1; end = content.indexOf('\n', at)) {
      frames.push({ stream: 'stdout', content: content.subarray(at, end + 1) });
      at = end + 1;
    }
    this.rest = content.subarray(at);
    return frames;
  }

  /** Docker splits a line of more than 16 KiB into frames, each with a time. They may cut a character in two. */
  private complete({ stream, content }: Frame): LogLine | undefined {
    this.entries += 1;
    const space = content.indexOf(' ');
    const { time, pieces } = this.begun.get(stream) ?? { time: content.toString('utf8', 0, space), pieces: [] };
    const begun = { time, pieces: [...pieces, content.subarray(space + 1)] };
    if (content.at(-1) !== LINE_FEED) {
      this.begun.set(stream, begun);
      return undefined;
    }
    this.begun.delete(stream);
    return lineOf(stream, begun);
  }
}

function lineOf(stream: Frame['stream'], { time, pieces }: BegunLine): LogLine {
  return {
    time,
    stream,
    text: Buffer.concat(pieces)
      .toString('utf8')
      .replace(/\r?\n$/, ''),
  };
}
