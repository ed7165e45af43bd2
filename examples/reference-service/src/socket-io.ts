import { Server } from 'socket.io';
import type { Service } from './service';

/** Clients only listen: one that sends more than this is disconnected. */
const LONGEST_MESSAGE_BYTES = 1_024;

/** Sends events to every Socket.IO client. */
export class SocketIo {
  private readonly server: Server;

  /** `path` as the clients know it; `pingSeconds` as of `WebSockets`. */
  constructor(service: Service, path: string, pingSeconds: number) {
    this.server = new Server(service.http.server, {
      path,
      pingInterval: pingSeconds * 1_000,
      maxHttpBufferSize: LONGEST_MESSAGE_BYTES,
      serveClient: false,
      // Socket.IO must not end upgrades of other paths.
      destroyUpgrade: false,
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
