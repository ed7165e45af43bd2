import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy that breaks the connection after it has forwarded certain data to the server. */
export class CuttingProxy {
  private readonly server: Server;
  private trigger: string | undefined;

  static async to(url: string): Promise<CuttingProxy> {
    const { hostname, port } = new URL(url);
    const proxy = new CuttingProxy({ host: hostname, port: Number(port) });
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor(target: { host: string; port: number }) {
    this.server = createServer((client) => {
      const server = connect(target);
      for (const socket of [client, server]) socket.on('error', () => {});
      client.on('close', () => server.end());
      server.on('close', () => client.destroy());
      server.pipe(client);
      client.on('data', (data) => {
        this.forward(data, client, server);
      });
    });
  }

  /** The URL with the proxy's address in it. */
  url(url: string): string {
    const { port } = this.server.address() as AddressInfo;
    return Object.assign(new URL(url), { host: `127.0.0.1:${port}` }).href;
  }

  /** Breaks the next connection that sends it. */
  cutAt(text: string): void {
    this.trigger = text;
  }

  close(): void {
    this.server.close();
  }

  private forward(data: Buffer, client: Socket, server: Socket): void {
    const { trigger } = this;
    if (trigger === undefined || !data.includes(trigger)) {
      server.write(data);
      return;
    }
    this.trigger = undefined;
    server.unpipe(client);
    client.destroy();
    // Not destroyed before the server has read it.
    server.end(data);
  }
}
