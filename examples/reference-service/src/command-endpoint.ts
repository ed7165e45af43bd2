import { Reply } from 'zeromq';
import type { Configuration } from './configuration';
import type { Service } from './service';

/** Answers one request, already parsed from JSON; what it throws is answered as `{ "error": … }`. */
export type Command = (request: Readonly<Record<string, unknown>>) => unknown;

/** JSON requests and answers on a ZeroMQ REP socket. */
export class CommandEndpoint {
  private readonly address: string;
  private readonly socket = new Reply({ linger: 0 });

  constructor(
    private readonly service: Service,
    configuration: Configuration,
    private readonly commands: ReadonlyMap<string, Command>,
  ) {
    const port = configuration.wholeNumber('ZMQ_EXEC_PORT', { min: 1, max: 65_535, default: 5_555 });
    this.address = `tcp://0.0.0.0:${port}`;
  }

  async bind(): Promise<void> {
    await this.socket.bind(this.address);
    this.service.log.info(`answering commands at ${this.address}`);
  }

  /** Answers requests until the endpoint is closed. */
  async serve(): Promise<void> {
    for await (const [request] of this.socket) {
      await this.socket.send(JSON.stringify(this.answer(String(request))));
    }
  }

  close(): void {
    this.socket.close();
  }

  private answer(text: string): unknown {
    try {
      const request = parseRequest(text);
      const command = this.commands.get(String(request.command));
      if (command === undefined) {
        throw new Error(`unknown command; known commands: ${[...this.commands.keys()].join(', ')}`);
      }
      return command(request);
    } catch (error) {
      this.service.log.warn({ err: error }, 'refused a command');
      return { error: (error as Error).message };
    }
  }
}

function parseRequest(text: string): Record<string, unknown> {
  const request: unknown = JSON.parse(text);
  if (typeof request !== 'object' || request === null) throw new Error('the request must be a JSON object');
  return request as Record<string, unknown>;
}
