import { Reply } from 'zeromq';
import type { Configuration } from './configuration';
import type { Service } from './service';
import { transportName } from './transports';

/** Answers one request, parsed from JSON; errors are answered as `{ "error": … }`. */
export type Command = (request: Readonly<Record<string, unknown>>) => unknown;

/** JSON requests and answers on a ZeroMQ REP socket. */
export class CommandEndpoint {
  private readonly address: string;
  private readonly socket = new Reply({ linger: 0 });
  private serving: Promise<void> | undefined;

  /** On the port of `ZMQ_EXEC_PORT`, if that variable is set or ZeroMQ is the transport. */
  static optional(
    service: Service,
    configuration: Configuration,
    commands: ReadonlyMap<string, Command>,
  ): CommandEndpoint | undefined {
    const isWanted = transportName(configuration) === 'zeromq' || configuration.optionalText('ZMQ_EXEC_PORT');
    if (!isWanted) return undefined;
    const port = configuration.wholeNumber('ZMQ_EXEC_PORT', { min: 1, max: 65_535, default: 5_555 });
    return new CommandEndpoint(service, port, commands);
  }

  private constructor(
    private readonly service: Service,
    port: number,
    private readonly commands: ReadonlyMap<string, Command>,
  ) {
    this.address = `tcp://0.0.0.0:${port}`;
  }

  async start(): Promise<void> {
    await this.socket.bind(this.address);
    this.service.log.info(`answering commands at ${this.address}`);
    this.serving = this.serve();
  }

  async stop(): Promise<void> {
    this.socket.close();
    await this.serving;
  }

  private async serve(): Promise<void> {
    for await (const [request] of this.socket) {
      await this.socket.send(JSON.stringify(this.answer(String(request))));
    }
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
