import { Server, type Socket } from 'socket.io';
import { tokenIn, type Access } from './access';
import type { Client, ClientRequests } from './client-requests';
import type { Service } from './service';

/** Requests are short: a client that sends more than this is disconnected. */
const LONGEST_MESSAGE_BYTES = 1_024;

/** Sends events to Socket.IO clients, and acknowledges theirs with an answer. */
export class SocketIo {
  private readonly server: Server;
  private readonly known = new WeakMap<Socket, Client>();

  /** `path` as the clients know it; `pingSeconds` as of `WebSockets`. */
  constructor(
    service: Service,
    path: string,
    pingSeconds: number,
    { access, requests }: { readonly access: Access; readonly requests: ClientRequests },
  ) {
    this.server = new Server(service.http.server, {
      path,
      pingInterval: pingSeconds * 1_000,
      maxHttpBufferSize: LONGEST_MESSAGE_BYTES,
      serveClient: false,
      // Socket.IO must not end upgrades of other paths.
      destroyUpgrade: false,
      allowRequest: (request, decide) => {
        const refusal = access.refusalOfPage(request.headers);
        decide(refusal?.error, refusal === undefined);
      },
    });
    this.server.use((socket, next) => {
      const { auth, headers } = socket.handshake;
      const given: unknown = auth.token;
      const token = typeof given === 'string' ? given : tokenIn(headers);
      this.known.set(socket, { token });
      void access.refusalOfToken(token).then((refusal) => {
        next(refusal && new Error(refusal.error));
      });
    });
    this.server.on('connection', (socket) => {
      for (const name of requests.names) {
        socket.on(name, (body: unknown, acknowledge: unknown) => {
          void requests.answer(this.clientOf(socket), name, body).then((answer) => {
            if (typeof acknowledge === 'function') (acknowledge as (answer: object) => void)(answer);
          });
        });
      }
    });
    // close() would also close the HTTP server, which belongs to the service.
    service.http.addHook('preClose', async () => void this.server.engine.close());
  }

  get clients(): number {
    return this.server.engine.clientsCount;
  }

  /** To all clients, or to those for which `isMeant` holds. */
  send(event: string, message: object, isMeant: (client: Client) => boolean = () => true): void {
    for (const socket of this.server.sockets.sockets.values()) {
      if (isMeant(this.clientOf(socket))) socket.emit(event, message);
    }
  }

  private clientOf(socket: Socket): Client {
    return this.known.get(socket) ?? { token: undefined };
  }
}
