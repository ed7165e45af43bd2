import { Server } from 'socket.io';
import { tokenIn, type Access } from './access';
import type { Service } from './service';

/** Clients only listen: one that sends more than this is disconnected. */
const LONGEST_MESSAGE_BYTES = 1_024;

/** Sends events to every Socket.IO client. */
export class SocketIo {
  private readonly server: Server;

  /** `path` as the clients know it; `pingSeconds` as of `WebSockets`. */
  constructor(service: Service, path: string, pingSeconds: number, access: Access) {
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
      const token: unknown = auth.token;
      void access.refusalOfToken(typeof token === 'string' ? token : tokenIn(headers)).then((refusal) => {
        next(refusal && new Error(refusal.error));
      });
    });
    // close() would also close the HTTP server, which belongs to the service.
    service.http.addHook('preClose', async () => void this.server.engine.close());
  }

  get clients(): number {
    return this.server.engine.clientsCount;
  }

  send(event: string, message: object): void {
    this.server.emit(event, message);
  }
}
