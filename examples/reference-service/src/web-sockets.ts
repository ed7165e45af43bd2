import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { type Access, TOKEN_PROTOCOL, tokenIn } from './access';
import type { Client, ClientRequests } from './client-requests';
import type { Service } from './service';

const WEB_SOCKET_PATH = '/ws';

/** Requests are short: a client that sends more than this is disconnected. */
const LONGEST_MESSAGE_BYTES = 1_024;
/** A client that reads too slowly would fill the memory and get outdated prices, so it is disconnected. */
const LARGEST_BACKLOG_BYTES = 1_048_576;
/** By then another handler of this server, such as Socket.IO, has answered an upgrade of another path. */
const UNCLAIMED_MS = 1_000;
const CLOSING_MS = 500;
const RESTARTING = 1_012;

/** Options of {@link WebSockets}. */
interface WebSocketOptions {
  readonly path?: string;
  /** Who may connect; other services of the system, which reach a path of their own, need no permission. */
  readonly access?: Access;
  /** Answers what clients send; without it they only listen. */
  readonly requests?: ClientRequests;
}

/** Sends messages to every client of a WebSocket path, as JSON, until it is closed. */
export class WebSockets {
  private readonly server = new WebSocketServer({
    noServer: true,
    maxPayload: LONGEST_MESSAGE_BYTES,
    // Never the token, which may be another one of them.
    handleProtocols: (protocols) => (protocols.has(TOKEN_PROTOCOL) ? TOKEN_PROTOCOL : ([...protocols][0] ?? false)),
  });
  private readonly silent = new WeakSet<WebSocket>();
  private readonly known = new WeakMap<WebSocket, Client>();
  private readonly pinging: NodeJS.Timeout;

  /** Pings every `pingSeconds` and disconnects clients that did not answer the last ping. */
  constructor(
    service: Service,
    pingSeconds: number,
    { path = WEB_SOCKET_PATH, access, requests }: WebSocketOptions = {},
  ) {
    const http = service.http.server;
    http.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // Without a listener, an error of an upgraded connection would end the process.
      socket.on('error', (error) => {
        service.log.debug({ err: error }, 'lost a connection that was to be upgraded');
      });
      if (pathOf(request) !== path) {
        endUnlessAnswered(socket);
        return;
      }
      void this.upgrade(request, socket, head, { service, access, requests });
    });
    service.http.get(path, (_request, reply) =>
      reply
        .code(426)
        .header('upgrade', 'websocket')
        .send({ error: `${path} is for WebSocket clients` }),
    );
    this.pinging = setInterval(() => {
      this.ping();
    }, pingSeconds * 1_000).unref();
  }

  get clients(): number {
    return this.server.clients.size;
  }

  /** To all clients, or to those for which `isMeant` holds. */
  send(message: object, isMeant: (client: Client) => boolean = () => true): void {
    const text = JSON.stringify(message);
    for (const client of this.server.clients) {
      if (client.readyState !== WebSocket.OPEN) continue;
      const known = this.known.get(client);
      if (known === undefined || isMeant(known)) sendTo(client, text);
    }
  }

  private async upgrade(
    request: IncomingMessage,
    socket: Socket,
    head: Buffer,
    {
      service,
      access,
      requests,
    }: {
      readonly service: Service;
      readonly access: Access | undefined;
      readonly requests: ClientRequests | undefined;
    },
  ): Promise<void> {
    const refusal = await access?.refusal(request.headers);
    if (refusal !== undefined) {
      service.log.warn(`refused a WebSocket: ${refusal.error}`);
      // The connection of an upgrade stays open until both sides close it, and this client need not.
      socket.once('finish', () => socket.destroy());
      socket.end(`HTTP/1.1 ${refusal.code} ${STATUS_CODES[refusal.code] ?? ''}\r\nConnection: close\r\n\r\n`);
      return;
    }
    this.server.handleUpgrade(request, socket, head, (client) => {
      this.welcome(client, service);
      if (requests !== undefined) this.serve(client, { token: tokenIn(request.headers) }, requests);
    });
  }

  private welcome(client: WebSocket, service: Service): void {
    client.on('pong', () => this.silent.delete(client));
    client.on('error', (error) => {
      service.log.debug({ err: error }, 'lost a WebSocket client');
    });
  }

  /** `{ "id": 7, "order": { … } }` is answered with `{ "id": 7, "answer": { … } }`. */
  private serve(socket: WebSocket, client: Client, requests: ClientRequests): void {
    this.known.set(socket, client);
    socket.on('message', (data: Buffer) => {
      const { id, ...rest } = parsed(data);
      const [name, body] = Object.entries(rest)[0] ?? ['', undefined];
      void requests.answer(client, name, body).then((answer) => {
        if (socket.readyState === WebSocket.OPEN) sendTo(socket, JSON.stringify({ id, answer }));
      });
    });
  }

  private ping(): void {
    for (const client of this.server.clients) {
      if (this.silent.has(client)) {
        client.terminate();
      } else {
        this.silent.add(client);
        client.ping();
      }
    }
  }

  /** Notifies the clients of the stop. The HTTP server closes only after their connections. */
  close(): void {
    clearInterval(this.pinging);
    for (const client of this.server.clients) {
      client.close(RESTARTING, 'the service stops');
      // Do not wait for clients that do not answer.
      setTimeout(() => {
        client.terminate();
      }, CLOSING_MS).unref();
    }
    this.server.close();
  }
}

function sendTo(client: WebSocket, text: string): void {
  if (client.bufferedAmount > LARGEST_BACKLOG_BYTES) client.terminate();
  else client.send(text);
}

/** An empty request, which is refused, for what is no JSON object. */
function parsed(data: Buffer): Readonly<Record<string, unknown>> {
  try {
    const message: unknown = JSON.parse(data.toString());
    return typeof message === 'object' && message !== null ? (message as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function endUnlessAnswered(socket: Socket): void {
  const written = socket.bytesWritten;
  setTimeout(() => {
    if (socket.bytesWritten === written) socket.destroy();
  }, UNCLAIMED_MS).unref();
}

/** Without `URL`, which throws on paths that some clients send, such as `//`. */
function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').replace(/[?#].*$/s, '');
}
