import type { IncomingMessage } from 'node:http';
import type { DockerApi } from './docker-api';
import type { ContainerDetails } from './responses';

/** How many lines of a log are shown. */
const LINES = 20;

/** How long the end of a log may take to arrive after its container has ended. */
const END_MILLISECONDS = 1000;

const OUTPUT = { stdout: '1', stderr: '1' };

/**
 * The last lines that a container printed since its last start; earlier attempts of a crash loop would only repeat them.
 * @throws DockerApiError also for a logging driver that does not support reading
 */
export async function lastLines(container: string, docker: DockerApi): Promise<string[]> {
  const details = await docker.inspect(container);
  if (details === undefined) return [];
  const read = async (since: string): Promise<string[]> => {
    const query = { ...OUTPUT, tail: String(LINES), since };
    const log = new ContainerLog(details.Config.Tty);
    log.add(await docker.send('GET', `/containers/${container}/logs`, { query }));
    return log.lines();
  };
  const lines = await read(sinceStart(details));
  // It has just been started again.
  return lines.length > 0 ? lines : read('0');
}

/** In the form of the API: seconds with nanoseconds. */
function sinceStart({ State }: ContainerDetails): string {
  const [, nanoseconds = '0'] = /\.(\d+)/.exec(State.StartedAt) ?? [];
  const seconds = Math.floor(Date.parse(State.StartedAt) / 1000);
  return seconds > 0 ? `${seconds}.${nanoseconds.padEnd(9, '0')}` : '0';
}

/** Collects the log of a container while it runs. The log is lost when the container is removed. */
export class LogFollower {
  static async of(container: string, docker: DockerApi): Promise<LogFollower> {
    const query = { ...OUTPUT, follow: '1' };
    return new LogFollower(await docker.open('GET', `/containers/${container}/logs`, { query }));
  }

  private readonly log = new ContainerLog(false);
  private readonly ended: Promise<void>;

  private constructor(private readonly response: IncomingMessage) {
    response.on('data', (chunk: Buffer) => {
      this.log.add(chunk);
    });
    // The engine ends it with the container; an error means that the engine has stopped.
    response.on('error', () => undefined);
    this.ended = new Promise((resolve) => response.on('close', resolve));
  }

  /** The last lines of a container that has ended. */
  async lastLines(): Promise<string[]> {
    const patience = new Promise((resolve) => setTimeout(resolve, END_MILLISECONDS).unref());
    await Promise.race([this.ended, patience]);
    return this.log.lines();
  }

  stop(): void {
    this.response.destroy();
  }
}

const FRAME_HEADER_BYTES = 8;

/** The end of a log. Docker multiplexes stdout and stderr: each frame has a header with its stream and its length. */
class ContainerLog {
  private rest: Buffer = Buffer.alloc(0);
  private text = '';

  /** @param isTerminal whether the container has a terminal, whose output has no frames */
  constructor(private readonly isTerminal: boolean) {}

  add(chunk: Buffer): void {
    if (this.isTerminal) {
      this.text += chunk.toString('utf8');
      return;
    }
    const content = Buffer.concat([this.rest, chunk]);
    const pieces: Buffer[] = [];
    let at = 0;
    while (at + FRAME_HEADER_BYTES <= content.length) {
      const end = at + FRAME_HEADER_BYTES + content.readUInt32BE(at + 4);
      if (end > content.length) break;
      pieces.push(content.subarray(at + FRAME_HEADER_BYTES, end));
      at = end;
    }
    this.rest = content.subarray(at);
    this.text = lastOf(this.text + Buffer.concat(pieces).toString('utf8')).join('\n');
  }

  lines(): string[] {
    return lastOf(this.text).filter((line) => line !== '');
  }
}

/** Enough lines, even if the last one is not complete. */
function lastOf(text: string): string[] {
  return text.split(/\r?\n/).slice(-LINES - 1);
}
