import type { IncomingMessage } from 'node:http';
import { withoutControls } from '../output/control-sequences';
import type { DockerApi } from './docker-api';
import { FrameReader } from './streams';
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

/** The end of a log. */
class ContainerLog {
  private readonly frames: FrameReader;
  private text = '';

  /** @param isTerminal whether the container has a terminal */
  constructor(private readonly isTerminal: boolean) {
    this.frames = new FrameReader(isTerminal);
  }

  add(chunk: Buffer): void {
    const pieces = this.frames.add(chunk).map(({ content }) => content);
    const text = this.text + Buffer.concat(pieces).toString('utf8');
    this.text = this.isTerminal ? text : lastOf(text).join('\n');
  }

  lines(): string[] {
    return lastOf(withoutControls(this.text)).filter((line) => line !== '');
  }
}

/** Enough lines, even if the last one is not complete. */
function lastOf(text: string): string[] {
  return text.split(/\r?\n/).slice(-LINES - 1);
}
