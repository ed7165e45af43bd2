const HEADER_BYTES = 8;

/** A piece of what a container prints. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr';
  readonly content: Buffer;
}

/** Docker multiplexes stdout and stderr: each frame has a header with its stream and its length. */
export class FrameReader {
  private rest: Buffer = Buffer.alloc(0);

  /** @param isTerminal whether the container has a terminal, whose output has no frames */
  constructor(private readonly isTerminal: boolean) {}

  /** The frames that are complete with this chunk. */
  add(chunk: Buffer): Frame[] {
    if (this.isTerminal) return [{ stream: 'stdout', content: chunk }];
    const content = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const frames: Frame[] = [];
    let at = 0;
    while (at + HEADER_BYTES <= content.length) {
      const end = at + HEADER_BYTES + content.readUInt32BE(at + 4);
      if (end > content.length) break;
      const stream = content[at] === 2 ? 'stderr' : 'stdout';
      frames.push({ stream, content: content.subarray(at + HEADER_BYTES, end) });
      at = end;
    }
    this.rest = content.subarray(at);
    return frames;
  }
}

/** The documents of a response that has one on each line, such as that of `/events`, as they arrive. */
export async function* documentsIn<Document>(response: AsyncIterable<unknown>): AsyncGenerator<Document> {
  let text = '';
  for await (const chunk of response) {
    const lines = (text + String(chunk)).split('\n');
    text = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line) as Document;
  }
}
